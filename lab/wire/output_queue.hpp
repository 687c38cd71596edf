// Octets on their way to a descriptor whose reader may be slow: kept here until it takes them, so that an event loop
// never waits in write(). Knows nothing of what the octets are, and sets no flag on the descriptor, which other
// processes may share.
#pragma once

#include <cstddef>
#include <deque>

#include "protocol/base/slice.hpp"
#include "rawio/capture/descriptor.hpp"

namespace seqwire {

/// Octets on their way to a descriptor.
class output_queue {
 public:
  /// More than this waits only because it came in one piece: whoever fills the queue stops at full().
  static constexpr std::size_t capacity = std::size_t{1} << 20;

  /// The descriptor stays the caller's. Throws std::system_error.
  explicit output_queue(int to);

  /// Puts the octets behind those that wait. After an error they are forgotten.
  void push(slice piece);
  /// Writes as much as the descriptor takes without waiting.
  void flush();

  std::size_t waiting() const { return waiting_; }    // octets
  bool full() const { return waiting_ >= capacity; }  // no more should be pushed
  /// For the event loop: readable while flush() has something to do, be it to notice that the reader has gone.
  int descriptor_number() const { return ready_.number(); }
  /// Why nothing more can be written, as errno says it, EPIPE when the reader has gone; 0 while nothing is wrong.
  int error() const { return error_; }

 private:
  bool has_room();
  bool write_some();
  void fail(int error);
  void watch(bool for_room);

  int to_;
  descriptor ready_;      // an epoll instance around the descriptor: it is readable where that is writable
  bool pollable_ = true;  // not a file on a disk, which takes everything at once
  bool watching_ = false;
  std::deque<slice> pieces_;
  std::size_t waiting_ = 0;
  int error_ = 0;
};

}  // namespace seqwire
