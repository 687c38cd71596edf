// What runs on a host: a program that is woken with the time and the host, and says when it wants to be woken again.
// The simulated node and the event loop wake it after every drive(), so the same program runs in both worlds.
#pragma once

#include "protocol/host/host.hpp"

namespace seqwire {

/// What runs on a host; it outlives the drive() that calls it.
class application {
 public:
  virtual ~application() = default;

  /// Looks at events, takes records, sends more. True: it did something, so there may be packets to send.
  virtual bool step(instant now, host& on) = 0;
  /// When it wants step() even if nothing happens.
  virtual std::optional<instant> next_wake() const { return std::nullopt; }
  /// It has nothing more to do, for better or worse.
  virtual bool finished() const = 0;
  /// The host is about to go; nothing may touch it afterwards.
  virtual void leave() {}
};

}  // namespace seqwire
