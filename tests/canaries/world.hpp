// A canary's world: two hosts of the real engine on the real simulator, in one of a few landscapes, judged by verify
// over the capture and both journals and by the invariants that no capture can decide. Everything comes from the seed.
#pragma once

#include <string>

#include "dissector/analysis/verdict.hpp"
#include "tests/canaries/conversation.hpp"

namespace seqwire::test {

enum class landscape : std::uint8_t {
  weather,       // loss, reordering, duplication, corruption, an intruder, a pausing reader; then the weather clears
  slow_reader,   // a small window, a reader that pauses, and the window's update lost
  incarnations,  // connections between the same two sockets, one after another
  severed,       // the link is cut for good in the middle
  wrap,          // more than 65,536 packets, and late copies of the first ones
};
std::string_view name_of(landscape where);

struct outcome {
  complaints broken;  // by rule name: verify's violations, and the invariants'
  verdict judged;     // verify's
  bool holds() const { return broken.empty() && judged.overall == conclusion::holds; }
};

/// Runs one seed of a landscape with whatever canary is armed. Files live only for the run.
outcome run_world(landscape where, std::uint64_t seed);

}  // namespace seqwire::test
