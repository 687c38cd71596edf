#include "lab/measure/expectation.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "lab/scenario/scenario_text.hpp"
#include "lab/scenario/units.hpp"

namespace seqwire {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

std::optional<double> plain_number(std::string_view text) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> percent(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  const auto number = plain_number(trimmed(text.substr(0, text.size() - 1)));
  return number ? std::optional(*number / 100) : std::nullopt;
}

// A number with a unit of sizes, which need not come out whole: "1.5MB".
std::optional<double> octets_in(std::string_view text) {
  const std::size_t unit = text.find_first_not_of("0123456789. ");
  if (unit == std::string_view::npos || unit == 0) return std::nullopt;
  const auto number = plain_number(trimmed(text.substr(0, unit)));
  const auto one = parse_size("1" + std::string(trimmed(text.substr(unit))));
  if (!number || !one) return std::nullopt;
  return *number * static_cast<double>(*one);
}

std::optional<double> number_in(std::string_view text, const measure& of) {
  text = trimmed(text);
  if (const auto plain = plain_number(text)) return plain;
  if (of.unit == "s") {
    const auto time = parse_duration(text);
    return time ? std::optional(time->seconds()) : std::nullopt;
  }
  if (of.unit == "octets/s") return text.ends_with("/s") ? octets_in(text.substr(0, text.size() - 2)) : std::nullopt;
  if (const auto share = percent(text)) return share;
  return octets_in(text);
}

std::optional<expectation> with_tolerance(std::string_view text, std::size_t at, const measure& of) {
  const auto middle = number_in(text.substr(0, at), of);
  const std::string_view around = trimmed(text.substr(at + 2));
  // A share of the value: of a share, too.
  const auto part = percent(around);
  const auto by = part && middle ? std::optional(std::abs(*middle) * *part) : number_in(around, of);
  if (!middle || !by || *by < 0) return std::nullopt;
  return expectation{*middle - *by, *middle + *by};
}

std::optional<expectation> parse(std::string_view text, const measure& of) {
  text = trimmed(text);
  if (const std::size_t at = text.find("+-"); at != std::string_view::npos) return with_tolerance(text, at, of);
  if (const std::size_t at = text.find(".."); at != std::string_view::npos) {
    const auto least = number_in(text.substr(0, at), of);
    const auto most = number_in(text.substr(at + 2), of);
    if (!least || !most || *least > *most) return std::nullopt;
    return expectation{*least, *most};
  }
  const std::size_t digits = text.find_first_not_of("<>= ");
  if (digits == std::string_view::npos) return std::nullopt;
  const std::string_view comparison = trimmed(text.substr(0, digits));
  const auto value = number_in(text.substr(digits), of);
  if (!value) return std::nullopt;
  if (comparison.empty() || comparison == "=") return expectation{*value, *value};
  if (comparison == ">") return expectation{*value, infinite, false, true};
  if (comparison == ">=") return expectation{*value, infinite};
  if (comparison == "<") return expectation{-infinite, *value, true, false};
  if (comparison == "<=") return expectation{-infinite, *value};
  return std::nullopt;
}

}  // namespace

result<expectation, std::string> parse_expectation(std::string_view text, const measure& of) {
  if (const auto made = parse(text, of)) return *made;
  const std::string_view example = of.unit == "s" ? "20ms" : of.unit == "octets/s" ? "1.5MB/s" : "100";
  return failure(fmt::format("= {0}, < {0}, >= {0}, {0} +- 5% or {0} .. {0}", example));
}

std::string print_measured(double value, std::string_view unit) {
  if (std::isnan(value)) return "none";
  if (unit == "s") return fmt::format("{:.6g} s", value);
  if (unit == "octets/s") return fmt::format("{:.6g} MB/s", value / 1e6);
  return fmt::format("{:.6g}", value);
}

}  // namespace seqwire
