// How many times this program has asked for memory: operator new, counted. Linked into every program that has the
// benchmarks; costs it one increment for each allocation.
#pragma once

#include <cstdint>

namespace seqwire::bench {

/// Calls of operator new by this thread so far.
std::uint64_t allocations();

}  // namespace seqwire::bench
