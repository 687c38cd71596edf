#include "lab/scenario/scenario_check.hpp"

#include <fmt/format.h>

#include <set>

#include "lab/measure/measurement.hpp"
#include "lab/scenario/figures.hpp"
#include "lab/scenario/scenario_text.hpp"
#include "lab/scenario/units.hpp"
#include "protocol/wire/spp.hpp"

namespace seqwire {
namespace {

class checker {
 public:
  checker(const scenario& of, const value_origins& origins) : scenario_(of), origins_(origins) {}

  std::vector<scenario_error> run() {
    for (const link_settings& link : scenario_.links) {
      check_direction(link.ends, link.a_to_b);
      check_direction({link.ends.b, link.ends.a}, link.b_to_a);
    }
    for (std::size_t flow = 0; flow < scenario_.flows.size(); ++flow) check_keys_of(flow);
    if (check_transfers()) check_measures();
    return std::move(faults_);
  }

 private:
  void complain(std::string_view at, std::string_view what, std::string_view expected, std::string_view got) {
    faults_.push_back({error_line(at, what, expected, got)});
  }

  void check_direction(const joined_hosts& way, const channel_settings& of) {
    const auto minimum = of.further.get<std::uint64_t>("red_minimum");
    const auto maximum = of.further.get<std::uint64_t>("red_maximum");
    if (minimum >= maximum)
      complain(origins_.of_way(way, {"red_minimum", "red_maximum"}), "red_minimum is not below red_maximum",
               fmt::format("at most {}", maximum - 1), fmt::format("{}", minimum));
    if (of.further.is_set("trace") && (of.rate != 0 || of.further.is_set("rate_changes")))
      complain(origins_.of_way(way, {"trace", "rate"}), "trace and a rate exclude each other", "one of them", "both");
  }

  // What does not hang on the way through the network.
  void check_keys_of(std::size_t number) {
    const std::string flow = fmt::format("flow.{}.", number);
    constexpr struct {
      const char* key;
      const char* other;
      const char* expected;
    } exclusions[] = {{"files", "records", "files, or made-up records"},
                      {"files", "record_size", "files, or made-up records"},
                      {"files", "workload", "files, or made-up records"},
                      {"trace", "records", "a trace, or records without one"},
                      {"trace", "record_size", "a trace, or records without one"},
                      {"interval", "offered_rate", "one of them"}};
    for (const auto& [key, other, expected] : exclusions)
      if (origins_.find(flow + key) != nullptr && origins_.find(flow + other) != nullptr)
        complain(*origins_.find(flow + other), fmt::format("{0}{1} and {0}{2} exclude each other", flow, key, other),
                 expected, "both");
    const spp_config& spp = scenario_.flows[number].spp;
    if (spp.minimum_timeout > spp.maximum_timeout)
      complain(origins_.of({flow + "minimum_timeout", flow + "maximum_timeout"}),
               flow + "minimum_timeout is above maximum_timeout",
               fmt::format("at most {}", print_duration(spp.maximum_timeout)), print_duration(spp.minimum_timeout));
  }

  // False: there are none, and so nothing that could be measured of them.
  bool check_transfers() {
    const network_map map = map_of(scenario_);
    const auto plan = plan_flows(scenario_, map);
    if (!plan) {
      const flow_fault& fault = plan.error();
      const flow_settings& flow = scenario_.flows[fault.flow];
      const std::string key = fmt::format("flow.{}.{}", fault.flow, fault.key);
      complain(origins_.of({key}), key + " has a bad value", fault.expected,
               fault.key == "copies" ? fmt::format("{}", flow.copies)
                                     : in_quotes(fault.key == "from" ? flow.from : flow.to));
      return false;
    }
    const network_figures figures(scenario_, map);
    std::set<std::size_t> at_fault;                            // flows of which something was said
    std::set<std::pair<std::size_t, std::size_t>> known_mtus;  // of which flow: many transfers have the same
    for (const planned_flow& each : *plan) {
      // Copies on the same link are all alike.
      if (at_fault.contains(each.settings) || (each.copy > 0 && scenario_.links.size() == 1)) continue;
      const std::size_t before = faults_.size();
      const std::size_t mtu = path_mtu(scenario_, each);
      if (known_mtus.emplace(each.settings, mtu).second) check_sizes(each.settings, mtu);
      if (faults_.size() == before) check_packet_life(each, figures);
      if (faults_.size() > before) at_fault.insert(each.settings);
    }
    return true;
  }

  void check_sizes(std::size_t number, std::size_t mtu) {
    const std::string flow = fmt::format("flow.{}.", number);
    const flow_settings& settings = scenario_.flows[number];
    if (const auto fault = find_fault(settings, mtu)) {
      const std::string key = flow + std::string(fault->key);
      complain(origins_.of({key}), fmt::format("{} {}", key, fault->what), fault->expected, fault->got);
      return;
    }
    const std::size_t room = mtu - spp_overhead;
    if (settings.spp.packet_data > room)
      complain(origins_.of({flow + "packet_data", "link.mtu"}), flow + "packet_data does not fit the MTU",
               fmt::format("2 to {} for link.mtu = {}, or 0 to fill it", room, mtu),
               fmt::format("{}", settings.spp.packet_data));
  }

  void check_packet_life(const planned_flow& planned, const network_figures& of) {
    const spp_config& spp = scenario_.flows[planned.settings].spp;
    if (!spp.enforce_packet_life) return;
    const flow_figures figures = of.of(planned);
    if (!figures.is_impossible()) return;
    const std::string flow = fmt::format("flow.{}", planned.settings);
    const std::string& of_link = origins_.of_way(figures.bottleneck, {"rate", "rate_changes", "delay"});
    const std::string* const at = origins_.find_first({flow + ".packet_life", flow + ".window"});
    complain(at != nullptr ? *at : of_link, flow + " can number no packets so fast",
             fmt::format("at most {} packets within a packet life, 65535 less the allocation of {} (or "
                         "enforce_packet_life = false)",
                         figures.bound, spp.allocation),
             fmt::format("{:.0f}, which are {:.0f} packets/s for {}", figures.asked, figures.fastest,
                         print_duration(figures.packet_life)));
  }

  void check_measures() {
    check_list("measure.values", scenario_.measure.values, measure_time::instant);
    check_list("measure.series", scenario_.measure.series, measure_time::run);
    for (const expected_value& each : scenario_.expectations) {
      const std::string key = "expect." + each.measure;
      const std::string& at = origins_.of({key});
      const auto found = find_measure(each.measure, scenario_);
      if (!found) {
        complain(at, "unknown measure in [expect]", found.error(), in_quotes(each.measure));
      } else if (found->row->time == measure_time::instant) {
        complain(at, key + " is of an instant", "a measure of an interval or of the run", "that");
      } else if (const auto value = parse_expectation(each.value, *found->row); !value) {
        complain(at, key + " has a bad value", value.error(), in_quotes(each.value));
      }
    }
  }

  void check_list(const std::string& key, const std::string& list, measure_time not_of) {
    if (const auto found = named_measures(list, scenario_, not_of); !found)
      complain(origins_.of({key}), key + " has a bad value", found.error().expected, in_quotes(found.error().got));
  }

  const scenario& scenario_;
  const value_origins& origins_;
  std::vector<scenario_error> faults_;
};

}  // namespace

std::vector<scenario_error> faults_of(const scenario& of, const value_origins& origins) {
  return checker(of, origins).run();
}

}  // namespace seqwire
