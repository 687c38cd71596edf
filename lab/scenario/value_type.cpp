#include "lab/scenario/value_type.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "lab/scenario/nearest.hpp"
#include "lab/scenario/parameter_text.hpp"
#include "lab/scenario/topology.hpp"
#include "lab/workload/record_trace.hpp"
#include "protocol/spp/config.hpp"
#include "protocol/wire/spp.hpp"

namespace seqwire {
namespace {

using form = value_shape::form;

template <class Value>
std::string print_number(const Value& value) {
  return fmt::format("{}", value);
}

// The whole text as a number within bounds; no number (NaN) is not.
template <class Value>
result<Value, unit_error> parse_number(std::string_view text, Value minimum, Value maximum,
                                       const std::string& expected) {
  Value value{};
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool in_range = value >= minimum && value <= maximum;
  if (status != std::errc{} || end != text.data() + text.size() || !in_range) return failure(unit_error{expected});
  return value;
}

bool is_utf8(std::string_view text) {
  try {
    static_cast<void>(nlohmann::json(text).dump());
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

std::string as_it_is(const std::string& value) { return value; }

}  // namespace

unsigned kinds_of(const value_shape& shape) {
  switch (shape.is) {
    // TOML's own integers end at 2^63; what may be larger may be quoted.
    case form::whole:
      return shape.maximum == value_shape{}.maximum ? integer_value | string_value : unsigned{integer_value};
    case form::flag: return boolean_value;
    case form::ordinals: return list_value;
    case form::names: return string_value | names_value;
    case form::text:
    case form::choice: return string_value;
    default: return integer_value | floating_value | string_value;
  }
}

value_type<std::uint64_t> count(std::uint64_t minimum, std::uint64_t maximum) {
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  return {fmt::format("a whole number from {} to {}", minimum, maximum),
          {form::whole, static_cast<std::int64_t>(minimum), static_cast<std::int64_t>(std::min(maximum, most))},
          [=](std::string_view text) { return parse_count(text, minimum, maximum); },
          print_number<std::uint64_t>};
}

value_type<std::int64_t> signed_count(std::int64_t minimum, std::int64_t maximum) {
  const std::string expected = fmt::format("a whole number from {} to {}", minimum, maximum);
  return {expected,
          {form::whole, minimum, maximum},
          [=](std::string_view text) { return parse_number(text, minimum, maximum, expected); },
          print_number<std::int64_t>};
}

value_type<std::uint64_t> packets_of_window() {
  value_type<std::uint64_t> type = count(1, maximum_window);
  type.expected += ", below half of the 65536 packet numbers";
  type.parse = [expected = type.expected](std::string_view text) -> result<std::uint64_t, unit_error> {
    auto value = parse_count(text, 1, maximum_window);
    if (!value) return failure(unit_error{expected});
    return value;
  };
  return type;
}

value_type<std::size_t> packet_data() {
  constexpr std::size_t most = 65535 - spp_overhead;  // IDP's length field
  const std::string expected = fmt::format("a whole number from 2 to {}, or 0 to fill the MTU", most);
  return {expected,
          {form::whole, 0, static_cast<std::int64_t>(most)},
          [=](std::string_view text) -> result<std::size_t, unit_error> {
            const auto value = parse_count(text, 0, most);
            if (!value || *value == 1) return failure(unit_error{expected});
            return value;
          },
          print_number<std::size_t>};
}

value_type<double> number(double minimum, double maximum) {
  const std::string expected = fmt::format("a number from {} to {}", minimum, maximum);
  return {expected,
          {form::number},
          [=](std::string_view text) { return parse_number(text, minimum, maximum, expected); },
          print_number<double>};
}

value_type<double> probability() {
  return {"a probability from 0 to 1, or from 0% to 100%", {form::probability}, parse_probability, print_probability};
}

value_type<bool> yes_or_no() {
  return {"true or false",
          {form::flag},
          [](std::string_view text) -> result<bool, unit_error> {
            if (text != "true" && text != "false") return failure(unit_error{"true or false"});
            return text == "true";
          },
          print_number<bool>};
}

value_type<duration> time_span(duration minimum, duration maximum) {
  const std::string expected =
      fmt::format("a duration from {} to {}", print_duration(minimum), print_duration(maximum));
  return {expected,
          {form::span},
          [=](std::string_view text) -> result<duration, unit_error> {
            auto value = parse_duration(text);
            if (value && (*value < minimum || *value > maximum)) return failure(unit_error{expected});
            return value;
          },
          print_duration};
}

value_type<duration> time_span_or_automatic(duration minimum, duration maximum) {
  const value_type<duration> given = time_span(minimum, maximum);
  return {given.expected + ", or auto",
          {.is = form::span, .or_auto = true},
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
  return {expected,
          {form::rate},
          [=](std::string_view text) -> result<std::uint64_t, unit_error> {
            auto value = parse_rate(text);
            if (value && *value != 0 && (*value < minimum || *value > maximum)) return failure(unit_error{expected});
            return value;
          },
          print_rate};
}

value_type<std::uint64_t> rate_or_automatic(std::uint64_t minimum, std::uint64_t maximum) {
  const std::string expected = fmt::format("a rate from {} to {}, or auto", print_rate(minimum), print_rate(maximum));
  return {expected,
          {.is = form::rate, .or_auto = true},
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
  return {expected,
          {form::size},
          [=](std::string_view text) -> result<std::size_t, unit_error> {
            auto value = parse_size(text);
            if (value && (*value < minimum || *value > maximum)) return failure(unit_error{expected});
            return value;
          },
          print_size};
}

value_type<std::string> words(std::size_t most) {
  const std::string expected = fmt::format("a text of at most {} octets of UTF-8 without control characters", most);
  return {expected,
          {form::text},
          [=](std::string_view text) -> result<std::string, unit_error> {
            const auto control = [](char each) { return static_cast<unsigned char>(each) < 0x20 || each == 0x7f; };
            if (text.size() > most || std::any_of(text.begin(), text.end(), control) || !is_utf8(text))
              return failure(unit_error{expected});
            return std::string(text);
          },
          as_it_is};
}

value_type<std::string> list_of_names(std::size_t most, std::string_view example) {
  return {fmt::format("names such as {}", example), {form::names}, words(most).parse, as_it_is};
}

value_type<std::string> one_of(std::span<const std::string_view> names) {
  const std::vector<std::string> known(names.begin(), names.end());
  const std::string expected = fmt::format("one of {}", fmt::join(known, ", "));
  return {expected,
          {.is = form::choice, .choices = known},
          [=](std::string_view text) -> result<std::string, unit_error> {
            if (std::find(known.begin(), known.end(), text) != known.end()) return std::string(text);
            const auto guess = nearest(text, known);
            return failure(unit_error{guess ? fmt::format("{}, the nearest {}", *guess, expected) : expected});
          },
          as_it_is};
}

value_type<std::string> host_name() {
  const std::string expected = "a host's name such as a, the names a1, a2, ... as a*, or nothing for the usual one";
  return {expected,
          {form::text},
          [=](std::string_view text) -> result<std::string, unit_error> {
            const bool several = text.ends_with('*');
            if (!text.empty() && !is_host_name(text.substr(0, text.size() - (several ? 1 : 0))))
              return failure(unit_error{expected});
            return std::string(text);
          },
          as_it_is};
}

value_type<std::vector<std::uint64_t>> ordinals() {
  using list = std::vector<std::uint64_t>;
  return {
      "a list of frame ordinals from 0, such as [16, 30]", {form::ordinals}, parse_ordinals, [](const list& values) {
        return fmt::format("[{}]", fmt::join(values, ", "));
      }};
}

value_type<record_trace> trace_of_records() {
  const std::string expected = "a file with seconds and octets of a record on each line";
  return {expected,
          {form::text},
          [=](std::string_view text) -> result<record_trace, unit_error> {
            auto trace = read_record_trace(std::string(text));
            if (!trace) return failure(unit_error{fmt::format("{} ({})", expected, trace.error().message)});
            return std::move(*trace);
          },
          [](const record_trace& value) { return value.path; }};
}

}  // namespace seqwire
