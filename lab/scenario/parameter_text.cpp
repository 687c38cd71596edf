#include "lab/scenario/parameter_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <optional>

#include "lab/scenario/nearest.hpp"
#include "lab/scenario/scenario_text.hpp"

namespace seqwire {
namespace {

using kind = parameter_kind;

constexpr std::uint64_t latest_millisecond = 1'000'000'000;  // of a trace; eleven days
constexpr std::size_t most_items = 10'000;                   // of a list in text

unit_error expecting(std::string words) { return {std::move(words)}; }

duration span_of(std::uint64_t nanoseconds) { return duration{static_cast<std::int64_t>(nanoseconds)}; }
instant instant_of(duration since_begin) { return instant{} + since_begin; }

// The parts between commas; nothing for a text that is too long or ends in a comma.
std::optional<std::vector<std::string_view>> items_of(std::string_view text) {
  std::vector<std::string_view> items;
  if (trimmed(text).empty()) return items;
  for (std::size_t comma = 0; comma != std::string_view::npos; text.remove_prefix(std::min(comma + 1, text.size()))) {
    comma = text.find(',');
    items.push_back(trimmed(text.substr(0, comma)));
    if (items.back().empty() || items.size() > most_items) return std::nullopt;
    if (comma == std::string_view::npos) break;
  }
  return items;
}

// --- one value ---

result<std::uint64_t, unit_error> parse_one(kind of, std::uint64_t minimum, std::uint64_t maximum,
                                            std::string_view text) {
  result<std::uint64_t, unit_error> value = 0;
  switch (of) {
    case kind::span:
    case kind::spans:
      if (const auto span = parse_duration(text)) value = static_cast<std::uint64_t>(span->nanoseconds);
      else return failure(span.error());
      break;
    case kind::rates:
      value = parse_rate(text);
      if (value && *value == 0) return value;
      break;
    case kind::size:
    case kind::sizes: value = parse_size(text); break;
    default: value = parse_count(text, 0, std::numeric_limits<std::uint64_t>::max()); break;
  }
  if (value && (*value < minimum || *value > maximum)) return failure(expecting({}));
  return value;
}

std::string print_one(kind of, std::uint64_t value) {
  switch (of) {
    case kind::span:
    case kind::spans: return print_duration(span_of(value));
    case kind::rates: return print_rate(value);
    case kind::size:
    case kind::sizes: return print_size(value);
    default: return fmt::format("{}", value);
  }
}

// --- lists ---

std::optional<time_window> parse_window(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  const auto from = parse_duration(trimmed(text.substr(0, dots)));
  const auto until = parse_duration(trimmed(text.substr(dots + 2)));
  if (!from || !until || *from >= *until) return std::nullopt;
  return time_window{instant_of(*from), instant_of(*until)};
}

std::optional<time_windows> parse_windows(std::string_view text) {
  const auto items = items_of(text);
  if (!items) return std::nullopt;
  time_windows windows;
  for (const std::string_view item : *items) {
    const auto window = parse_window(item);
    if (!window || (!windows.empty() && window->from < windows.back().until)) return std::nullopt;
    windows.push_back(*window);
  }
  return windows;
}

std::optional<timed_values> parse_steps(const parameter& of, std::string_view text) {
  const auto items = items_of(text);
  if (!items) return std::nullopt;
  timed_values steps;
  for (const std::string_view item : *items) {
    const std::size_t space = std::min(item.find(' '), item.size());
    const auto from = parse_duration(item.substr(0, space));
    const auto value = parse_one(of.kind, of.minimum, of.maximum, trimmed(item.substr(space)));
    if (!from || !value || (!steps.empty() && instant_of(*from) <= steps.back().from)) return std::nullopt;
    steps.push_back({instant_of(*from), *value});
  }
  return steps;
}

std::optional<std::vector<double>> parse_probabilities(std::string_view text, std::uint64_t most) {
  std::vector<double> values;
  for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const auto value = parse_probability(text.substr(0, space));
    if (!value || values.size() == most) return std::nullopt;
    values.push_back(*value);
    text.remove_prefix(space);
  }
  return values;
}

template <class Values, class Print>
std::string listed(const Values& values, std::string_view between, Print print) {
  std::vector<std::string> texts;
  for (const auto& each : values) texts.push_back(print(each));
  return fmt::format("{}", fmt::join(texts, between));
}

template <class Value>
result<parameter_value, unit_error> or_refused(const parameter& of, std::optional<Value> value) {
  if (!value) return failure(expecting(expected_of(of)));
  return parameter_value(std::move(*value));
}

result<parameter_value, unit_error> parse_choice(const parameter& of, std::string_view text) {
  const std::vector<std::string> known(of.choices.begin(), of.choices.end());
  if (std::find(known.begin(), known.end(), text) != known.end()) return parameter_value(std::string(text));
  const auto guess = nearest(std::string(text), known);
  return failure(expecting(guess ? fmt::format("{}, the nearest {}", *guess, expected_of(of)) : expected_of(of)));
}

}  // namespace

