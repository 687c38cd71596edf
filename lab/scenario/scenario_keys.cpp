#include "lab/scenario/scenario_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "lab/protocols.hpp"
#include "lab/scenario/flow_plan.hpp"
#include "lab/scenario/parameter_text.hpp"
#include "protocol/base/require.hpp"
#include "protocol/policy/registry.hpp"
#include "protocol/wire/spp.hpp"
#include "sim/registry.hpp"

namespace seqwire {
namespace {

using form = value_shape::form;

constexpr std::uint64_t any_number = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t largest_packet = 65535;  // IDP's length field
// Bounds on time keep sums and backed-off timers within 64 bits of nanoseconds.
constexpr duration one_hour = 3600_s;
constexpr duration one_year = one_hour * 8760;

// The parts of a scenario that a key speaks of; the first one is the one that prints.
template <class Owner, class Scenario>
auto owners(Scenario& of, const key_place& place) {
  using part = std::conditional_t<std::is_const_v<Scenario>, const Owner*, Owner*>;
  constexpr bool of_links = std::is_same_v<Owner, channel_settings> || std::is_same_v<Owner, link_settings>;
  std::vector<part> parts;
  if constexpr (std::is_same_v<Owner, scenario>) {
    parts.push_back(&of);
  } else if constexpr (std::is_same_v<Owner, topology_settings>) {
    parts.push_back(&of.topology);
  } else if constexpr (std::is_same_v<Owner, measure_settings>) {
    parts.push_back(&of.measure);
  } else if constexpr (of_links) {
    const std::size_t first = place.link.value_or(0);
    for (std::size_t i = first; i < (place.link ? first + 1 : of.links.size()); ++i) {
      if constexpr (std::is_same_v<Owner, link_settings>) {
        parts.push_back(&of.links.at(i));
      } else {
        if (place.of_link != key_place::directions::b_to_a) parts.push_back(&of.links.at(i).a_to_b);
        if (place.of_link != key_place::directions::a_to_b) parts.push_back(&of.links.at(i).b_to_a);
      }
    }
  } else if constexpr (std::is_same_v<Owner, flow_settings>) {
    parts.push_back(&of.flows.at(place.flow));
  } else if constexpr (std::is_same_v<Owner, workload_settings>) {
    parts.push_back(&of.flows.at(place.flow).workload);
  } else {
    parts.push_back(&of.flows.at(place.flow).spp);
  }
  return parts;
}

// The one that prints, without a list of the others.
template <class Owner>
const Owner& first_owner(const scenario& of, const key_place& place) {
  key_place one = place;
  one.link = place.link.value_or(0);
  return *owners<Owner>(of, one).front();
}

template <class Owner, class Value>
scenario_key row(key_table table, std::string_view name, Value Owner::*member, value_type<Value> type,
                 std::string_view meaning) {
  return {
      table,
      name,
      meaning,
      type.expected,
      kinds_of(type.shape),
      [=](scenario& to, const key_place& place, std::string_view text) -> result<void, unit_error> {
        const auto value = type.parse(text);
        if (!value) return failure(value.error());
        for (Owner* const owner : owners<Owner>(to, place)) owner->*member = *value;
        return {};
      },
      [=](const scenario& from, const key_place& place) { return type.print(first_owner<Owner>(from, place).*member); },
      false,
      type.shape};
}

value_shape shape_of(const parameter& of) {
  switch (of.kind) {
    case parameter_kind::whole:
      return {form::whole, static_cast<std::int64_t>(of.minimum), static_cast<std::int64_t>(of.maximum)};
    case parameter_kind::size: return {form::size};
    case parameter_kind::probability: return {form::probability};
    case parameter_kind::span: return {form::span};
    case parameter_kind::flag: return {form::flag};
    case parameter_kind::choice: return {.is = form::choice, .choices = {of.choices.begin(), of.choices.end()}};
    case parameter_kind::ordinals: return {form::ordinals};
    default: return {};  // lists in a text
  }
}

// What an impairment or a queue discipline says of itself.
scenario_key row(const parameter& of) {
  using channel = channel_settings;
  return {key_table::direction,
          of.name,
          of.meaning,
          expected_of(of),
          kinds_of(shape_of(of)),
          [&of](scenario& to, const key_place& place, std::string_view text) -> result<void, unit_error> {
            const auto value = parse_parameter(of, text);
            if (!value) return failure(value.error());
            for (channel* const owner : owners<channel>(to, place)) owner->further.set(of.name, *value);
            return {};
          },
          [&of](const scenario& from, const key_place& place) {
            return print_parameter(of, first_owner<channel>(from, place).further.value(of.name));
          },
          true,
          shape_of(of)};
}

scenario_key only_if_said(scenario_key key) {
  key.only_if_said = true;
  return key;
}

std::vector<scenario_key> keys_of_scenario_and_link() {
  using channel = channel_settings;
  using net = topology_settings;
  constexpr auto top = key_table::scenario;
  constexpr auto topology = key_table::topology;
  constexpr auto link = key_table::link;
  constexpr auto way = key_table::direction;
  return {
      row(top, "name", &scenario::name, words(200), "what the experiment is called"),
      row(top, "protocol", &scenario::protocol, one_of(protocol_names()), "carries the flows' records"),
      row(top, "seed", &scenario::seed, count(0, any_number), "every random choice follows from it"),
      row(top, "time_limit", &scenario::time_limit, time_span(1_ns, one_year), "the run ends here at the latest"),
      only_if_said(row(top, "qlog", &scenario::qlog, yes_or_no(), "writes the events of each host, as qlog")),
      row(topology, "shape", &net::shape, one_of(topology_shapes()),
          "which hosts there are, and who is joined to whom"),
      row(topology, "size", &net::size, count(1, maximum_topology_size), "routers, hosts or hops of the shape"),
      row(topology, "links", &net::links, list_of_names(1 << 16, R"(["a-r1", "r1-b"])"),
          "in place of a shape, a link between each two hosts"),
      row(topology, "routing", &net::routing, one_of(routings()), "ways are given, or routers tell each other"),
      row(link, "mtu", &link_settings::mtu, count(spp_overhead + 2, largest_packet), "largest IDP packet, octets"),
      // From 100 bit/s: a full queue of the largest frames then drains within the range of an instant.
      row(way, "rate", &channel::rate, rate(100, 1'000'000'000'000), "bits per second on the link"),
      row(way, "delay", &channel::delay, time_span({}, one_hour), "propagation, one way"),
      row(way, "queue", &channel::queue, count(0, 100'000), "frames that may wait when the rate is limited"),
      row(way, "overhead", &channel::overhead, signed_count(-65535, 65535),
          "octets added to each frame's size on the link"),
      row(way, "loss", &channel::loss, probability(), "frames lost, each on its own"),
      row(way, "reordering", &channel::reordering, probability(), "frames held back"),
      row(way, "reordering_delay", &channel::reordering_delay, time_span({}, one_hour), "for at most this long"),
      row(way, "duplication", &channel::duplication, probability(), "frames that arrive twice"),
      row(way, "duplication_delay", &channel::duplication_delay, time_span({}, one_hour),
          "the copy later by at most this"),
      row(way, "corruption", &channel::corruption, probability(), "frames with exactly one bit flipped"),
      row(way, "drop", &channel::drop, ordinals(), "frames to lose by ordinal; the first frame is 0"),
  };
}

std::vector<scenario_key> keys_of_flow() {
  using flow = flow_settings;
  using spp = spp_config;
  constexpr auto table = key_table::flow;
  constexpr std::size_t most_octets = std::size_t{4} << 30;
  return {
      row(table, "from", &flow::from, host_name(), "the host that sends; unsaid: the topology's usual one"),
      row(table, "to", &flow::to, host_name(), "the host that receives; with a* to b* those of the same number"),
      row(table, "copies", &flow::copies, count(1, maximum_transfers), "of each transfer, one beside the other"),
      row(table, "stagger", &flow::stagger, time_span({}, one_hour),
          "each transfer starts so much after the one before"),
      row(table, "files", &flow::files, words(4096), "a file or folder, each file one record; empty: made-up records"),
      row(table, "leave_out", &flow::leave_out, words(4096), "a folder below files that is not sent; empty: none"),
      row(table, "records", &flow::records, count(0, 1'000'000'000), "made-up records to send"),
      row(table, "record_size", &flow::record_size, size(0, longest_record),
          "octets of each made-up record, or their mean"),
      row(table, "start", &flow::start, time_span({}, one_year), "when its data begins"),
      row(table, "sender", &spp::sender, one_of(sender_names()), "congestion control and loss recovery"),
      row(table, "window", &spp::window, packets_of_window(),
          "packets: the fixed window, or the first slow start threshold"),
      row(table, "initial_window", &spp::initial_window, packets_of_window(), "packets with which slow start begins"),
      row(table, "packet_data", &spp::packet_data, packet_data(), "octets of data in a full packet; 0 fills the MTU"),
      row(table, "send_buffer", &spp::send_buffer, size(1, most_octets), "octets the sender queues"),
      row(table, "minimum_timeout", &spp::minimum_timeout, time_span(1_us, one_hour), "of the retransmission timer"),
      row(table, "initial_timeout", &spp::initial_timeout, time_span(1_us, one_hour), "before the first measurement"),
      row(table, "maximum_timeout", &spp::maximum_timeout, time_span(1_us, one_hour), "of the retransmission timer"),
      row(table, "acknowledgement", &spp::acknowledgement, one_of(acknowledgement_names()), "the receiver's policy"),
      row(table, "acknowledgement_delay", &spp::acknowledgement_delay, time_span({}, one_hour),
          "how long a delayed one waits"),
      row(table, "allocation", &spp::allocation, packets_of_window(), "packets the receiver holds"),
      row(table, "maximum_record", &spp::maximum_record, size(1, most_octets), "a longer one ends the connection"),
      row(table, "open_timeout", &spp::open_timeout, time_span(1_ms, one_year), "for opening"),
      row(table, "give_up", &spp::give_up, time_span(1_ms, one_year), "after so long without any progress"),
      row(table, "keepalive", &spp::keepalive, time_span({}, one_year),
          "asks a peer that is silent for so long; silent for give_up, it is gone; 0: never"),
      row(table, "linger", &spp::linger, time_span({}, one_year), "after the close, at most"),
      row(table, "packet_life", &spp::packet_life, time_span_or_automatic(1_ns, one_year),
          "no copy of a packet arrives later than this; auto: what the link says"),
      row(table, "enforce_packet_life", &spp::enforce_packet_life, yes_or_no(),
          "send no faster than packet numbers can be told apart"),
  };
}

std::vector<scenario_key> keys_of_measure() {
  using settings = measure_settings;
  constexpr auto table = key_table::measure;
  constexpr std::size_t most = 1 << 16;
  return {
      row(table, "values", &settings::values, list_of_names(most, R"(["goodput", "flow.0.timeouts"])"),
          "what the summary tells of the run; empty: what [expect] names"),
      row(table, "series", &settings::series, list_of_names(most, R"(["flow.0.window", "link.a_to_b.waiting"])"),
          "what is told of each period; empty: the values"),
      row(table, "period", &settings::period, time_span({}, one_year), "of the time series; 0: there is none"),
      row(table, "warm_up", &settings::warm_up, time_span({}, one_year), "what happened before does not count"),
      row(table, "batch", &settings::batch, time_span({}, one_year),
          "intervals so long are measured each, for mean and confidence interval; 0: none"),
  };
}

// Of made-up records: when they are due, how long they are, what carries them.
std::vector<scenario_key> keys_of_workload() {
  using work = workload_settings;
  constexpr auto table = key_table::flow;
  std::vector<scenario_key> keys{
      row(table, "socket", &flow_settings::socket, choice(socket_choices),
          "a stream's receiver takes octets as they come; datagrams are sent once, without feedback"),
      row(table, "workload", &work::kind, choice(workload_choices), "says when made-up records are due"),
      row(table, "interval", &work::interval, time_span(1_ns, one_hour),
          "between two records, or its mean: constant, poisson, on-off"),
      row(table, "offered_rate", &work::offered_rate, rate_or_automatic(1, 1'000'000'000'000),
          "bits of records per second, in place of the interval; auto: what follows from that"),
      row(table, "on_time", &work::on_time, time_span(1_us, one_year), "on-off: how long records come, or its mean"),
      row(table, "off_time", &work::off_time, time_span({}, one_year), "on-off: how long none come, or its mean"),
      row(table, "on_off_distribution", &work::on_off, choice(span_choices), "of on_time and off_time"),
      row(table, "record_size_distribution", &work::sizes, choice(size_choices),
          "of sizes: uniform between the two bounds, others with the mean record_size before these cut"),
      row(table, "record_size_minimum", &work::minimum_size, size(0, longest_record), "of sizes that are not fixed"),
      row(table, "record_size_maximum", &work::maximum_size, size(0, longest_record), "of sizes that are not fixed"),
      row(table, "pareto_shape", &work::pareto_shape, number(1.01, 100), "of pareto sizes; below 2: no variance"),
      row(table, "trace", &work::trace, trace_of_records(), "the file of the workload \"trace\"; empty: none"),
      row(table, "response_size", &work::response_size, size(0, longest_record), "request-response: of each response"),
      row(table, "think_time", &work::think_time, time_span({}, one_year),
          "request-response: from a response to the next request, or its mean"),
      row(table, "think_time_distribution", &work::thinking, choice(span_choices), "of think_time"),
  };
  for (scenario_key& each : keys) each.only_if_said = true;
  return keys;
}

}  // namespace

std::string_view name_of(key_table table) {
  switch (table) {
    case key_table::scenario: return "scenario";
    case key_table::topology: return "topology";
    case key_table::link: return "link";
    case key_table::direction: return "direction";
    case key_table::measure: return "measure";
    case key_table::flow: return "flow";
  }
  return {};
}

std::string_view heading_of(key_table table) {
  switch (table) {
    case key_table::scenario: return "[scenario]";
    case key_table::topology: return "[topology]";
    case key_table::link: return "[link], [link.r1-r2]";
    case key_table::direction: return "[link], [link.r1-r2], [link.r1_to_r2]";
    case key_table::measure: return "[measure]";
    case key_table::flow: return "[[flow]]";
  }
  return {};
}

std::span<const scenario_key> scenario_keys() {
  static const std::vector<scenario_key> keys = [] {
    std::vector<scenario_key> all = keys_of_scenario_and_link();
    for (const parameter& each : link_parameters()) all.push_back(row(each));
    for (scenario_key& key : keys_of_measure()) all.push_back(std::move(key));
    for (scenario_key& key : keys_of_flow()) all.push_back(std::move(key));
    for (scenario_key& key : keys_of_workload()) all.push_back(std::move(key));
    return all;
  }();
  return keys;
}

flow_settings default_flow() {
  flow_settings flow;
  flow.from.clear();
  flow.to.clear();
  flow.spp.packet_data = 0;
  flow.spp.packet_life = {};
  return flow;
}

result<flow_settings, unit_error> parse_flow_key(std::string_view name, std::string_view text) {
  scenario holder;
  holder.flows.push_back(default_flow());
  const auto keys = scenario_keys();
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const scenario_key& key) {
    return key.table == key_table::flow && key.name == name;
  });
  require(found != keys.end());
  if (auto done = found->set(holder, {}, text); !done) return failure(done.error());
  return std::move(holder.flows.front());
}

std::string describe_scenario_keys() {
  scenario defaults;
  defaults.flows.push_back(default_flow());
  std::string text;
  std::string_view heading;
  for (const scenario_key& key : scenario_keys()) {
    if (heading_of(key.table) != heading) {
      heading = heading_of(key.table);
      text += fmt::format("{}{}\n", text.empty() ? "" : "\n", heading);
    }
    const std::string value = key.print(defaults, {});
    text += fmt::format("  {:<26}{:<18}{}; {}\n", key.name, value.empty() ? "\"\"" : value, key.meaning, key.expected);
  }
  return text;
}

}  // namespace seqwire
