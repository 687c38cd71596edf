// The values that a study's keys take: ranges written with their ends, and combinations of several keys. Knows units as
// they are written, and no keys: what a value means is the scenario's business.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lab/scenario/units.hpp"

namespace seqwire {

struct value_range {                    // as a study writes it
  std::string from;                     // the first value, with its unit
  std::string to;                       // the last one at most
  std::optional<std::string> step;      // exactly one of the two
  std::optional<std::uint64_t> points;  // both ends included
  bool logarithmic = false;             // with points only
};

/// Most values of one key, and most points of a study.
inline constexpr std::size_t maximum_points = 100'000;

/// The values from one end to the other, in the unit in which they are written: durations, rates, sizes, shares in per
/// cent, plain numbers. Whole numbers stay whole: what is not is rounded, and what comes out twice is there once.
/// Points on a logarithmic scale are rounded to six digits, so that they are the same on every machine.
result<std::vector<std::string>, unit_error> expand(const value_range& range);

/// Every combination of one value of each key, as indexes; the first key varies slowest. Nothing when there are more
/// than maximum_points.
std::optional<std::vector<std::vector<std::size_t>>> combinations(std::span<const std::size_t> sizes);

}  // namespace seqwire
