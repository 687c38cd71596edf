#include "lab/scenario/doubts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "lab/scenario/figures.hpp"
#include "lab/scenario/scenario_keys.hpp"
#include "lab/scenario/scenario_text.hpp"
#include "lab/scenario/units.hpp"
#include "protocol/wire/idp.hpp"
#include "sim/registry.hpp"

namespace seqwire {
namespace {

// Keys of flows that only some flows look at.
struct conditional_key {
  std::string_view name;
  bool (*counts)(const flow_settings& of);
  std::string_view needs;  // for it to count
};

bool has_connection(const flow_settings& of) { return of.socket != flow_type::datagram; }
bool has_interval(const flow_settings& of) {
  const workload_kind kind = of.workload.kind;
  return kind == workload_kind::constant || kind == workload_kind::poisson || kind == workload_kind::on_off;
}
bool is_on_off(const flow_settings& of) { return of.workload.kind == workload_kind::on_off; }
bool has_responses(const flow_settings& of) { return of.workload.kind == workload_kind::request_response; }
bool varies_in_size(const flow_settings& of) { return of.workload.sizes != size_distribution::fixed; }
bool has_mean_size(const flow_settings& of) { return of.workload.sizes != size_distribution::uniform; }
bool is_pareto(const flow_settings& of) { return of.workload.sizes == size_distribution::pareto; }
bool delays_answers(const flow_settings& of) { return has_connection(of) && of.spp.acknowledgement != "immediate"; }
bool starts_slowly(const flow_settings& of) { return has_connection(of) && of.spp.sender != "fixed"; }
bool sends_files(const flow_settings& of) { return !of.files.empty(); }

constexpr std::string_view needs_interval = "workload = \"constant\", \"poisson\" or \"on-off\"";
constexpr std::string_view needs_connection = "a socket with a connection, not \"datagram\"";
constexpr conditional_key conditional_keys[] = {
    {"interval", has_interval, needs_interval},
    {"offered_rate", has_interval, needs_interval},
    {"on_time", is_on_off, "workload = \"on-off\""},
    {"off_time", is_on_off, "workload = \"on-off\""},
    {"on_off_distribution", is_on_off, "workload = \"on-off\""},
    {"response_size", has_responses, "workload = \"request-response\""},
    {"think_time", has_responses, "workload = \"request-response\""},
    {"think_time_distribution", has_responses, "workload = \"request-response\""},
    {"record_size", has_mean_size, "another record_size_distribution than \"uniform\""},
    {"record_size_minimum", varies_in_size, "a record_size_distribution"},
    {"record_size_maximum", varies_in_size, "a record_size_distribution"},
    {"pareto_shape", is_pareto, "record_size_distribution = \"pareto\""},
    {"leave_out", sends_files, "files"},
    {"initial_window", starts_slowly, "a sender that starts slowly, such as \"newreno\""},
    {"acknowledgement_delay", delays_answers, "acknowledgement = \"delayed\""},
    {"acknowledgement", has_connection, needs_connection},
    {"sender", has_connection, needs_connection},
    {"window", has_connection, needs_connection},
    {"allocation", has_connection, needs_connection},
    {"packet_data", has_connection, needs_connection},
};

// Parameters of queue disciplines begin with a word of their own.
constexpr struct {
  std::string_view word;
  std::string_view discipline;
  std::string_view other;
} queue_words[] = {{"red_", "red", "red"},
                   {"pie_", "pie", "pie"},
                   {"fq_codel_", "fq_codel", "fq_codel"},
                   {"codel_", "codel", "fq_codel"},
                   {"mark_threshold", "mark_threshold", "mark_threshold"}};

class doubter {
 public:
  doubter(const scenario& of, const value_origins& origins)
      : scenario_(of), origins_(origins), map_(map_of(of)), figures_(of, map_) {
    if (auto plan = plan_flows(of, map_)) plan_ = *std::move(plan);
  }

