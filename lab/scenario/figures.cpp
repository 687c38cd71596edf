#include "lab/scenario/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "lab/scenario/units.hpp"
#include "protocol/wire/spp.hpp"

namespace seqwire {
namespace {

constexpr double unlimited = std::numeric_limits<double>::infinity();

// Bits per second that a direction carries at most at any time. A trace counts as unlimited: what it carries in a
// moment can be anything.
double highest_rate(const channel_settings& of) {
  if (of.rate == 0 || of.further.is_set("trace")) return unlimited;
  std::uint64_t highest = of.rate;
  for (const timed_value& each : of.further.get<timed_values>("rate_changes")) {
    if (each.value == 0) return unlimited;
    highest = std::max(highest, each.value);
  }
  return static_cast<double>(highest);
}

duration shortest_delay(const channel_settings& of) {
  duration shortest = of.delay;
  for (const timed_value& each : of.further.get<timed_values>("delay_changes"))
    shortest = std::min(shortest, duration{static_cast<std::int64_t>(each.value)});
  if (of.further.get<double>("overtaking") > 0) return {};
  const std::string& spread = of.further.get<std::string>("jitter_distribution");
  const duration jitter = of.further.get<duration>("jitter");
  if (spread == "normal" && jitter > duration{}) return {};
  if (spread == "uniform") shortest = shortest - std::min(shortest, jitter);
  return shortest;
}

duration span_of(double seconds) {
  constexpr double most = 9e9;  // some 285 years: within the range of a duration
  return duration{static_cast<std::int64_t>(std::min(seconds, most) * 1e9)};
}

// What a flow puts on its way, in packets.
struct flow_shape {
  flow_shape(const flow_settings& flow, std::size_t mtu) : has_connection(flow.socket != flow_type::datagram) {
    overhead = static_cast<double>(has_connection ? spp_overhead : idp_layout::octets);
    const std::size_t fills =
        flow.spp.packet_data == 0 ? (mtu - std::min(mtu, spp_overhead)) / 2 * 2 : flow.spp.packet_data;
    const auto full = static_cast<double>(std::max<std::size_t>(fills, 1));
    size = flow.files.empty() ? mean_record_size(flow) : full;
    if (has_connection) packets_per_record = std::max(1.0, std::ceil(size / full));
    data = flow.files.empty() ? size / packets_per_record : full;
  }

