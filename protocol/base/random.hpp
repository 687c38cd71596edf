// Randomness that is a pure function of (seed, name, index): counter-based Philox 4x32-10 (Salmon et al., SC'11).
// A draw is asked for by index, so a new draw in one component shifts no other; independent components fork by name.
// Real entropy is not available here: seeds come from the caller (rawio/entropy.hpp, or the scenario).
#pragma once

#include <cstdint>
#include <string_view>

namespace seqwire {

/// A stream of draws, fixed by its key; as cheap to copy as a number, without state.
class random_stream {
 public:
  explicit random_stream(std::uint64_t seed) : key_(seed) {}  // any seed will do, 0 included

  /// An independent stream, fixed by this stream's key and the name.
  random_stream fork(std::string_view name) const;
  random_stream fork(std::uint64_t number) const;  // the same by number, for the many of a kind

  /// 64 random bits for (index, lane). The same arguments always give the same bits.
  std::uint64_t bits(std::uint64_t index, std::uint32_t lane = 0) const;

  /// Uniform in [0, 1), a multiple of 2^-53: exact on every compiler.
  double uniform(std::uint64_t index, std::uint32_t lane = 0) const;

  /// Uniform in [0, bound); bound > 0. Multiply-shift; bias below bound / 2^64.
  std::uint64_t below(std::uint64_t bound, std::uint64_t index, std::uint32_t lane = 0) const;

  std::uint64_t key() const { return key_; }  // what makes the same stream again

 private:
  std::uint64_t key_;
};

}  // namespace seqwire
