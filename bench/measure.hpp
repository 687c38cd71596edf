// Measuring side by side: contenders take turns, a row keeps every round, and what is shown is the median with its
// spread. Knows nothing of what is measured.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "protocol/base/time.hpp"

namespace seqwire::bench {

/// What a figure should reach.
struct aim {
  enum class direction : std::uint8_t { at_least, at_most };
  direction which;
  double value;
};

/// One figure of the report.
struct row {
  std::string topic;
  std::string name;
  std::string unit;
  std::optional<aim> goal = {};
  std::string note = {};            // what is counted
  std::vector<double> rounds = {};  // in the order in which they ran
  std::string skipped = {};         // why there are none

  double median() const;
  double lowest() const;
  double highest() const;
  /// Nothing without an aim or without rounds.
  std::optional<bool> aim_met() const;
};

/// Something that takes turns with others: each turn gives one figure for each of its rows.
struct contender {
  std::vector<row> rows;
  std::function<std::vector<double>(duration round)> turn;
};

/// Runs all contenders, one after the other, and that several times; their rows in order. One turn goes unmeasured
/// first.
std::vector<row> take_turns(const std::vector<contender>& contenders, duration round);

/// A row whose rounds are made of those of two others, taken in the same turns.
row combined(row made, const row& first, const row& second, const std::function<double(double, double)>& combine);
row ratio(row made, const row& above, const row& below);

/// CPU time that this process has used, in user and kernel: what a turn of one thread cost, whoever else was busy.
instant cpu_time();

/// Keeps the compiler from dropping a value, or from knowing what is at the pointer.
template <class Value>
inline void keep(const Value& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

/// Calls `work` (which does `pieces` pieces of work) until the round is over; CPU nanoseconds for each piece.
double nanoseconds_each(duration round, double pieces, const std::function<void()>& work);

}  // namespace seqwire::bench
