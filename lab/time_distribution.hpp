// Times in buckets that widen with them: 64 in each octave, so that a quantile is off by less than 1/64, whatever the
// number of times and however they spread. Memory follows the spread: 512 octets for each octave between the smallest
// and the largest.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/base/time.hpp"

namespace seqwire {

class time_distribution {  // empty to begin with
 public:
  /// A negative one counts as 0.
  void add(duration time);
  void add(const time_distribution& others);  // all of them

  std::uint64_t count() const { return count_; }  // times that were added
  // 0 of none; the first two are exact, the mean is rounded down.
  duration minimum() const { return minimum_; }
  duration maximum() const { return maximum_; }
  duration mean() const;
  /// The time that this share (0 to 1) of all does not exceed, less than 1/64 too long and never above the maximum; 0
  /// of none.
  duration quantile(double share) const;

 private:
  static std::uint32_t bucket_of(std::uint64_t nanoseconds);
  static std::uint64_t last_of(std::uint32_t bucket);
  void count_in(std::uint32_t bucket, std::uint64_t times);

  std::uint64_t count_ = 0;
  duration minimum_{};
  duration maximum_{};
  double total_ = 0;                   // nanoseconds; exact up to 2^53
  std::uint32_t first_bucket_ = 0;     // of counts_
  std::vector<std::uint64_t> counts_;  // by bucket
};

}  // namespace seqwire
