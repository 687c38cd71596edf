// Mean and 95 % confidence interval of independent runs. The interval is Student's: it counts on means of runs being
// about normal, as those of runs that differ by their seed only mostly are. Plain arithmetic alone, so that the same
// values in the same order give the same interval on every machine.
#pragma once

#include <cstdint>
#include <optional>

namespace seqwire {

/// The value that Student's t with so many degrees of freedom (at least 1) exceeds in 2.5 % of cases; off by less than
/// 1e-7.
double student_t(std::uint64_t degrees_of_freedom);

class running_mean {  // of values, with its spread (Welford's method)
 public:
  /// A value that is no number is not counted.
  void add(double value);

  std::uint64_t count() const { return count_; }  // of values so far
  /// Nothing before the first value.
  std::optional<double> mean() const;
  /// The interval reaches so far to both sides of the mean; nothing before the second value.
  std::optional<double> half_width() const;

 private:
  std::uint64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // sum of squared distances from the mean
};

/// How many seeds a point gets: all, or as many as it takes until the interval of one measure is narrow enough.
struct stopping_rule {
  std::uint64_t seeds = 10;             // at most
  std::optional<double> narrow_enough;  // half-width in parts of the mean; nothing: always all seeds
  std::size_t measure = 0;              // of the study's

  /// Of fewer values an interval says little.
  static constexpr std::uint64_t fewest = 3;

  /// Whether a point needs no further seed, from its measure's values in the order of seeds.
  bool enough(std::uint64_t runs, const running_mean& so_far) const;
};

}  // namespace seqwire
