// The only place that asks the operating system for entropy. Everything else derives from a seed
// (protocol/base/random).
#pragma once

#include <cstdint>

namespace seqwire {

/// 64 unpredictable bits. Throws std::system_error where the kernel has none to give.
std::uint64_t fresh_seed();

}  // namespace seqwire
