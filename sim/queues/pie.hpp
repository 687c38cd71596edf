// PIE (RFC 8033): a share of the arriving frames dropped or marked, adjusted every now and then to how long frames wait
// and how that changes. Between arrivals nothing enters, so what it would have measured then is known afterwards: it
// needs no timer.
#pragma once

#include "sim/queue.hpp"

namespace seqwire {

struct pie_settings {
  duration target = 15_ms;
  duration update = 15_ms;
  duration burst = 150_ms;  // of delay that passes without drops after calm
  bool marks = false;       // mark rather than drop while the share is below a tenth
};

class pie_discipline final : public arrival_discipline {
 public:
  pie_discipline(const pie_settings& settings, const random_stream& random)
      : settings_(settings), random_(random), burst_left_(settings.burst) {}

  decision on_arrival(const queue_arrival& frame) override;

  double share() const { return share_; }
  /// One adjustment, when frames wait for so long (RFC 8033 section 4.2).
  void adjust(duration wait);

 private:
  void catch_up(const queue_arrival& frame);
  bool is_calm(duration wait) const { return wait < settings_.target / 2; }

  pie_settings settings_;
  random_stream random_;
  double share_ = 0;
  duration wait_before_{};
  duration burst_left_;
  std::optional<instant> next_update_;
};

}  // namespace seqwire
