// The retransmission timeout: Jacobson & Karels' mean and mean deviation in integer nanoseconds, Karn's rule by the
// caller (no sample from anything retransmitted), exponential backoff until a sample or until the caller knows better.
#pragma once

#include <algorithm>

#include "protocol/base/time.hpp"
#include "protocol/spp/config.hpp"

namespace seqwire {

/// The retransmission timeout of one connection (Jacobson & Karels 1988, RFC 6298 2).
class round_trip_estimator {
 public:
  /// The configuration's three timeouts are copied.
  explicit round_trip_estimator(const spp_config& config)
      : minimum_(config.minimum_timeout), initial_(config.initial_timeout), maximum_(config.maximum_timeout) {}

  /// A round trip of a packet that was sent once; the first replaces the initial timeout.
  void sample(duration measured) {
    backoff_ = 0;
    if (!measured_) {
      smoothed_ = measured;
      deviation_ = measured / 2;
      measured_ = true;
      return;
    }
    const duration error = measured - smoothed_;
    smoothed_ += error / 8;
    deviation_ += ((error < duration{} ? -error : error) - deviation_) / 4;
  }

  /// The timeout with the present backoff.
  duration timeout() const {
    const duration base = measured_ ? std::max(smoothed_ + deviation_ * 4, minimum_) : initial_;
    return std::min(base * (std::int64_t{1} << backoff_), std::max(maximum_, minimum_));
  }

  void back_off() { backoff_ = std::min(backoff_ + 1, 16); }  // doubles the timeout, 16 times at most
  void reset_backoff() { backoff_ = 0; }                      // the peer moved something on
  int backoff() const { return backoff_; }                    // doublings now in force
  duration smoothed() const { return smoothed_; }             // 0 before the first sample

 private:
  duration minimum_;
  duration initial_;
  duration maximum_;
  duration smoothed_{};
  duration deviation_{};
  bool measured_ = false;
  int backoff_ = 0;
};

}  // namespace seqwire
