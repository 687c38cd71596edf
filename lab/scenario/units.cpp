#include "lab/scenario/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <span>

namespace seqwire {
namespace {

struct unit {
  std::string_view suffix;
  std::uint64_t scale;
};

// Each table from the largest to the smallest, which is the order in which printing tries them.
constexpr unit time_units[]{{"h", 3'600'000'000'000}, {"m", 60'000'000'000}, {"s", 1'000'000'000},
                            {"ms", 1'000'000},        {"us", 1'000},         {"ns", 1}};
constexpr unit rate_units[]{
    {"Tbit/s", 1'000'000'000'000}, {"Gbit/s", 1'000'000'000}, {"Mbit/s", 1'000'000}, {"kbit/s", 1'000}, {"bit/s", 1}};
constexpr unit size_units[]{{"GiB", 1 << 30},  {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1'000'000'000},
                            {"MB", 1'000'000}, {"kB", 1'000},    {"B", 1},         {"", 1}};
constexpr unit binary_units[]{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"", 1}};

constexpr std::uint64_t most_nanoseconds = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t most_of_all = std::numeric_limits<std::uint64_t>::max();

// to = to * factor + summand, unless that exceeds maximum.
bool multiply_add(std::uint64_t& to, std::uint64_t factor, std::uint64_t summand, std::uint64_t maximum) {
  if (__builtin_mul_overflow(to, factor, &to) || __builtin_add_overflow(to, summand, &to)) return false;
  return to <= maximum;
}

struct split_quantity {
  std::string_view whole;     // digits before the point
  std::string_view fraction;  // digits behind it
  std::string_view suffix;
};

// "1.5ms" in its three parts; nothing when it does not begin with a decimal number.
std::optional<split_quantity> split(std::string_view text) {
  const auto digits_from = [&](std::size_t at) {
    const std::size_t begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return text.substr(begin, at - begin);
  };
  split_quantity parts;
  parts.whole = digits_from(0);
  if (parts.whole.empty()) return std::nullopt;
  std::size_t at = parts.whole.size();
  if (at < text.size() && text[at] == '.') {
    parts.fraction = digits_from(at + 1);
    if (parts.fraction.empty()) return std::nullopt;
    at += 1 + parts.fraction.size();
  }
  parts.suffix = text.substr(at);
  return parts;
}

enum class scaling : std::uint8_t { exact, too_large, too_fine };

// The number times the scale: digit by digit, so that nothing is rounded.
scaling scale_to(std::uint64_t& value, const split_quantity& parts, std::uint64_t scale, std::uint64_t maximum) {
  value = 0;
  for (const char digit : parts.whole)
    if (!multiply_add(value, 10, static_cast<std::uint64_t>(digit - '0'), maximum)) return scaling::too_large;
  if (!multiply_add(value, scale, 0, maximum)) return scaling::too_large;
  for (const char digit : parts.fraction) {
    if (digit != '0' && (scale == 0 || scale % 10 != 0)) return scaling::too_fine;
    scale /= 10;
    if (!multiply_add(value, 1, scale * static_cast<std::uint64_t>(digit - '0'), maximum)) return scaling::too_large;
  }
  return scaling::exact;
}

const unit* find_unit(std::span<const unit> units, std::string_view suffix) {
  const auto found = std::find_if(units.begin(), units.end(), [&](const unit& each) { return each.suffix == suffix; });
  return found == units.end() ? nullptr : &*found;
}

std::string print_in_largest(std::uint64_t value, std::span<const unit> units) {
  for (const unit& each : units)
    if (value % each.scale == 0) return fmt::format("{}{}", value / each.scale, each.suffix);
  return {};  // not reached: each table ends in a scale of 1
}

bool is_zero(const split_quantity& parts) {
  const auto zeros = [](std::string_view digits) { return digits.find_first_not_of('0') == std::string_view::npos; };
  return zeros(parts.whole) && zeros(parts.fraction);
}

unit_error expected(std::string words) { return {std::move(words)}; }

// "5", "0.05", "5e-2": what std::from_chars takes, less signs, a bare point, and the words for infinity and no number.
bool is_plain_decimal(std::string_view text) {
  const auto parts = split(text);
  if (!parts) return false;
  std::string_view exponent = parts->suffix;
  if (exponent.empty()) return true;
  if (exponent.front() != 'e' && exponent.front() != 'E') return false;
  exponent.remove_prefix(1);
  if (!exponent.empty() && (exponent.front() == '-' || exponent.front() == '+')) exponent.remove_prefix(1);
  return !exponent.empty() && std::all_of(exponent.begin(), exponent.end(), is_digit);
}

// A decimal number given by its digits and the power of ten of the first one, written without exponent.
std::string write_out(const std::string& digits, int exponent) {
  if (exponent < 0) return "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) return digits + std::string(whole - digits.size(), '0');
  return digits.substr(0, whole) + "." + digits.substr(whole);
}

}  // namespace

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

result<duration, unit_error> parse_duration(std::string_view text) {
  const auto parts = split(text);
  if (!parts)
    return failure(expected(text.starts_with('-') ? "a duration that is not negative, such as 20ms"
                                                  : "a duration such as 20ms or 1.5s (ns, us, ms, s, m, h)"));
  if (parts->suffix.empty()) {
    if (is_zero(*parts)) return duration{};
    return failure(expected("a duration with its unit (ns, us, ms, s, m, h), such as 20ms"));
  }
  const unit* const found = find_unit(time_units, parts->suffix);
  if (found == nullptr) return failure(expected("a duration in ns, us, ms, s, m or h, such as 20ms"));
  std::uint64_t nanoseconds = 0;
  switch (scale_to(nanoseconds, *parts, found->scale, most_nanoseconds)) {
    case scaling::too_large: return failure(expected("a duration below 2^63 ns, some 292 years"));
    case scaling::too_fine: return failure(expected("a duration of whole nanoseconds"));
    case scaling::exact: break;
  }
  return duration{static_cast<std::int64_t>(nanoseconds)};
}

result<std::uint64_t, unit_error> parse_rate(std::string_view text) {
  if (text == "unlimited") return std::uint64_t{0};
  const auto parts = split(text);
  if (!parts) return failure(expected("a rate such as 10Mbit/s, or unlimited"));
  if (parts->suffix.empty()) {
    if (is_zero(*parts)) return std::uint64_t{0};
    return failure(expected("a rate with its unit (bit/s, kbit/s, Mbit/s, Gbit/s, Tbit/s), such as 10Mbit/s"));
  }
  std::string suffix(parts->suffix);
  if (!suffix.ends_with("/s")) suffix += "/s";
  const unit* const found = find_unit(rate_units, suffix);
  if (found == nullptr) return failure(expected("a rate in bit/s, kbit/s, Mbit/s, Gbit/s or Tbit/s, or unlimited"));
  std::uint64_t rate = 0;
  switch (scale_to(rate, *parts, found->scale, most_of_all)) {
    case scaling::too_large: return failure(expected("a rate below 2^64 bit/s"));
    case scaling::too_fine: return failure(expected("a rate of whole bits per second"));
    case scaling::exact: break;
  }
  return rate;
}

result<std::uint64_t, unit_error> parse_size(std::string_view text) {
  const auto parts = split(text);
  const unit* const found = parts ? find_unit(size_units, parts->suffix) : nullptr;
  if (found == nullptr)
    return failure(expected("a size in octets such as 1500, 64KiB or 3MB (B, kB, MB, GB, KiB, MiB, GiB)"));
  if (!parts->fraction.empty()) return failure(expected("a size without fraction"));
  std::uint64_t octets = 0;
  if (scale_to(octets, *parts, found->scale, most_of_all) != scaling::exact)
    return failure(expected("a size below 2^64 octets"));
  return octets;
}

result<double, unit_error> parse_probability(std::string_view text) {
  constexpr std::string_view range = "a probability from 0 to 1, or from 0% to 100%";
  const bool percent = text.ends_with('%');
  std::string number(percent ? text.substr(0, text.size() - 1) : text);
  if (!is_plain_decimal(number)) return failure(expected(std::string(range)));
  if (percent) {
    // The division by a hundred goes into the exponent, so that 0.1% is the double nearest to 0.001.
    if (number.find_first_of("eE") != std::string::npos) return failure(expected(std::string(range)));
    number += "e-2";
  }
  double value = 0;
  const auto [stopped, status] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (status != std::errc{} || stopped != number.data() + number.size() || !(value >= 0 && value <= 1))
    return failure(expected(std::string(range)));
  return value;
}

result<std::uint64_t, unit_error> parse_count(std::string_view text, std::uint64_t minimum, std::uint64_t maximum) {
  std::uint64_t value = 0;
  const auto [stopped, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || stopped != text.data() + text.size() || value < minimum || value > maximum)
    return failure(expected(fmt::format("a whole number from {} to {}", minimum, maximum)));
  return value;
}

std::string print_duration(duration value) {
  if (value == duration{}) return "0";
  const auto bits = static_cast<std::uint64_t>(value.nanoseconds);
  if (value < duration{}) return "-" + print_in_largest(0 - bits, time_units);
  return print_in_largest(bits, time_units);
}

std::string print_rate(std::uint64_t bits_per_second) {
  return bits_per_second == 0 ? "unlimited" : print_in_largest(bits_per_second, rate_units);
}

std::string print_size(std::uint64_t octets) { return octets == 0 ? "0" : print_in_largest(octets, binary_units); }

std::string print_probability(double value) {
  if (!(value > 0)) return "0%";
  char buffer[40];
  const auto [end, status] = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  const std::string shortest(buffer, end);
  const std::size_t mark = shortest.find('e');
  std::string digits = shortest.substr(0, mark);
  digits.erase(std::remove(digits.begin(), digits.end(), '.'), digits.end());
  int exponent = 0;
  const char* const from = buffer + mark + (shortest[mark + 1] == '+' ? 2 : 1);
  std::from_chars(from, end, exponent);
  if (exponent < -7) return shortest;  // a row of zeros helps nobody
  return write_out(digits, exponent + 2) + "%";
}

}  // namespace seqwire