  std::vector<scenario_error> run() {
    for (const link_settings& link : scenario_.links) {
      doubt_direction(link.ends, link.a_to_b, link.mtu);
      doubt_direction({link.ends.b, link.ends.a}, link.b_to_a, link.mtu);
    }
    doubt_idle_queues();
    doubt_unused_links();
    doubt_overload();
    for (std::size_t flow = 0; flow < scenario_.flows.size(); ++flow) doubt_keys_of(flow);
    doubt_transfers();
    doubt_measures();
    return std::move(doubts_);
  }

 private:
  void doubt(std::string_view at, std::string_view what, std::string_view expected, std::string_view got) {
    doubts_.push_back({error_line(at, what, expected, got)});
  }

  // What is said of all links is told once.
  bool is_new(const std::string& at, std::string_view kind) { return told_.emplace(at, kind).second; }

  static bool has_rate(const channel_settings& of) {
    return of.rate != 0 || of.further.is_set("trace") || of.further.is_set("rate_changes");
  }

  void doubt_direction(const joined_hosts& way, const channel_settings& of, std::size_t mtu) {
    const std::string name = "link." + name_of_way(way);
    const auto& get = of.further;
    if (of.loss > 0 && !get.get<std::vector<double>>("gilbert_elliott").empty())
      if (const std::string& at = origins_.of_way(way, {"gilbert_elliott", "loss"}); is_new(at, "loss"))
        doubt(at, name + " loses frames by loss and by gilbert_elliott, each on its own", "one of them", "both");
    const std::string& discipline = get.get<std::string>("queue_discipline");
    const auto waiting = static_cast<std::size_t>(get.get<std::uint64_t>("queue_octets"));
    if (has_rate(of) && discipline != "infinite" && of.queue == 0)
      if (const std::string& at = origins_.of_way(way, {"queue"}); is_new(at, "queue"))
        doubt(at, name + " has a queue below one packet: whatever finds it busy is lost", "queue = 1 or more", "0");
    if (has_rate(of) && waiting != 0 && waiting < mtu)
      if (const std::string& at = origins_.of_way(way, {"queue_octets"}); is_new(at, "queue_octets"))
        doubt(at, name + " has a queue below one packet: full ones may never wait",
              fmt::format("queue_octets = {} or more, the MTU, or 0 to count frames", mtu), fmt::format("{}", waiting));
    for (const parameter& each : link_parameters())
      for (const auto& [word, of_this, of_other] : queue_words)
        if (each.name.starts_with(word) && get.is_set(each.name) && discipline != of_this && discipline != of_other)
          if (const std::string& at = origins_.of_way(way, {each.name}); is_new(at, each.name))
            doubt(at, fmt::format("{}.{} has no effect", name, each.name),
                  fmt::format("queue_discipline = \"{}\"", of_this), fmt::format("\"{}\"", discipline));
  }

  void doubt_idle_queues() {
    for (const link_settings& link : scenario_.links)
      if (has_rate(link.a_to_b) || has_rate(link.b_to_a)) return;
    const link_settings& first = scenario_.links.front();
    for (const auto& [way, of] :
         {std::pair{first.ends, &first.a_to_b}, {joined_hosts{first.ends.b, first.ends.a}, &first.b_to_a}})
      if (of->further.is_set("queue_discipline"))
        if (const std::string& at = origins_.of_way(way, {"queue_discipline"}); is_new(at, "queue_discipline"))
          doubt(at, "nothing ever waits in a queue", "a rate of a link", "unlimited rates");
  }

