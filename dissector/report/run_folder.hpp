// A run's folder as the report wants it: its capture and journals, and what was measured while it ran (series.csv, the
// windows in its qlog files). Reads files only; a folder without the extras is a run with less to show.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dissector/analysis/facts.hpp"

namespace seqwire {

/// Something measured again and again; times in seconds since the run began. Absent values are NaN.
struct measured_series {
  std::string name;           // as in the scenario's [measure], or a metric of docs/qlog.md
  std::vector<double> at;     // seconds
  std::vector<double> value;  // in the measure's own unit
};

/// What an end of a connection told of itself while it ran.
struct end_metrics {
  std::uint16_t id = 0;                  // its connection id
  std::string group;                     // the addresses of both ends, as qlog has them
  std::vector<measured_series> metrics;  // congestion_window, in_flight, allocation, timeout
};

/// The files and figures of a run.
struct run_folder {
  std::vector<std::string> captures;    // paths; one or more
  std::vector<std::string> journals;    // paths
  std::vector<measured_series> series;  // of series.csv
  std::vector<end_metrics> ends;        // of all *.qlog
};

/// The error is one line for the user: no folder, no capture in it, or a file of it that is malformed.
result<run_folder, std::string> read_run_folder(const std::string& path);

}  // namespace seqwire
