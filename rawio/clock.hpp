// The only place that reads a clock. Everything above is told the time (protocol/host/link.hpp).
// One time for all processes that a command forks: the offset to the Unix epoch is taken once, at process start.
#pragma once

#include "protocol/base/time.hpp"

namespace seqwire {

/// Nanoseconds since the Unix epoch as they were at process start, plus the monotonic time since. Never decreases,
/// and does not follow later corrections of the wall clock.
instant clock_now();

/// What this process has had of the processors until now.
duration processor_time();

/// The instant as CLOCK_MONOTONIC counts it, for timers of the kernel. Saturates; never below 1 (0 disarms a timer).
std::int64_t monotonic_nanoseconds(instant at);

}  // namespace seqwire
