// Which run comes next: every point times its seeds, less what is there already, until a point has enough. Decisions
// are made in the order of seeds, whatever order runs end in, so that they do not depend on how many run at a time.
// Knows no threads and no simulator.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "lab/measure/statistics.hpp"

namespace seqwire {

/// The n-th seed of a point.
struct planned_run {
  std::size_t point = 0;     // by its number in the study
  std::uint64_t number = 0;  // from 0
};

class run_queue {  // of one sweep
 public:
  /// Points by their numbers, in the order in which they are begun.
  run_queue(std::vector<std::size_t> points, const stopping_rule& rule);

  /// A result that an earlier sweep left: before the first next().
  void already_there(planned_run run, double value) { finished(run, value); }

  /// A run to begin now, or nothing: everything is done, or hangs on runs that are under way.
  std::optional<planned_run> next();
  /// A run has ended with this value of the rule's measure.
  void finished(planned_run run, double value);

  /// Every point has enough.
  bool done() const { return undecided_ == 0; }
  /// Runs that have ended, and how many there will be at most.
  std::uint64_t ended() const { return ended_; }
  std::uint64_t most() const { return most_; }  // fewer where a rule ends points early

 private:
  struct progress {
    std::uint64_t begun = 0;  // numbers below are taken
    std::uint64_t under_way = 0;
    std::uint64_t counted = 0;              // numbers below are in `so_far`
    std::map<std::uint64_t, double> early;  // ended before one with a lower number
    running_mean so_far;
    bool enough = false;
  };

  void decide(progress& of);
  std::optional<planned_run> begin_at(std::size_t point);
  std::optional<std::size_t> best_open() const;

  stopping_rule rule_;
  std::vector<std::size_t> points_;
  std::map<std::size_t, progress> progress_;
  std::size_t fresh_ = 0;          // of points_, the first that was not begun
  std::vector<std::size_t> open_;  // begun and undecided
  std::size_t undecided_ = 0;
  std::uint64_t ended_ = 0;
  std::uint64_t most_ = 0;
};

}  // namespace seqwire