  // Where routers look for ways themselves, any link may become one.
  void doubt_unused_links() {
    if (scenario_.topology.routing == "rip") return;
    std::vector<bool> used(scenario_.links.size());
    for (const planned_flow& each : plan_) {
      for (const std::size_t link : each.path) used[link] = true;
      if (const auto back = map_.path(each.to, each.from))
        for (const std::size_t link : *back) used[link] = true;
    }
    constexpr std::size_t most = 8;
    std::vector<std::string> names;
    std::size_t unused = 0;
    for (std::size_t link = 0; link < used.size(); ++link) {
      if (used[link]) continue;
      const auto& [a, b] = scenario_.links[link].ends;
      if (++unused <= most) names.push_back(a + '-' + b);
    }
    if (unused == 0) return;
    doubt(origins_.of({"topology.links", "topology.size", "topology.shape"}), "links that no flow crosses",
          "a flow across each, or a smaller topology",
          fmt::format("{}{}", fmt::join(names, ", "), unused > most ? fmt::format(", ... ({})", unused) : ""));
  }

  // Datagrams come whether or not there is room; a queue may take them if they are few.
  void doubt_overload() {
    std::map<std::pair<std::size_t, bool>, double> offered;  // bits per second
    for (const planned_flow& each : plan_) {
      const flow_settings& flow = scenario_.flows[each.settings];
      if (has_connection(flow)) continue;
      const double size = mean_record_size(flow) + static_cast<double>(idp_layout::octets);
      std::size_t at = each.from;
      for (const std::size_t link : each.path) {
        const bool forward = map_.a_of(link) == at;
        at = map_.across(link, at);
        const channel_settings& by = forward ? scenario_.links[link].a_to_b : scenario_.links[link].b_to_a;
        if (flow.records <= by.queue && flow.workload.kind != workload_kind::trace) continue;
        offered[{link, forward}] +=
            records_per_second(flow) * std::max(size + static_cast<double>(by.overhead), 0.0) * 8;
      }
    }
    for (const auto& [where, rate] : offered) {
      const auto& [link, forward] = where;
      const auto most = figures_.rate_of(link, forward);
      if (!most || rate <= *most) continue;
      const auto& [a, b] = scenario_.links[link].ends;
      const joined_hosts way = forward ? joined_hosts{a, b} : joined_hosts{b, a};
      doubt(origins_.of_way(way, {"rate", "rate_changes"}),
            fmt::format("link.{} is offered more datagrams than it carries", name_of_way(way)),
            fmt::format("at most {} (a higher rate, or longer intervals)", rate_text(*most)), rate_text(rate));
    }
  }

  static std::string rate_text(double bits_per_second) {
    constexpr double most = 1e18;
    return bits_per_second > most ? "all at once" : print_rate(static_cast<std::uint64_t>(bits_per_second));
  }

  void doubt_keys_of(std::size_t number) {
    scenario plain;
    plain.flows.assign(number + 1, default_flow());
    const key_place place{.flow = number};
    for (const conditional_key& each : conditional_keys) {
      const std::string name = fmt::format("flow.{}.{}", number, each.name);
      const std::string* const at = origins_.find(name);
      if (at == nullptr || each.counts(scenario_.flows[number])) continue;
      for (const scenario_key& key : scenario_keys())
        if (key.table == key_table::flow && key.name == each.name)
          if (const std::string value = key.print(scenario_, place); value != key.print(plain, place))
            doubt(*at, name + " has no effect", fmt::format("{}, or no {}", each.needs, each.name), value);
    }
  }

  void doubt_transfers() {
    std::vector<flow_figures> all;
    all.reserve(plan_.size());
    std::map<std::string, double> windows;  // of all who share a bottleneck
    for (const planned_flow& each : plan_) {
      all.push_back(figures_.of(each));
      if (all.back().has_connection)
        windows[name_of_way(all.back().bottleneck)] += static_cast<double>(all.back().window);
    }
    for (std::size_t i = 0; i < plan_.size(); ++i) {
      doubt_time(plan_[i], all[i]);
      doubt_window(plan_[i], all[i], windows[name_of_way(all[i].bottleneck)]);
    }
  }