  bool has_connection;
  double overhead;                // octets of headers in each packet
  double size = 0;                // octets of a record, on the average
  double packets_per_record = 1;  // as above
  double data = 0;                // octets of data in a packet, as above
};

bool leaves_to_chance(const flow_settings& flow) {
  const workload_settings& of = flow.workload;
  const bool waits_between = of.kind == workload_kind::poisson || of.kind == workload_kind::on_off;
  const bool varies = of.kind == workload_kind::trace || of.sizes != size_distribution::fixed;
  const bool thinks = of.kind == workload_kind::request_response && of.thinking != span_distribution::fixed;
  return !flow.files.empty() || varies || waits_between || thinks;
}

// What the last record waits for at least before it is sent, in seconds from the flow's start.
double last_due(const flow_settings& flow, double round_trip) {
  const workload_settings& of = flow.workload;
  const double before = flow.records == 0 ? 0 : static_cast<double>(flow.records - 1);
  switch (of.kind) {
    case workload_kind::constant: return before * interval_of(flow).seconds();
    case workload_kind::request_response: return before * (round_trip + of.think_time.seconds());
    default: return 0;
  }
}

std::string count_of(double packets) { return std::isfinite(packets) ? fmt::format("{:.1f}", packets) : "unlimited"; }

std::string milliseconds(duration span) { return fmt::format("{:.3f} ms", span.seconds() * 1e3); }

}  // namespace

bool flow_figures::is_impossible() const {
  return has_connection && std::isfinite(link_rate) && asked > static_cast<double>(bound);
}

network_figures::network_figures(const scenario& of, const network_map& map) : scenario_(of), map_(map) {
  links_.reserve(of.links.size());
  for (const link_settings& each : of.links) links_.push_back({figures_of(each.a_to_b), figures_of(each.b_to_a)});
}

network_figures::way_figures network_figures::figures_of(const channel_settings& of) {
  return {highest_rate(of), shortest_delay(of), static_cast<double>(of.overhead)};
}

std::optional<double> network_figures::rate_of(std::size_t link, bool a_to_b) const {
  const double rate = a_to_b ? links_[link].a_to_b.rate : links_[link].b_to_a.rate;
  return std::isfinite(rate) ? std::optional(rate) : std::nullopt;
}

network_figures::crossing network_figures::cross(std::size_t from, const std::vector<std::size_t>& path,
                                                 double size) const {
  crossing sum;
  for (const std::size_t link : path) {
    const bool forward = map_.a_of(link) == from;
    const way_figures& by = forward ? links_[link].a_to_b : links_[link].b_to_a;
    const double takes = std::max(size + by.overhead, 0.0) * 8 / by.rate;
    from = map_.across(link, from);
    sum.propagation += by.delay.seconds();
    sum.transmission += takes;
    if (takes <= sum.longest) continue;
    sum.longest = takes;
    const auto& [a, b] = scenario_.links[link].ends;
    sum.slowest = forward ? joined_hosts{a, b} : joined_hosts{b, a};
  }
  return sum;
}

flow_figures network_figures::of(const planned_flow& planned) const {
  const flow_settings& flow = scenario_.flows[planned.settings];
  const flow_shape shape(flow, path_mtu(scenario_, planned));
  const crossing out = cross(planned.from, planned.path, shape.data + shape.overhead);
  const auto way_back = map_.path(planned.to, planned.from);
  const crossing back = way_back ? cross(planned.to, *way_back, shape.overhead) : crossing{};
  const double round_trip = out.propagation + out.transmission + back.propagation + back.transmission;

  flow_figures figures;
  figures.has_connection = shape.has_connection;
  figures.packet_life = flow.spp.packet_life != duration{} ? flow.spp.packet_life : path_life(scenario_, planned);
  figures.round_trip = span_of(round_trip);
  figures.bottleneck = out.slowest;
  figures.link_rate = out.longest > 0 ? 1 / out.longest : unlimited;
  figures.offered = records_per_second(flow) * shape.packets_per_record;
  figures.bandwidth_delay = round_trip > 0 ? round_trip * figures.link_rate : 0;
  figures.fastest = std::min(figures.link_rate, figures.offered);
  if (figures.has_connection) {
    figures.window = flow.spp.sender == "fixed" ? std::min(flow.spp.window, flow.spp.allocation) : flow.spp.allocation;
    if (round_trip > 0) figures.fastest = std::min(figures.fastest, static_cast<double>(figures.window) / round_trip);
    figures.bound = 65535 - flow.spp.allocation;
    figures.asked = figures.packet_life > duration{} ? figures.fastest * figures.packet_life.seconds() : 0;
  }
  if (leaves_to_chance(flow)) return figures;

  // Without the time that packets and answers take to be sent, but where it adds up.
  const double empty_round_trip = out.propagation + back.propagation;
  const double opening = figures.has_connection ? empty_round_trip : 0;
  const double packets = static_cast<double>(flow.records) * shape.packets_per_record;
  const double rounds =
      figures.has_connection && packets > 0 ? std::floor((packets - 1) / static_cast<double>(figures.window)) : 0;
  const double sending = std::max({packets * out.longest, rounds * empty_round_trip, last_due(flow, empty_round_trip)});
  figures.shortest =
      span_of(std::max(planned.start.seconds(), opening) + (packets > 0 ? sending + out.propagation : 0));
  return figures;
}

std::string name_of_way(const joined_hosts& from_to) { return from_to.a + "_to_" + from_to.b; }

std::vector<std::string> describe(const flow_figures& figures) {
  const std::string on_link = figures.bottleneck.a.empty() ? "the way" : name_of_way(figures.bottleneck);
  std::vector<std::string> lines{
      fmt::format("packet life {}: no copy of a packet arrives later", milliseconds(figures.packet_life))};
  const std::string rate = fmt::format("packets per second {} on {}", count_of(figures.link_rate), on_link);
  const std::string offered =
      std::isfinite(figures.offered) ? fmt::format(", {} offered", count_of(figures.offered)) : "";
  if (!figures.has_connection) {
    lines.push_back(rate + offered);
  } else {
    lines.push_back(fmt::format("round trip {} at least; {}{}", milliseconds(figures.round_trip), rate, offered));
    lines.push_back(fmt::format("bandwidth times delay {} packets; window {} packets",
                                count_of(figures.bandwidth_delay), figures.window));
    lines.push_back(fmt::format("packets per second {} at most; within a packet life {}, of {} that can be told apart",
                                count_of(figures.fastest), count_of(figures.asked), figures.bound));
  }
  if (figures.shortest) lines.push_back(fmt::format("over after {} at the earliest", milliseconds(*figures.shortest)));
  return lines;
}

}  // namespace seqwire
