// SIGINT and SIGTERM as a descriptor: whoever waits on it together with others misses none, whenever it comes.
#pragma once

#include <memory>

#include "rawio/capture/descriptor.hpp"

namespace seqwire {

/// The signals are blocked in the thread that made it, until it is destroyed; make it before other threads start, so
/// that they inherit this.
class ending_signals {
 public:
  /// Throws std::system_error.
  ending_signals();
  ~ending_signals();
  ending_signals(const ending_signals&) = delete;
  ending_signals& operator=(const ending_signals&) = delete;

  /// Readable while a signal waits to be taken.
  int descriptor_number() const { return signals_.number(); }
  /// SIGINT or SIGTERM, once for each that came; 0: none is there.
  int take();

 private:
  struct saved_mask;

  descriptor signals_;
  std::unique_ptr<saved_mask> saved_mask_;
};

}  // namespace seqwire
