// [measure] and [expect] of a run: values with the warm-up taken off, batch means, a time series in two files, and
// whether what was expected came true. It is given reports of the run at the instants for which it asks, in either
// world, and looks at nothing else: that it is there changes nothing in the run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/experiment.hpp"
#include "lab/measure/expectation.hpp"
#include "lab/measure/measures.hpp"
#include "lab/measure/statistics.hpp"
#include "rawio/capture/file.hpp"

namespace seqwire {

/// What is wrong with a list of names or an expectation: what completes "expected ...", and what was there instead.
struct measure_fault {
  std::string expected;  // in words
  std::string got;       // as it stood there
};

/// The measures that a list with commas between them names. `not_of`: such as these are refused.
result<std::vector<chosen_measure>, measure_fault> named_measures(std::string_view list, const scenario& of,
                                                                  measure_time not_of);

// Names of the files that a time series makes in a run's folder.
inline constexpr const char* series_csv_name = "series.csv";
inline constexpr const char* series_ndjson_name = "series.ndjson";

/// The measurement of one run.
class measurement {
 public:
  /// The names and expectations of the scenario have been checked. An empty folder: no series is written. Throws
  /// std::system_error naming a file that cannot be made.
  measurement(const scenario& of, const std::string& folder);

  /// When it wants the next report, from the run's start; nothing: never.
  std::optional<duration> next() const;
  /// How things stand at this time; later than the one before. Digests and `ran` are not looked at.
  void take(duration at, experiment_report now);
  /// Fills in what was measured and expected of a run that is over and summed up; `ended`: when its last event was.
  /// Closes the series; what could not be written is added to not_written.
  void finish(experiment_report& report, duration ended);

 private:
  // Reports at regular times, each measured against the one before.
  struct intervals {
    duration length{};  // 0: none
    duration next{};
    duration latest_at{};
    experiment_report latest;
  };

  // The values between two instants.
  struct measured_batch {
    duration until;
    std::vector<double> values;
  };

  void tell(duration at, const experiment_report& now);
  void count(duration at, const experiment_report& now);
  running_mean mean_of(std::size_t value, duration until) const;
  double whole_value(const chosen_measure& each, const experiment_report& report);

  duration warm_up_;
  std::optional<experiment_report> at_warm_up_;
  std::vector<chosen_measure> values_;
  std::vector<chosen_measure> told_;
  std::vector<expected_value> expected_;
  std::vector<measured_batch> measured_batches_;
  intervals series_;
  intervals batches_;
  experiment_report between_;  // of the interval that is measured
  std::optional<output_file> csv_;
  std::optional<output_file> ndjson_;
};

}  // namespace seqwire
