#include "lab/measure/statistics.hpp"

#include <cmath>
#include <iterator>

#include "protocol/base/require.hpp"

namespace seqwire {
namespace {

// Computed from the distribution's finite series.
constexpr double quantiles[] = {12.70620474, 4.30265273,  3.182446305, 2.776445105, 2.570581836, 2.446911851,
                                2.364624252, 2.306004135, 2.262157163, 2.228138852, 2.20098516,  2.17881283,
                                2.160368656, 2.144786688, 2.131449546, 2.119905299, 2.109815578, 2.10092204,
                                2.093024054, 2.085963447, 2.079613845, 2.073873068, 2.06865761,  2.063898562,
                                2.059538553, 2.055529439, 2.051830516, 2.048407142, 2.045229642, 2.042272456};

}  // namespace

double student_t(std::uint64_t degrees_of_freedom) {
  require(degrees_of_freedom > 0);
  if (degrees_of_freedom <= std::size(quantiles)) return quantiles[degrees_of_freedom - 1];
  // Beyond the table: the expansion around the normal quantile in powers of 1/n.
  const double z = 1.959963984540054;
  const double n = static_cast<double>(degrees_of_freedom);
  const double z2 = z * z;
  const double first = z * (z2 + 1) / 4;
  const double second = z * (5 * z2 * z2 + 16 * z2 + 3) / 96;
  const double third = z * (3 * z2 * z2 * z2 + 19 * z2 * z2 + 17 * z2 - 15) / 384;
  const double fourth = z * (79 * z2 * z2 * z2 * z2 + 776 * z2 * z2 * z2 + 1482 * z2 * z2 - 1920 * z2 - 945) / 92160;
  return z + (first + (second + (third + fourth / n) / n) / n) / n;
}

void running_mean::add(double value) {
  if (std::isnan(value)) return;
  ++count_;
  const double distance = value - mean_;
  mean_ += distance / static_cast<double>(count_);
  squares_ += distance * (value - mean_);
}

std::optional<double> running_mean::mean() const {
  if (count_ == 0) return std::nullopt;
  return mean_;
}

std::optional<double> running_mean::half_width() const {
  if (count_ < 2) return std::nullopt;
  const double n = static_cast<double>(count_);
  return student_t(count_ - 1) * std::sqrt(squares_ / (n - 1) / n);
}

bool stopping_rule::enough(std::uint64_t runs, const running_mean& so_far) const {
  if (runs >= seeds) return true;
  if (!narrow_enough || so_far.count() < fewest) return false;
  return *so_far.half_width() <= *narrow_enough * std::fabs(*so_far.mean());
}

}  // namespace seqwire
