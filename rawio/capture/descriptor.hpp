// A file descriptor with one owner, closed with it.
#pragma once

#include <unistd.h>

#include <utility>

namespace seqwire {

/// A file descriptor that one object owns and closes.
class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int number) : number_(number) {}  // open, or -1: none
  // The other has none afterwards; what this one had is closed.
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~descriptor() { close(); }

  /// -1 when there is none.
  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }  // there is one
  /// At once; nothing happens when there is none.
  void close() {
    if (number_ >= 0) ::close(release());
  }
  /// The number, which is the caller's to close from now on.
  int release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

}  // namespace seqwire
