// The sequence of a flow's records: when each is due and how long it is. A pure function of the settings and a stream
// of randomness, each draw by the record's number, so that a run, its repetition and another machine have the same.
#pragma once

#include <optional>

#include "lab/scenario/scenario.hpp"
#include "protocol/base/random.hpp"

namespace seqwire {

class arrivals {  // of one flow, from its first record on
 public:
  arrivals(const flow_settings& of, const random_stream& random);  // copies what it needs

  /// The next record, not due before the one ahead of it; nothing: there were all. Of a bulk flow the instants are 0,
  /// and of requests they are times to think. What would be due after a hundred years is due then.
  std::optional<arrival> next();

 private:
  duration due_of(std::uint64_t number);
  duration clock_with_pauses();
  std::uint64_t size_of(std::uint64_t number) const;
  duration drawn(span_distribution how, duration mean, const random_stream& from, std::uint64_t index) const;

  workload_settings settings_;
  std::uint64_t count_;
  std::uint64_t size_;
  duration interval_;
  random_stream intervals_;
  random_stream sizes_;
  random_stream phases_;

  std::uint64_t made_ = 0;
  duration clock_{};  // of the latest record; of an on-off flow it stands still while that is off
  // On-off only.
  std::uint64_t phase_ = 0;
  duration on_until_{};  // by the clock
  duration paused_{};    // so far
};

}  // namespace seqwire
