#include "lab/scenario/scenario_keys.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "lab/protocols.hpp"
#include "lab/scenario/flow_plan.hpp"
#include "lab/scenario/nearest.hpp"
#include "lab/scenario/parameter_text.hpp"
#include "lab/workload/record_trace.hpp"
#include "protocol/base/require.hpp"
#include "protocol/policy/registry.hpp"
#include "protocol/wire/spp.hpp"
#include "sim/registry.hpp"

namespace seqwire {
namespace {

// A type of values: which kinds a file may give, and its two conversions.
template <class Value>
struct value_type {
  std::string expected;
  unsigned kinds;
  std::function<result<Value, unit_error>(std::string_view)> parse;
  std::function<std::string(const Value&)> print;
};

constexpr std::uint64_t any_number = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t largest_packet = 65535;  // IDP's length field
// Bounds on time keep sums and backed-off timers within 64 bits of nanoseconds.
constexpr duration one_hour = 3600_s;
constexpr duration one_year = one_hour * 8760;

template <class Value>
std::string print_number(const Value& value) {
  return fmt::format("{}", value);
}

value_type<std::uint64_t> count(std::uint64_t minimum, std::uint64_t maximum) {
  // TOML's own integers end at 2^63; what may be larger may be quoted.
  const unsigned kinds =
      maximum > std::numeric_limits<std::int64_t>::max() ? integer_value | string_value : integer_value;
  return {fmt::format("a whole number from {} to {}", minimum, maximum), kinds,
          [=](std::string_view text) { return parse_count(text, minimum, maximum); }, print_number<std::uint64_t>};
}

value_type<std::int64_t> signed_count(std::int64_t minimum, std::int64_t maximum) {
  const std::string expected = fmt::format("a whole number from {} to {}", minimum, maximum);
  return {expected, integer_value,
          [=](std::string_view text) -> result<std::int64_t, unit_error> {
            std::int64_t value = 0;
            const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
            if (status != std::errc{} || end != text.data() + text.size() || value < minimum || value > maximum)
              return failure(unit_error{expected});
            return value;
          },
          print_number<std::int64_t>};
}

value_type<duration> time_span(duration minimum, duration maximum) {
  const std::string expected =
      fmt::format("a duration from {} to {}", print_duration(minimum), print_duration(maximum));
  return {expected, integer_value | floating_value | string_value,
          [=](std::string_view text) -> result<duration, unit_error> {
            auto value = parse_duration(text);
            if (value && (*value < minimum || *value > maximum)) return failure(unit_error{expected});
            return value;
          },
          print_duration};
}

// Zero in the settings: the world that runs the scenario knows.
value_type<duration> time_span_or_automatic(duration minimum, duration maximum) {
  const value_type<duration> given = time_span(minimum, maximum);
  return {given.expected + ", or auto", given.kinds,
          [=](std::string_view text) -> result<duration, unit_error> {
            if (text == "auto") return duration{};
            auto value = given.parse(text);
            if (!value) return failure(unit_error{value.error().expected + ", or auto"});
            return value;
          },
          [](duration value) { return value == duration{} ? "auto" : print_duration(value); }};
}

value_type<std::uint64_t> rate(std::uint64_t minimum, std::uint64_t maximum) {
  const std::string expected =
      fmt::format("a rate from {} to {}, or unlimited", print_rate(minimum), print_rate(maximum));
  return {expected, integer_value | floating_value | string_value,
          [=](std::string_view text) -> result<std::uint64_t, unit_error> {
            auto value = parse_rate(text);
            if (value && *value != 0 && (*value < minimum || *value > maximum)) return failure(unit_error{expected});
            return value;
          },
          print_rate};
}

// Zero in the settings: another key says it.
value_type<std::uint64_t> rate_or_automatic(std::uint64_t minimum, std::uint64_t maximum) {
  const std::string expected = fmt::format("a rate from {} to {}, or auto", print_rate(minimum), print_rate(maximum));
  return {expected, integer_value | floating_value | string_value,
          [=](std::string_view text) -> result<std::uint64_t, unit_error> {
            if (text == "auto") return std::uint64_t{0};
            const auto value = parse_rate(text);
            if (!value || *value < minimum || *value > maximum) return failure(unit_error{expected});
            return value;
          },
          [](std::uint64_t value) { return value == 0 ? "auto" : print_rate(value); }};
}

value_type<std::size_t> size(std::size_t minimum, std::size_t maximum) {
  const std::string expected = fmt::format("a size from {} to {}", print_size(minimum), print_size(maximum));
  return {expected, integer_value | floating_value | string_value,
          [=](std::string_view text) -> result<std::size_t, unit_error> {
            auto value = parse_size(text);
            if (value && (*value < minimum || *value > maximum)) return failure(unit_error{expected});
            return value;
          },
          print_size};
}

value_type<std::size_t> packet_data() {
  const std::size_t most = largest_packet - spp_overhead;
  const std::string expected = fmt::format("a whole number from 2 to {}, or 0 to fill the MTU", most);
  return {expected, integer_value,
          [=](std::string_view text) -> result<std::size_t, unit_error> {
            const auto value = parse_count(text, 0, most);
            if (!value || *value == 1) return failure(unit_error{expected});
            return value;
          },
          print_number<std::size_t>};
}

value_type<double> probability() {
  return {"a probability from 0 to 1, or from 0% to 100%", integer_value | floating_value | string_value,
          parse_probability, print_probability};
}

value_type<bool> yes_or_no() {
  return {"true or false", boolean_value,
          [](std::string_view text) -> result<bool, unit_error> {
            if (text != "true" && text != "false") return failure(unit_error{"true or false"});
            return text == "true";
          },
          print_number<bool>};
}

bool is_utf8(std::string_view text) {
  try {
    static_cast<void>(nlohmann::json(text).dump());
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

value_type<std::string> words(std::size_t most) {
  const std::string expected = fmt::format("a text of at most {} octets of UTF-8 without control characters", most);
  return {expected, string_value,
          [=](std::string_view text) -> result<std::string, unit_error> {
            const auto control = [](char each) { return static_cast<unsigned char>(each) < 0x20 || each == 0x7f; };
            if (text.size() > most || std::any_of(text.begin(), text.end(), control) || !is_utf8(text))
              return failure(unit_error{expected});
            return std::string(text);
          },
          [](const std::string& value) { return value; }};
}

// A list of names; one text with commas between them counts as that.
value_type<std::string> list_of_names(std::size_t most, std::string_view example) {
  value_type<std::string> type = words(most);
  type.expected = fmt::format("names such as {}", example);
  type.kinds = string_value | names_value;
  return type;
}

value_type<std::string> one_of(std::span<const std::string_view> names) {
  const std::vector<std::string> known(names.begin(), names.end());
  const std::string expected = fmt::format("one of {}", fmt::join(known, ", "));
  return {expected, string_value,
          [=](std::string_view text) -> result<std::string, unit_error> {
            if (std::find(known.begin(), known.end(), text) != known.end()) return std::string(text);
            const auto guess = nearest(text, known);
            return failure(unit_error{guess ? fmt::format("{}, the nearest {}", *guess, expected) : expected});
          },
          [](const std::string& value) { return value; }};
}

template <class Choice, std::size_t Count>
value_type<Choice> choice(const std::array<named_choice<Choice>, Count>& of) {
  std::array<std::string_view, Count> names;
  for (std::size_t i = 0; i < Count; ++i) names[i] = of[i].name;
  const value_type<std::string> by_name = one_of(names);
  return {by_name.expected, by_name.kinds,
          [=](std::string_view text) -> result<Choice, unit_error> {
            const auto name = by_name.parse(text);
            if (!name) return failure(name.error());
            return std::find_if(of.begin(), of.end(), [&](const auto& each) { return each.name == *name; })->value;
          },
          [=](Choice value) {
            const auto named =
                std::find_if(of.begin(), of.end(), [&](const auto& each) { return each.value == value; });
            return named == of.end() ? std::string() : std::string(named->name);
          }};
}

value_type<double> number(double minimum, double maximum) {
  const std::string expected = fmt::format("a number from {} to {}", minimum, maximum);
  return {expected, integer_value | floating_value | string_value,
          [=](std::string_view text) -> result<double, unit_error> {
            double value = 0;
            const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
            const bool in_range = value >= minimum && value <= maximum;  // no number is not
            if (status != std::errc{} || end != text.data() + text.size() || !in_range)
              return failure(unit_error{expected});
            return value;
          },
          print_number<double>};
}

value_type<record_trace> trace_of_records() {
  const std::string expected = "a file with seconds and octets of a record on each line";
  return {expected, string_value,
          [=](std::string_view text) -> result<record_trace, unit_error> {
            auto trace = read_record_trace(std::string(text));
            if (!trace) return failure(unit_error{fmt::format("{} ({})", expected, trace.error().message)});
            return std::move(*trace);
          },
          [](const record_trace& value) { return value.path; }};
}

// A host's name, or the beginning of several and a star, or nothing; which hosts there are the topology says.
value_type<std::string> host_name() {
  const std::string expected = "a host's name such as a, the names a1, a2, ... as a*, or nothing for the usual one";
  return {expected, string_value,
          [=](std::string_view text) -> result<std::string, unit_error> {
            const bool several = text.ends_with('*');
            if (!text.empty() && !is_host_name(text.substr(0, text.size() - (several ? 1 : 0))))
              return failure(unit_error{expected});
            return std::string(text);
          },
          [](const std::string& value) { return value; }};
}

// Sorted, each once: the order in which a user thinks of losses does not matter.
value_type<std::vector<std::uint64_t>> ordinals() {
  using list = std::vector<std::uint64_t>;
  return {"a list of frame ordinals from 0, such as [16, 30]", list_value, parse_ordinals,
          [](const list& values) { return fmt::format("[{}]", fmt::join(values, ", ")); }};
}

// The parts of a scenario that a key speaks of; the first one is the one that prints.
template <class Owner, class Scenario>
auto owners(Scenario& of, const key_place& place) {
  using part = std::conditional_t<std::is_const_v<Scenario>, const Owner*, Owner*>;
  using directions = key_place::directions;
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
        if (place.of_link != directions::b_to_a) parts.push_back(&of.links.at(i).a_to_b);
        if (place.of_link != directions::a_to_b) parts.push_back(&of.links.at(i).b_to_a);
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
  return {table,
          name,
          meaning,
          type.expected,
          type.kinds,
          [=](scenario& to, const key_place& place, std::string_view text) -> result<void, unit_error> {
            const auto value = type.parse(text);
            if (!value) return failure(value.error());
            for (Owner* const owner : owners<Owner>(to, place)) owner->*member = *value;
            return {};
          },
          [=](const scenario& from, const key_place& place) {
            return type.print(first_owner<Owner>(from, place).*member);
          }};
}

unsigned kinds_of(parameter_kind of) {
  switch (of) {
    case parameter_kind::whole: return integer_value;
    case parameter_kind::size:
    case parameter_kind::probability:
    case parameter_kind::span: return integer_value | floating_value | string_value;
    case parameter_kind::flag: return boolean_value;
    case parameter_kind::ordinals: return list_value;
    default: return string_value;
  }
}

// What an impairment or a queue discipline says of itself.
scenario_key row(const parameter& of) {
  using channel = channel_settings;
  return {key_table::direction,
          of.name,
          of.meaning,
          expected_of(of),
          kinds_of(of.kind),
          [&of](scenario& to, const key_place& place, std::string_view text) -> result<void, unit_error> {
            const auto value = parse_parameter(of, text);
            if (!value) return failure(value.error());
            for (channel* const owner : owners<channel>(to, place)) owner->further.set(of.name, *value);
            return {};
          },
          [&of](const scenario& from, const key_place& place) {
            return print_parameter(of, first_owner<channel>(from, place).further.value(of.name));
          },
          true};
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
      row(table, "window", &spp::window, count(1, maximum_window),
          "packets: the fixed window, or the first slow start threshold"),
      row(table, "initial_window", &spp::initial_window, count(1, maximum_window),
          "packets with which slow start begins"),
      row(table, "packet_data", &spp::packet_data, packet_data(), "octets of data in a full packet; 0 fills the MTU"),
      row(table, "send_buffer", &spp::send_buffer, size(1, most_octets), "octets the sender queues"),
      row(table, "minimum_timeout", &spp::minimum_timeout, time_span(1_us, one_hour), "of the retransmission timer"),
      row(table, "initial_timeout", &spp::initial_timeout, time_span(1_us, one_hour), "before the first measurement"),
      row(table, "maximum_timeout", &spp::maximum_timeout, time_span(1_us, one_hour), "of the retransmission timer"),
      row(table, "acknowledgement", &spp::acknowledgement, one_of(acknowledgement_names()), "the receiver's policy"),
      row(table, "acknowledgement_delay", &spp::acknowledgement_delay, time_span({}, one_hour),
          "how long a delayed one waits"),
      row(table, "allocation", &spp::allocation, count(1, maximum_window), "packets the receiver holds"),
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
