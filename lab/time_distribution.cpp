#include "lab/time_distribution.hpp"

#include <algorithm>
#include <bit>

namespace seqwire {
namespace {

constexpr unsigned octave_bits = 6;  // of an octave's 64 buckets
constexpr std::uint64_t octave = std::uint64_t{1} << octave_bits;

}  // namespace

// Below 64 ns a bucket is a nanosecond wide; from there on the leading seven bits and their place name it.
std::uint32_t time_distribution::bucket_of(std::uint64_t nanoseconds) {
  if (nanoseconds < octave) return static_cast<std::uint32_t>(nanoseconds);
  const auto shift = static_cast<unsigned>(std::bit_width(nanoseconds)) - octave_bits - 1;
  return static_cast<std::uint32_t>(shift * octave + (nanoseconds >> shift));
}

std::uint64_t time_distribution::last_of(std::uint32_t bucket) {
  if (bucket < 2 * octave) return bucket;
  const std::uint64_t shift = bucket / octave - 1;
  return ((bucket - shift * octave + 1) << shift) - 1;
}

void time_distribution::count_in(std::uint32_t bucket, std::uint64_t times) {
  if (counts_.empty()) first_bucket_ = bucket;
  if (bucket < first_bucket_) {
    counts_.insert(counts_.begin(), first_bucket_ - bucket, 0);
    first_bucket_ = bucket;
  }
  if (bucket - first_bucket_ >= counts_.size()) counts_.resize(bucket - first_bucket_ + 1);
  counts_[bucket - first_bucket_] += times;
}

void time_distribution::add(duration time) {
  time = std::max(time, duration{});
  minimum_ = count_ == 0 ? time : std::min(minimum_, time);
  maximum_ = std::max(maximum_, time);
  total_ += static_cast<double>(time.nanoseconds);
  ++count_;
  count_in(bucket_of(static_cast<std::uint64_t>(time.nanoseconds)), 1);
}

void time_distribution::add(const time_distribution& others) {
  if (others.count_ == 0) return;
  minimum_ = count_ == 0 ? others.minimum_ : std::min(minimum_, others.minimum_);
  maximum_ = std::max(maximum_, others.maximum_);
  total_ += others.total_;
  count_ += others.count_;
  for (std::size_t i = 0; i < others.counts_.size(); ++i)
    count_in(others.first_bucket_ + static_cast<std::uint32_t>(i), others.counts_[i]);
}

duration time_distribution::mean() const {
  if (count_ == 0) return {};
  return {static_cast<std::int64_t>(total_ / static_cast<double>(count_))};
}

duration time_distribution::quantile(double share) const {
  const double wanted = std::clamp(share, 0.0, 1.0) * static_cast<double>(count_);
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    so_far += counts_[i];
    if (so_far == 0 || static_cast<double>(so_far) < wanted) continue;
    const std::uint64_t last = last_of(first_bucket_ + static_cast<std::uint32_t>(i));
    return std::min(maximum_, duration{static_cast<std::int64_t>(last)});
  }
  return maximum_;
}

}  // namespace seqwire
