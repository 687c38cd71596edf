#include "lab/sweep/grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace seqwire {
namespace {

enum class unit_kind : std::uint8_t { whole, decimal, percent, time, rate, size };

// Decimals and shares in thousand-millionths.
constexpr std::int64_t decimal_scale = 1'000'000'000;
constexpr std::size_t decimal_digits = 9;
constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();

struct quantity {
  unit_kind kind = unit_kind::whole;
  std::int64_t value = 0;
};

std::optional<std::int64_t> parse_decimal(std::string_view text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string fraction(text.substr(std::min(point + 1, text.size())));
  if ((point < text.size() && fraction.empty()) || fraction.size() > decimal_digits) return std::nullopt;
  fraction.resize(decimal_digits, '0');
  const auto whole = parse_count(text.substr(0, point), 0, most / decimal_scale - 1);
  const auto part = parse_count(fraction, 0, decimal_scale - 1);
  if (!whole || !part) return std::nullopt;
  return static_cast<std::int64_t>(*whole * decimal_scale + *part);
}

std::optional<quantity> parse_quantity(std::string_view text) {
  const auto signed_of = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  if (const auto whole = parse_count(text, 0, most)) return quantity{unit_kind::whole, signed_of(*whole)};
  if (text.ends_with('%')) {
    const auto share = parse_decimal(text.substr(0, text.size() - 1));
    return share ? std::optional(quantity{unit_kind::percent, *share}) : std::nullopt;
  }
  if (const auto decimal = parse_decimal(text)) return quantity{unit_kind::decimal, *decimal};
  if (const auto time = parse_duration(text)) return quantity{unit_kind::time, time->nanoseconds};
  // An unlimited rate is no end of a range.
  if (const auto rate = parse_rate(text); rate && *rate > 0 && *rate <= most)
    return quantity{unit_kind::rate, signed_of(*rate)};
  if (const auto size = parse_size(text); size && *size <= most) return quantity{unit_kind::size, signed_of(*size)};
  return std::nullopt;
}

// A whole number beside decimals is one of them, beside sizes a size; zero is of every kind.
bool convert(quantity& from, unit_kind to) {
  if (from.kind == to) return true;
  if (from.kind != unit_kind::whole) return false;
  if (to == unit_kind::decimal) {
    if (from.value >= std::numeric_limits<std::int64_t>::max() / decimal_scale) return false;
    from.value *= decimal_scale;
  } else if (to != unit_kind::size && from.value != 0) {
    return false;
  }
  from.kind = to;
  return true;
}

std::string print_decimal(std::int64_t value) {
  std::string text = fmt::format("{}.{:09}", value / decimal_scale, value % decimal_scale);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string print(const quantity& of) {
  switch (of.kind) {
    case unit_kind::whole: break;
    case unit_kind::decimal: return print_decimal(of.value);
    case unit_kind::percent: return print_decimal(of.value) + "%";
    case unit_kind::time: return print_duration({of.value});
    case unit_kind::rate: return print_rate(static_cast<std::uint64_t>(of.value));
    case unit_kind::size: return print_size(static_cast<std::uint64_t>(of.value));
  }
  return fmt::format("{}", of.value);
}

std::int64_t round_to_six_digits(double value) {
  double scale = 1;
  while (value / scale >= 1e6) scale *= 10;
  return static_cast<std::int64_t>(std::llround(value / scale)) * static_cast<std::int64_t>(scale);
}

// The i-th of `points` values between the ends, which are exact.
std::int64_t between(std::int64_t from, std::int64_t to, std::uint64_t i, std::uint64_t points, bool logarithmic) {
  if (i == 0) return from;
  if (i == points - 1) return to;
  const double part = static_cast<double>(i) / static_cast<double>(points - 1);
  if (!logarithmic) return from + static_cast<std::int64_t>(std::llround(static_cast<double>(to - from) * part));
  return round_to_six_digits(static_cast<double>(from) *
                             std::pow(static_cast<double>(to) / static_cast<double>(from), part));
}

result<std::vector<std::int64_t>, unit_error> by_step(std::int64_t from, std::int64_t to, std::int64_t step) {
  if (step <= 0) return failure(unit_error{"a step above 0"});
  const std::int64_t steps = (to - from) / step;
  if (steps >= static_cast<std::int64_t>(maximum_points))
    return failure(unit_error{fmt::format("at most {} values", maximum_points)});
  std::vector<std::int64_t> values;
  for (std::int64_t i = 0; i <= steps; ++i) values.push_back(from + i * step);
  return values;
}

result<std::vector<std::int64_t>, unit_error> by_points(std::int64_t from, std::int64_t to, std::uint64_t points,
                                                        bool logarithmic) {
  if (points < 2 || points > maximum_points)
    return failure(unit_error{fmt::format("from 2 to {} points", maximum_points)});
  if (logarithmic && from <= 0) return failure(unit_error{"a logarithmic range that begins above 0"});
  std::vector<std::int64_t> values;
  for (std::uint64_t i = 0; i < points; ++i) {
    const std::int64_t value = between(from, to, i, points, logarithmic);
    if (values.empty() || values.back() != value) values.push_back(value);
  }
  return values;
}

}  // namespace

result<std::vector<std::string>, unit_error> expand(const value_range& range) {
  if (range.step.has_value() == range.points.has_value()) return failure(unit_error{"either step or points"});
  if (range.logarithmic && range.step) return failure(unit_error{"points for a logarithmic range"});
  auto from = parse_quantity(range.from);
  auto to = parse_quantity(range.to);
  auto step = range.step ? parse_quantity(*range.step) : quantity{};
  if (!from || !to || !step)
    return failure(unit_error{"ends and step such as 1, 0.5, 1%, 10ms, 1Mbit/s or 64KiB, none negative"});
  unit_kind kind = unit_kind::whole;
  for (const quantity& each : {*from, *to, *step})
    if (each.kind != unit_kind::whole) kind = each.kind;
  if (!convert(*from, kind) || !convert(*to, kind) || !convert(*step, kind))
    return failure(unit_error{"ends and step of one kind"});
  if (from->value >= to->value) return failure(unit_error{"from below to"});
  const auto values = range.step ? by_step(from->value, to->value, step->value)
                                 : by_points(from->value, to->value, *range.points, range.logarithmic);
  if (!values) return failure(values.error());
  std::vector<std::string> texts;
  for (const std::int64_t value : *values) texts.push_back(print({kind, value}));
  return texts;
}

std::optional<std::vector<std::vector<std::size_t>>> combinations(std::span<const std::size_t> sizes) {
  std::size_t count = 1;
  for (const std::size_t size : sizes) {
    if (size != 0 && count > maximum_points / size) return std::nullopt;
    count *= size;
  }
  std::vector<std::vector<std::size_t>> all;
  for (std::size_t number = 0; number < count; ++number) {
    std::vector<std::size_t> one(sizes.size());
    std::size_t rest = number;
    for (std::size_t key = sizes.size(); key-- > 0; rest /= sizes[key]) one[key] = rest % sizes[key];
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace seqwire
