// What puts frames on the wire, one after another: at a rate, at a rate that changes, or at the delivery opportunities
// of a trace. Exact: integer nanoseconds, a frame's time rounded down.
#pragma once

#include <memory>

#include "sim/parameter.hpp"

namespace seqwire {

struct channel_settings;

class transmitter {  // of one link's direction
 public:
  virtual ~transmitter() = default;
  /// When a frame that is ready at `now` may begin: not before the one ahead of it has left.
  virtual instant next_start(instant now) = 0;
  /// Sends it; when its last bit has left. `start` is what next_start() said last.
  virtual instant send(instant start, std::size_t size) = 0;
  /// When all it was given has left.
  virtual instant idle_from() const = 0;
  /// How long so many octets take at most.
  virtual duration longest(double size) const = 0;
};

/// What the settings say; nothing: the link is infinitely fast. Its times count from `began`; nothing begins before
/// `free_from`.
std::unique_ptr<transmitter> make_transmitter(const channel_settings& settings, instant began, instant free_from = {});
/// Bits per second on the average, as far as it is known in advance; 0: unlimited.
std::uint64_t mean_rate(const channel_settings& settings);

/// Octets that an opportunity of a trace carries.
inline constexpr std::uint64_t opportunity_octets = 1500;

}  // namespace seqwire
