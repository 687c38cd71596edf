// What can be measured of a run: one table with a name, a unit, a meaning and a function of the report, so that sweeps,
// their tables and the list for users cannot differ. Knows no files.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lab/experiment.hpp"

namespace seqwire {

/// What a measure is of: the run as a whole, one direction of a link ("link.a_to_b.NAME"), one transfer ("flow.0.NAME";
/// of a flow with copies each counts), or one reason for which hosts refuse packets ("drops.REASON").
enum class measure_scope : std::uint8_t { run, direction, flow, reason };

/// What time a measure speaks of: what happened in an interval, be it the whole run; the run as a whole only, such as
/// the largest of something; or how things stand at an instant.
enum class measure_time : std::uint8_t { interval, run, instant };

struct measure {             // one row of the table
  measure_scope scope;       // what it is a measure of
  measure_time time;         // decides whether a time series and the warm-up make sense of it
  std::string_view name;     // as studies name it
  std::string_view unit;     // empty: a count or a share
  std::string_view meaning;  // a sentence
  /// `which`: the direction (0: a to b), flow or reason. NaN where the run has no such value, such as the round trip of
  /// a flow that never measured one.
  double (*of)(const experiment_report& report, std::size_t which);
};

std::span<const measure> measures();  // all of them, in the order in which they are listed

/// A measure with what it is of.
struct chosen_measure {
  std::string name;              // in full: "flow.0.goodput"
  const measure* row = nullptr;  // of measures()
  std::size_t which = 0;         // the transfer, direction or reason, where the row has one for each

  /// The value in a run of any scenario that has it; NaN where there is none.
  double of(const experiment_report& report) const;
};

/// Every measure of runs of this scenario, in the order of the table.
std::vector<chosen_measure> all_measures(const scenario& of);

/// The one with this name; the error completes "expected ...": the nearest known one, or where they are listed.
result<chosen_measure, std::string> find_measure(std::string_view name, const scenario& of);

/// What is measured unless somebody chooses.
std::vector<std::string> default_measures();

/// The list for users, one line for each.
std::string describe_measures();

}  // namespace seqwire
