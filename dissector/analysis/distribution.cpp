#include "dissector/analysis/distribution.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace seqwire {
namespace {

constexpr unsigned fine_bits = 6;  // 64 buckets for each power of two

std::uint16_t bucket_of(std::uint64_t value) {
  if (value < (1u << fine_bits)) return static_cast<std::uint16_t>(value);
  const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - fine_bits - 1;
  return static_cast<std::uint16_t>((std::uint64_t{shift} << fine_bits) + (value >> shift));
}

// The largest value of the bucket.
std::int64_t top_of(std::uint16_t bucket) {
  if (bucket < (2u << fine_bits)) return bucket;
  const unsigned shift = (bucket >> fine_bits) - 1u;
  const std::uint64_t within = bucket - (std::uint64_t{shift} << fine_bits);
  return static_cast<std::int64_t>(((within + 1) << shift) - 1);
}

}  // namespace

void distribution::add(std::int64_t value) {
  value = std::max<std::int64_t>(value, 0);
  minimum_ = count_ == 0 ? value : std::min(minimum_, value);
  maximum_ = std::max(maximum_, value);
  sum_ += static_cast<double>(value);
  ++count_;
  ++buckets_[bucket_of(static_cast<std::uint64_t>(value))];
}

std::int64_t distribution::quantile(double share) const {
  if (count_ == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_)));
  std::uint64_t passed = 0;
  for (const auto& [bucket, values] : buckets_) {
    passed += values;
    if (passed >= std::max<std::uint64_t>(wanted, 1)) return std::clamp(top_of(bucket), minimum_, maximum_);
  }
  return maximum_;
}

}  // namespace seqwire
