// How values are distributed, in memory that does not grow with their number: exact count, sum, minimum and maximum,
// and quantiles to within 1.6 %. Knows nothing of units.
#pragma once

#include <cstdint>
#include <map>

namespace seqwire {

/// A histogram whose buckets are as fine as their values are small.
class distribution {
 public:
  /// Negative values count as 0.
  void add(std::int64_t value);

  std::uint64_t count() const { return count_; }  // of values added
  // Exact; 0 while there is none.
  std::int64_t minimum() const { return minimum_; }
  std::int64_t maximum() const { return maximum_; }
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
  /// The smallest value that `share` (0 to 1) of all values do not exceed, to within 1.6 %; 0 while there is none.
  std::int64_t quantile(double share) const;

 private:
  std::map<std::uint16_t, std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  double sum_ = 0;
  std::int64_t minimum_ = 0;
  std::int64_t maximum_ = 0;
};

}  // namespace seqwire
