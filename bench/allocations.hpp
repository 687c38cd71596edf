// How many times this program has asked for memory, and how much of it it holds: operator new and delete, counted.
// Linked into every program that has the benchmarks; costs it a few nanoseconds for each allocation.
#pragma once

#include <cstdint>

namespace seqwire::bench {

/// Calls of operator new by this thread so far.
std::uint64_t allocations();
/// Octets of memory that this thread has asked for and not given back, what malloc adds to each piece included. What
/// another thread gives back counts there.
std::int64_t octets_in_use();

}  // namespace seqwire::bench
