// PIE (RFC 8033): a share of the arriving frames dropped or marked, adjusted every now and then to how long frames wait
// and how that changes. Between arrivals nothing enters, so what it would have measured then is known afterwards: it
// needs no timer.
#pragma once

#include "sim/queue.hpp"

namespace seqwire {

struct pie_settings {       // RFC 8033 4
  duration target = 15_ms;  // queueing delay that it steers to
  duration update = 15_ms;  // between two looks at the delay
  duration burst = 150_ms;  // of delay that passes without drops after calm
  bool marks = false;       // mark rather than drop while the share is below a tenth
};

class pie_discipline final : public arrival_discipline {  // of one link's direction
 public:
  pie_discipline(const pie_settings& settings, const random_stream& random)
      : settings_(settings), random_(random), burst_left_(settings.burst) {}  // the stream is its own from now on

  decision on_arrival(const queue_arrival& frame) override;  // as arrival_discipline's

  double share() const { return share_; }  // the probability of a drop now
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
