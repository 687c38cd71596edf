// A deadline as a descriptor that becomes readable, for whoever waits on several. A timer that fires too early costs
// one look at the clock, and setting it anew for each packet would cost more: so it is only ever moved to the front, or
// set again after it has fired. Whoever waits asks the clock what is due.
#pragma once

#include "protocol/base/time.hpp"
#include "rawio/capture/descriptor.hpp"

namespace seqwire {

/// A timer of the kernel's that wakes who waits on descriptors.
class wake_timer {
 public:
  /// Throws std::system_error.
  wake_timer();

  /// Readable at `deadline` at the latest; instant::never() asks for nothing. One in the past is at once.
  void wake_by(instant deadline);
  /// To be called after each wait: takes note of whether it has fired.
  void settle();

  int descriptor_number() const { return timer_.number(); }  // for poll or epoll

 private:
  descriptor timer_;
  instant armed_ = instant::never();
};

}  // namespace seqwire
