// What a measure must be for an experiment to hold: "= 100", "> 1MB", "<= 20ms", "100 +- 5%", "0.9 .. 1".
#pragma once

#include <string>
#include <string_view>

#include "lab/measure/measures.hpp"

namespace seqwire {

/// The values that a measure may have.
struct expectation {
  // Of the measure's unit: seconds, octets, octets a second, a count or a share.
  double least;              // -infinity: there is none
  double most;               // infinity: there is none
  bool least_counts = true;  // the value itself is allowed
  bool most_counts = true;   // as least_counts

  /// Never of a value that there is none of (NaN).
  bool holds(double value) const {
    return (least_counts ? value >= least : value > least) && (most_counts ? value <= most : value < most);
  }
};

/// A number in the measure's unit, "20ms" for seconds, "64KiB" for octets, "90%" for a share, alone or behind =, <, >,
/// <= or >=; or one with a tolerance, "100 +- 5" or "100 +- 5%" of it; or two with ".." between them. The error
/// completes "expected ...".
result<expectation, std::string> parse_expectation(std::string_view text, const measure& of);

/// A value in this unit of measures for people: "1.25 MB/s", "0.02 s", "0.99"; "none" for NaN.
std::string print_measured(double value, std::string_view unit);

}  // namespace seqwire
