// A study: a scenario, which of its keys take which values, how many seeds each combination gets, and what is measured.
// In a file it is a scenario with a table more:
//   [sweep]
//   "link.loss" = ["0%", "1%", "2%"]
//   "flow.0.window" = { from = 1, to = 64, points = 7, scale = "log" }
//   zip = [["link.rate", "link.queue"]]   # vary together; everything else in every combination
//   seeds = 10
//   measures = ["goodput", "link.a_to_b.utilisation"]
// Knows how points are made, not how they are run.
#pragma once

#include <string>
#include <vector>

#include "lab/measure/measures.hpp"
#include "lab/scenario/scenario.hpp"

namespace seqwire {

/// One combination of values. The scenario's seed is that of the point's first run; the next have the numbers behind.
struct study_point {
  std::vector<std::string> values;  // of the study's keys, as the study writes them
  scenario runs;                    // the scenario with the point's values; the seed is still the file's
};

struct study {                           // a scenario and what of it varies
  std::string name;                      // of the scenario, or of the file where that has none
  std::vector<std::string> keys;         // that vary, as in --set
  std::vector<study_point> points;       // the first key varies slowest
  std::uint64_t seeds = 10;              // for each point, at most
  std::vector<chosen_measure> measures;  // the first decides a stopping rule
  std::string digest;  // SHA-256 of keys, points, their whole scenarios and the measures; not of the number of seeds
};

inline constexpr std::uint64_t maximum_seeds = 1'000'000;  // of one point

/// Reads a study file; `overrides` change the scenario beneath it. Everything is checked here: each point's scenario
/// can run.
result<study, scenario_error> read_study(const std::string& path, const std::vector<std::string>& overrides);

/// "link.loss=1%, flow.0.window=8"; of a study without keys "the scenario as it is".
std::string describe_point(const std::vector<std::string>& keys, const std::vector<std::string>& values);

/// Which of N shards (from 0) a point is of: by its values alone, so that it is the same wherever a shard runs.
std::uint64_t shard_of(const std::vector<std::string>& keys, const std::vector<std::string>& values,
                       std::uint64_t shards);

}  // namespace seqwire
