// Octets that connections hold, of what has arrived or of what is to be sent: how many, and how many that may be
// together. A connection's own bounds (allocation, maximum_record, send_buffer) say nothing about ten thousand
// connections; this one does. It knows no direction.
#pragma once

#include <algorithm>
#include <cstddef>

namespace seqwire {

/// Shared by connections.
struct connection_memory {
  std::size_t most = 0;  // octets
  std::size_t held = 0;  // octets, of all of them together

  /// What one connection may hold however much the others do: no host has more than 65,535, so all of them together
  /// never hold twice `most`, and one piece each.
  std::size_t share() const { return most / 65536; }
};

/// One connection's part of it; gives back what it holds when it goes.
class memory_share {
 public:
  /// Nothing: no bound. The memory outlives the share.
  explicit memory_share(connection_memory* of) : of_(of) {}
  memory_share(const memory_share&) = delete;
  memory_share& operator=(const memory_share&) = delete;
  ~memory_share() { let_go(held_); }

  /// Who holds nothing may always take one piece, a packet or a record to be sent: so everybody goes on.
  bool has_room_for(std::size_t size) const {
    return of_ == nullptr || held_ == 0 || held_ + size <= of_->share() || of_->held + size <= of_->most;
  }
  std::size_t held() const { return held_; }  // octets
  /// Counts octets as held; whether they fit is for the caller to ask first.
  void hold(std::size_t size) {
    held_ += size;
    if (of_ != nullptr) of_->held += size;
  }
  /// Octets that hold() counted.
  void let_go(std::size_t size) {
    size = std::min(size, held_);
    held_ -= size;
    if (of_ != nullptr) of_->held -= size;
  }

 private:
  connection_memory* of_;
  std::size_t held_ = 0;
};

}  // namespace seqwire
