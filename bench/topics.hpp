// The topics, one file each. A topic runs its contenders in turns of about `round` and returns its rows.
#pragma once

#include <vector>

#include "bench/measure.hpp"

namespace seqwire::bench {

std::vector<row> bench_analysis(duration round);
std::vector<row> bench_simulator(duration round);
std::vector<row> bench_networks(duration round);
std::vector<row> bench_engine(duration round);
std::vector<row> bench_connections(duration round);
std::vector<row> bench_sockets(duration round);
std::vector<row> bench_scripts(duration round);
std::vector<row> bench_codec(duration round);
std::vector<row> bench_recording(duration round);
std::vector<row> bench_wire(duration round);

}  // namespace seqwire::bench
