// The results of a study in one SQLite file: what the study is, its points, and a row for each run that has ended. A
// row that add() has returned for is there after the process was killed; a power failure may take the last ones, never
// the file. Knows how results are kept, not how they come about. Tables and columns: docs/sweeps.md.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "lab/measure/statistics.hpp"

namespace seqwire {

inline constexpr const char* results_name = "results.sqlite";  // in the sweep's folder

/// What all results of a file have in common. The values of points stand in the order of the keys.
struct results_header {
  std::string study;                             // its name
  std::string digest;                            // as study::digest
  std::string revision;                          // of the program that made the results
  stopping_rule rule;                            // how many seeds points get
  std::vector<std::string> keys;                 // of the scenario, as in --set
  std::vector<std::string> measures;             // their names
  std::vector<std::vector<std::string>> points;  // each with a value for each key, as text
  std::vector<std::uint64_t> first_seeds;        // of each point
};

struct run_result {               // one row
  std::size_t point = 0;          // of the header's
  std::uint64_t number = 0;       // of the seed among the point's
  std::uint64_t seed = 0;         // that the run had
  std::vector<double> values;     // of the measures; NaN where there is none
  std::string scenario;           // SHA-256 of the whole scenario as TOML
  std::uint64_t fingerprint = 0;  // of the event trace (sim/trace_fingerprint.hpp)
  std::string revision;           // of the program that ran it
  std::optional<bool> holds;      // the verdict, or else whether what was expected came true, where anything was
  // What may differ between machines
  std::string compiler;  // that built the program
  std::string machine;   // that it ran on
  double seconds = 0;    // that the run took
};

/// What SQLite or the file system refused, or a file that is no such file, as one line with the path.
class store_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One file. Whatever fails throws store_error.
class results_store {
 public:
  /// Makes the file, whole or not at all; there is none yet.
  static results_store create(const std::string& path, const results_header& header);
  /// Opens one that create() made.
  static results_store open(const std::string& path);
  results_store(results_store&&) noexcept;             // the other is then good for nothing
  results_store& operator=(results_store&&) noexcept;  // the same
  ~results_store();

  const results_header& header() const { return header_; }  // as the file says it
  /// How many seeds points get from now on.
  void set_rule(const stopping_rule& rule);

  /// Adds rows, all of them or none. A row that is there already stays when it is equal in everything but machine,
  /// compiler and seconds; else this throws.
  void add(const std::vector<run_result>& rows);
  /// The same with every row of others.
  void add_all_of(const std::vector<results_store>& others);
  /// Every row in the order of points and seeds.
  void for_each(const std::function<void(const run_result&)>& take) const;

 private:
  class database;
  results_store(std::unique_ptr<database> file, results_header header);
  static void make_tables(const std::string& path, const results_header& header);

  std::unique_ptr<database> file_;
  results_header header_;
};

}  // namespace seqwire
