// The benchmarks behind `seqwire bench`: how fast the readers of captures, the simulator, simulated networks, the
// engine, connections, sockets, scripts, the codec, the recorder and the wire are on this machine now, and how much
// memory verify and connections take, beside what they are to be compared with. Everything in one run, contenders in
// turns (A B A B), because only ratios taken side by side mean anything on a shared machine.
#pragma once

#include <string>
#include <vector>

#include "bench/measure.hpp"

namespace seqwire::bench {

struct bench_options {
  std::string only;         // one topic; empty: all
  duration round = 400_ms;  // each contender's turn, about
};

/// The topics in the order in which they run: "analysis", "simulator", "networks", "engine", "connections", "sockets",
/// "scripts", "codec", "recording", "wire".
std::vector<std::string> topic_names();

/// Runs and returns every row; what this machine or user does not allow is a row that says so. Files go to the folder
/// for temporary files and are removed. The wire is two network namespaces of its own.
std::vector<row> run_bench(const bench_options& options);

/// For people: one line for the machine, one for each row.
std::string render_text(const std::vector<row>& rows);
/// For programs: {"schema": "seqwire.bench/1", "machine": {...}, "rows": [...]}
std::string render_json(const std::vector<row>& rows);

}  // namespace seqwire::bench
