// Random early detection (Floyd, Jacobson 1993): an average of the queue's length, and a share of the arriving frames
// dropped or marked that grows with it. Apart from the queue, so that its arithmetic can be tested by itself.
#pragma once

#include "sim/queue.hpp"

namespace seqwire {

struct red_settings {         // Floyd and Jacobson 1993, with the gentle option
  double minimum = 5;         // average frames below which nothing is dropped
  double maximum = 15;        // from which on everything is, or with gentle a growing share
  double probability = 0.02;  // the share just below the maximum
  double weight = 0.002;      // of a new length in the average
  bool gentle = true;         // between maximum and twice that the share grows to 1
  bool marks = false;         // mark rather than drop while the average is below the maximum
  duration transmission{};    // of a typical frame: how the average falls while the link is idle
};

class red_discipline final : public arrival_discipline {  // of one link's direction
 public:
  /// The stream is its own from now on.
  red_discipline(const red_settings& settings, const random_stream& random) : settings_(settings), random_(random) {}

  decision on_arrival(const queue_arrival& frame) override;  // as arrival_discipline's

  double average() const { return average_; }  // of the frames that wait, weighted
  /// The share p_b at this average, before the frames since the last drop are taken into account.
  double share_at(double average) const;

 private:
  void update_average(const queue_arrival& frame);

  red_settings settings_;
  random_stream random_;
  double average_ = 0;
  std::int64_t since_last_ = -1;  // frames taken since the last drop while the average was above the minimum
};

}  // namespace seqwire
