// Octets that receivers hold for their applications and for reordering: how many, and how many that may be together.
// A connection's own bounds (allocation, maximum_record) say nothing about ten thousand connections; this one does.
#pragma once

#include <algorithm>
#include <cstddef>

#include "protocol/base/time.hpp"

namespace seqwire {

/// Shared by receivers: all of a host, or all of one of its sockets.
struct receive_memory {
  std::size_t most = 0;    // octets
  std::size_t held = 0;    // octets, of all receivers together
  instant room_made_at{};  // when one of them was last ended for the others

  /// What one receiver may hold however much the others do: no host has more than 65,535 connections, so all of them
  /// together never hold twice `most`, and one packet each.
  std::size_t share() const { return most / 65536; }
};

/// One receiver's part of it; gives back what it holds when it goes.
class receive_share {
 public:
  /// Nothing: no bound. The memory outlives the share.
  explicit receive_share(receive_memory* of) : of_(of) {}
  receive_share(const receive_share&) = delete;
  receive_share& operator=(const receive_share&) = delete;
  ~receive_share() { let_go(held_); }

  /// A receiver that holds nothing may always take one packet.
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
  receive_memory* of_;
  std::size_t held_ = 0;
};

}  // namespace seqwire
