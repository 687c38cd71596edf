// Parameters of links (sim/parameter.hpp) as text: how values of each kind are written, read and printed. A kind more
// is one case in each of the three functions; a parameter more is none.
#pragma once

#include <string>
#include <string_view>

#include "lab/scenario/units.hpp"
#include "sim/parameter.hpp"

namespace seqwire {

/// What the parameter takes, in words that complete "expected ...".
std::string expected_of(const parameter& of);
/// The value that the text says, within the parameter's range.
result<parameter_value, unit_error> parse_parameter(const parameter& of, std::string_view text);
/// The normal form; parse_parameter() takes it again.
std::string print_parameter(const parameter& of, const parameter_value& value);

/// "[16, 30]", sorted and each once, however written.
result<std::vector<std::uint64_t>, unit_error> parse_ordinals(std::string_view text);
/// A file of mahimahi's: on each line the millisecond of a delivery opportunity, never decreasing, the last above 0.
result<delivery_trace, unit_error> read_trace(const std::string& path);

/// Largest trace, octets.
inline constexpr std::size_t maximum_trace_size = std::size_t{32} << 20;

}  // namespace seqwire