  void doubt_time(const planned_flow& planned, const flow_figures& figures) {
    const std::string flow = fmt::format("flow.{}", planned.settings);
    const spp_config& spp = scenario_.flows[planned.settings].spp;
    if (planned.start >= scenario_.time_limit && is_new(flow, "start"))
      doubt(origins_.of({flow + ".start", flow + ".stagger", "scenario.time_limit"}),
            flow + " begins when the run has ended",
            fmt::format("a start before scenario.time_limit = {}, or a later limit",
                        print_duration(scenario_.time_limit)),
            print_duration(planned.start));
    if (!figures.has_connection) return;
    if (spp.packet_life != duration{})
      if (const duration of_way = path_life(scenario_, planned); spp.packet_life < of_way && is_new(flow, "life"))
        doubt(origins_.of({flow + ".packet_life"}), flow + ".packet_life is shorter than packets may live on its way",
              fmt::format("at least {}, or auto", print_duration(of_way)), print_duration(spp.packet_life));
    if (!spp.enforce_packet_life && figures.asked > static_cast<double>(figures.bound) && is_new(flow, "enforce"))
      doubt(origins_.of({flow + ".enforce_packet_life"}), flow + " does not enforce the packet life",
            fmt::format("at most {} packets within it, which can be told apart, or enforce_packet_life = true",
                        figures.bound),
            fmt::format("{:.0f}", figures.asked));
  }

  // `together`: packets of all flows whose bottleneck it is.
  void doubt_window(const planned_flow& planned, const flow_figures& figures, double together) {
    const std::string flow = fmt::format("flow.{}", planned.settings);
    const flow_settings& settings = scenario_.flows[planned.settings];
    const bool is_bulk = settings.workload.kind == workload_kind::bulk;
    if (!figures.has_connection || !is_bulk || !std::isfinite(figures.bandwidth_delay)) return;
    const double packets = std::ceil(figures.bandwidth_delay);
    const bool is_short =
        settings.files.empty() && static_cast<double>(settings.records) * mean_record_size(settings) <=
                                      packets * static_cast<double>(path_mtu(scenario_, planned));
    if (together >= std::floor(figures.bandwidth_delay) || is_short || !is_new(flow, "window")) return;
    doubt(origins_.of({flow + ".window", flow + ".allocation", flow + ".sender"}),
          flow + " has a window below bandwidth times delay, and leaves its way idle",
          fmt::format("at least {:.0f} packets for {}: window and allocation, or more flows", packets,
                      name_of_way(figures.bottleneck)),
          fmt::format("{}", figures.window));
  }

  void doubt_measures() {
    const measure_settings& of = scenario_.measure;
    const bool has_names = !of.values.empty() || !scenario_.expectations.empty();
    const std::string limit = fmt::format("less than scenario.time_limit = {}", print_duration(scenario_.time_limit));
    if (of.warm_up >= scenario_.time_limit)
      doubt(origins_.of({"measure.warm_up"}), "measure.warm_up is longer than the run", limit,
            print_duration(of.warm_up));
    if (of.batch != duration{} && of.warm_up + of.batch >= scenario_.time_limit)
      doubt(origins_.of({"measure.batch"}), "measure.batch leaves no whole interval behind the warm-up", limit,
            print_duration(of.batch));
    if (of.batch != duration{} && !has_names)
      doubt(origins_.of({"measure.batch"}), "measure.batch has nothing to measure", "values, or [expect]", "neither");
    if (of.period != duration{} && of.series.empty() && !has_names)
      doubt(origins_.of({"measure.period"}), "measure.period has nothing to tell of", "series or values", "neither");
    if (of.period == duration{} && !of.series.empty())
      doubt(origins_.of({"measure.series"}), "measure.series is never told", "a period", "none");
  }

  const scenario& scenario_;
  const value_origins& origins_;
  network_map map_;
  network_figures figures_;
  std::vector<planned_flow> plan_;
  std::vector<scenario_error> doubts_;
  std::set<std::pair<std::string, std::string>> told_;  // place and kind
};

}  // namespace

std::vector<scenario_error> doubts_about(const scenario& of, const value_origins& origins) {
  return doubter(of, origins).run();
}

}  // namespace seqwire