std::string expected_of(const parameter& of) {
  const auto range = [&](std::string_view what) {
    return fmt::format("{} from {} to {}", what, print_one(of.kind, of.minimum), print_one(of.kind, of.maximum));
  };
  const auto steps = [&](std::string_view example) {
    return fmt::format("steps such as {}, each later than the one before, {}", example, range("values"));
  };
  switch (of.kind) {
    case kind::whole: return range("a whole number");
    case kind::size: return range("a size");
    case kind::span: return range("a duration");
    case kind::probability: return "a probability from 0 to 1, or from 0% to 100%";
    case kind::flag: return "true or false";
    case kind::choice: return fmt::format("one of {}", fmt::join(of.choices, ", "));
    case kind::ordinals: return "a list of ordinals from 0, such as [16, 30]";
    case kind::probabilities: return fmt::format("up to {} probabilities with blanks between", of.maximum);
    case kind::windows: return "times such as 1s..2s, 5s..5.5s, each behind the one before";
    case kind::rates: return steps("2s 10Mbit/s, 4s unlimited");
    case kind::spans: return steps("2s 50ms, 4s 20ms");
    case kind::sizes: return steps("2s 576, 4s 1500");
    case kind::trace: return "a file of numbers, one on each line, never decreasing, the last above 0";
  }
  return {};
}

result<parameter_value, unit_error> parse_parameter(const parameter& of, std::string_view text) {
  switch (of.kind) {
    case kind::whole:
    case kind::size:
    case kind::span: {
      const auto value = parse_one(of.kind, of.minimum, of.maximum, text);
      if (!value && of.kind != kind::whole && !value.error().expected.empty()) return failure(value.error());
      if (!value) return failure(expecting(expected_of(of)));
      if (of.kind == kind::span) return parameter_value(span_of(*value));
      return parameter_value(*value);
    }
    case kind::probability: {
      const auto value = parse_probability(text);
      if (!value) return failure(value.error());
      return parameter_value(*value);
    }
    case kind::flag:
      if (text != "true" && text != "false") return failure(expecting(expected_of(of)));
      return parameter_value(text == "true");
    case kind::choice: return parse_choice(of, text);
    case kind::ordinals: {
      auto values = parse_ordinals(text);
      if (!values) return failure(values.error());
      return parameter_value(std::move(*values));
    }
    case kind::probabilities: return or_refused(of, parse_probabilities(text, of.maximum));
    case kind::windows: return or_refused(of, parse_windows(text));
    case kind::rates:
    case kind::spans:
    case kind::sizes: return or_refused(of, parse_steps(of, text));
    case kind::trace: {
      auto trace = read_trace(std::string(text));
      if (!trace) return failure(trace.error());
      return parameter_value(std::move(*trace));
    }
  }
  return failure(expecting({}));
}

std::string print_parameter(const parameter& of, const parameter_value& value) {
  switch (of.kind) {
    case kind::whole:
    case kind::size: return print_one(of.kind, std::get<std::uint64_t>(value));
    case kind::span: return print_duration(std::get<duration>(value));
    case kind::probability: return print_probability(std::get<double>(value));
    case kind::flag: return std::get<bool>(value) ? "true" : "false";
    case kind::choice: return std::get<std::string>(value);
    case kind::ordinals: return fmt::format("[{}]", fmt::join(std::get<std::vector<std::uint64_t>>(value), ", "));
    case kind::probabilities: return listed(std::get<std::vector<double>>(value), " ", print_probability);
    case kind::windows:
      return listed(std::get<time_windows>(value), ", ", [](const time_window& each) {
        return print_duration(each.from - instant{}) + ".." + print_duration(each.until - instant{});
      });
    case kind::rates:
    case kind::spans:
    case kind::sizes:
      return listed(std::get<timed_values>(value), ", ", [&](const timed_value& each) {
        return print_duration(each.from - instant{}) + " " + print_one(of.kind, each.value);
      });
    case kind::trace: return std::get<delivery_trace>(value).path;
  }
  return {};
}

result<std::vector<std::uint64_t>, unit_error> parse_ordinals(std::string_view text) {
  const unit_error wrong = expecting("a list of frame ordinals from 0, such as [16, 30]");
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return failure(wrong);
  text = text.substr(1, text.size() - 2);
  std::vector<std::uint64_t> values;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const auto value = parse_count(trimmed(text.substr(0, comma)), 0, std::numeric_limits<std::int64_t>::max());
    if (!value || comma + 1 == text.size()) return failure(wrong);
    values.push_back(*value);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

result<delivery_trace, unit_error> read_trace(const std::string& path) {
  if (path.empty()) return delivery_trace{};
  std::ifstream file(path, std::ios::binary);
  std::string text(maximum_trace_size + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || file.gcount() <= 0) return failure(expecting("a readable file with delivery opportunities"));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > maximum_trace_size) return failure(expecting("a trace of at most 32 MiB"));
  auto milliseconds = std::make_shared<std::vector<std::uint64_t>>();
  std::size_t line = 1;
  const auto refuse = [&](std::string_view what) {
    return failure(expecting(fmt::format("{} on line {}", what, line)));
  };
  for (std::string_view rest = text; !rest.empty(); ++line) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view number = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (number.ends_with('\r')) number.remove_suffix(1);
    const auto value = parse_count(number, 0, latest_millisecond);
    if (!value) return refuse("a millisecond");
    if (!milliseconds->empty() && *value < milliseconds->back()) return refuse("a millisecond not before the last one");
    milliseconds->push_back(*value);
  }
  if (milliseconds->back() == 0) return refuse("a millisecond above 0");
  return delivery_trace{path, std::move(milliseconds)};
}

}  // namespace seqwire
