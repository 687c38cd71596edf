// Running a study: every point times its seeds on a number of threads, each run by itself in virtual time, each result
// in the file as soon as its run has ended. What is there already is not run again.
#pragma once

#include <functional>
#include <string>

#include "lab/sweep/results_store.hpp"
#include "lab/sweep/study.hpp"

namespace seqwire {

/// One of several parts of a study, by points.
struct sweep_shard {
  std::uint64_t number = 1;  // from 1
  std::uint64_t of = 1;      // how many shards there are
};

struct sweep_settings {        // beside the study
  std::string folder;          // where results are; there is one
  std::string revision;        // of the program
  stopping_rule rule;          // how many seeds points get
  unsigned jobs = 1;           // runs at a time
  sweep_shard shard;           // nothing: all points
  bool verify = false;         // keep each run's files in folder/runs, and judge them
  bool resume = false;         // results may be there
  bool mix_revisions = false;  // of another revision, too
};

/// How far a sweep is.
struct sweep_progress {
  std::uint64_t ended = 0;    // runs
  std::uint64_t most = 0;     // as far as is known
  std::uint64_t earlier = 0;  // of those that ended, those that an earlier sweep left
};

/// Why a sweep cannot begin: results that are there, or not the right ones. One line.
class sweep_refusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Runs what is missing, and returns the results. `progress` is called now and then, from one thread at a time. Once
/// `stop` answers with a signal, runs under way are given up and the results that are there stay. Throws sweep_refusal,
/// store_error, interrupted, and whatever a run throws.
results_store run_sweep(const study& of, const sweep_settings& settings, const stop_question& stop,
                        const std::function<void(const sweep_progress&)>& progress);

/// What a study's results say of themselves.
results_header header_of(const study& of, const sweep_settings& settings);

/// Puts the results of shards together in `folder`, which has none yet. Throws sweep_refusal when they are not of one
/// study, one rule and, unless mixed, one revision, and when two disagree; store_error.
results_store merge_shards(const std::string& folder, const std::vector<std::string>& shards, bool mix_revisions);

}  // namespace seqwire
