// Quantities as people write them: durations "20ms", rates "10Mbit/s", sizes "64KiB", probabilities "5%". Exact: whole
// numbers never pass through floating point, and what does not fit or is not whole is refused, never rounded.
// Knows no keys and no files; an error says what was expected, the caller says where and what it got.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/base/result.hpp"
#include "protocol/base/time.hpp"

namespace seqwire {

/// Why a text is not a quantity, as words that complete "expected ...; got ...".
struct unit_error {
  std::string expected;  // "a duration such as 20ms"
};

/// A decimal number and one of ns, us, ms, s, m, h: "20ms", "1.5s", "0.25h"; "0" needs no unit. Whole nanoseconds,
/// never negative, at most duration::maximum().
result<duration, unit_error> parse_duration(std::string_view text);
/// Bits per second: a decimal number and one of bit, kbit, Mbit, Gbit, Tbit with or without "/s" (a thousand each);
/// "0" and "unlimited" are 0.
result<std::uint64_t, unit_error> parse_rate(std::string_view text);
/// Octets: a whole number, alone or with B, kB, MB, GB (a thousand each) or KiB, MiB, GiB (1,024 each).
result<std::uint64_t, unit_error> parse_size(std::string_view text);
/// From 0 to 1: "0.05", "5e-2" or "5%"; the nearest double to what is written.
result<double, unit_error> parse_probability(std::string_view text);
/// A whole number without sign, digits only, from minimum to maximum.
result<std::uint64_t, unit_error> parse_count(std::string_view text, std::uint64_t minimum, std::uint64_t maximum);

/// The normal forms: the largest unit that leaves a whole number. Every one parses back to the same value, except that
/// negative durations have a text and no parse.
std::string print_duration(duration value);
// As print_duration().
std::string print_rate(std::uint64_t bits_per_second);
std::string print_size(std::uint64_t octets);
std::string print_probability(double value);

/// Of the ten of ASCII, whatever the locale.
bool is_digit(char letter);

}  // namespace seqwire
