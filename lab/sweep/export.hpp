// What comes out of a study's results: results.csv with one line for each run and summary.csv with one for each point.
// Both are canonical: in the order of points and seeds, numbers written so that they read back exactly, nothing in them
// about machines or times; the same study gives the same octets, in one go or in shards, on one thread or on many.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "lab/sweep/results_store.hpp"

namespace seqwire {

inline constexpr const char* results_csv_name = "results.csv";  // one line for each run
inline constexpr const char* summary_csv_name = "summary.csv";  // one line for each point

struct point_summary {                 // of one point
  std::uint64_t runs = 0;              // that count: up to the last seed that the rule asks for
  std::vector<running_mean> measures;  // in the order of the header's
  bool enough = false;                 // no seed is missing
  std::uint64_t broken = 0;            // runs that do not hold
};

struct sweep_summary {                // of a study
  std::vector<point_summary> points;  // in the order of the header's
  std::uint64_t judged = 0;           // runs of which it is known whether they hold
  std::uint64_t broken = 0;           // of these, those that do not hold

  std::uint64_t points_missing() const;  // that have not enough runs
};

/// Writes both files to the folder, each whole or not at all, and tells what stands in them. Throws store_error and
/// std::system_error.
sweep_summary export_results(const results_store& from, const std::string& folder);

/// One line of text for each of the first points with the first measures, for people.
std::string render_text(const results_header& of, const sweep_summary& summary);
/// Schema "seqwire.sweep/1".
nlohmann::json to_json(const results_header& of, const sweep_summary& summary);

}  // namespace seqwire
