// How a blocked program waits. A socket owns no loop: it is given a waiter, and the same program text runs on real
// sockets (rawio waits on epoll) and in virtual time (the simulator lets the next program go on).
#pragma once

#include <cstddef>

#include "protocol/base/time.hpp"

namespace seqwire {

/// How a blocking call waits; the endpoint calls it, never the other way round.
class waiter {
 public:
  virtual ~waiter() = default;

  virtual instant now() = 0;  // never goes back
  /// Lets the world go on until something may have happened at the endpoint, or `until` has come (instant::never(): as
  /// long as it takes). May return early. False: it will not go on any more (a signal, or the simulation is over), and
  /// blocking calls end with std::errc::interrupted.
  virtual bool wait(instant until) = 0;
  /// Lets go what the endpoint has to send, without waiting.
  virtual void flush() = 0;
  /// Packets of the endpoint's host that a full link has not taken yet; always 0 in a world whose links are never full.
  virtual std::size_t held() const { return 0; }
};

}  // namespace seqwire
