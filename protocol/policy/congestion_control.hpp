// Congestion control: how many packets may be outstanding. Counts packets, as the protocol does.
#pragma once

#include <memory>
#include <string_view>

#include "protocol/policy/flight.hpp"

namespace seqwire {

/// How many packets may be in flight on one connection; in packets, as SPP counts (protocol sheet 8.3).
class congestion_control {
 public:
  virtual ~congestion_control() = default;

  /// The window in whole packets, at least 1. The peer's allocation bounds it further.
  virtual packet_count window() const = 0;

  /// New packets were acknowledged; duplicates are not told. Loss recovery has been told before.
  virtual void on_acknowledgement(const acknowledgement_event& event) = 0;
  /// Loss recovery found a loss: once for each loss event, before the packet is sent again.
  virtual void on_loss(const loss_event& event) = 0;
  /// The retransmission timer ran out; what was in flight may be lost.
  virtual void on_timeout(const timeout_event& event) = 0;
};

/// Always the same window: for experiments and for links that nobody shares.
class fixed_window final : public congestion_control {
 public:
  explicit fixed_window(packet_count window) : window_(window) {}  // packets, at least 1
  packet_count window() const override { return window_; }
  void on_acknowledgement(const acknowledgement_event&) override {}
  void on_loss(const loss_event&) override {}
  void on_timeout(const timeout_event&) override {}

 private:
  packet_count window_;
};

/// Slow start and congestion avoidance with multiplicative decrease (Jacobson 1988). Each acknowledgement adds one
/// packet below the threshold, 1/window above. What a detected loss leaves of the window is what tells Tahoe from Reno.
class slow_start_avoidance final : public congestion_control {
 public:
  enum class after_loss : std::uint8_t { restart, halve };  // Tahoe; Reno and New Reno

  /// Both in packets, at least 1: where slow start begins, and where it ends unless a loss comes first.
  slow_start_avoidance(after_loss behaviour, packet_count initial_window, packet_count initial_threshold)
      : behaviour_(behaviour), window_(initial_window * unit), threshold_(initial_threshold) {}

  packet_count window() const override { return window_ < unit ? 1 : window_ / unit; }
  void on_acknowledgement(const acknowledgement_event& event) override;
  void on_loss(const loss_event& event) override;
  void on_timeout(const timeout_event& event) override;

 private:
  // Fixed point: the engine computes with integers only, so that every compiler gives the same octets.
  static constexpr std::uint64_t unit = 1 << 20;

  // Half of what could be outstanding, the smaller of the window and the peer's allocation, in whole packets as BSD's.
  packet_count half_of_usable(const flight_view& flight) const;

  after_loss behaviour_;
  std::uint64_t window_;    // in 1/unit packets
  packet_count threshold_;  // in packets
};

}  // namespace seqwire
