#include "sim/random_variates.hpp"

#include <bit>
#include <cmath>

#include "protocol/base/require.hpp"

namespace seqwire {
namespace {

constexpr double square_root_of_two = 1.4142135623730951;
constexpr double logarithm_of_two = 0.6931471805599453;

}  // namespace

// of = m 2^e with m near 1; ln m = 2 (s + s^3/3 + s^5/5 + ...) with s = (m - 1) / (m + 1), |s| < 0.172.
double natural_logarithm(double of) {
  require(of >= 2.2250738585072014e-308 && of <= 1.7976931348623157e308);
  constexpr std::uint64_t fraction = (std::uint64_t{1} << 52) - 1;
  const auto bits = std::bit_cast<std::uint64_t>(of);
  auto exponent = static_cast<int>(bits >> 52) - 1023;
  auto mantissa = std::bit_cast<double>((bits & fraction) | (std::uint64_t{1023} << 52));
  if (mantissa > square_root_of_two) {
    mantissa /= 2;
    ++exponent;
  }
  const double s = (mantissa - 1) / (mantissa + 1);
  const double square = s * s;
  double sum = 0;
  for (int k = 23; k >= 1; k -= 2) sum = sum * square + 1.0 / k;
  return 2 * s * sum + exponent * logarithm_of_two;
}

double exponential_variate(const random_stream& random, std::uint64_t index, std::uint32_t lane) {
  return -natural_logarithm(1 - random.uniform(index, lane));
}

// Marsaglia's polar method: points in a square until one lies in the circle.
double normal_variate(const random_stream& random, std::uint64_t index, std::uint32_t lane) {
  for (;; lane += 2) {
    const double x = 2 * random.uniform(index, lane) - 1;
    const double y = 2 * random.uniform(index, lane + 1) - 1;
    const double square = x * x + y * y;
    if (square > 0 && square < 1) return x * std::sqrt(-2 * natural_logarithm(square) / square);
  }
}

}  // namespace seqwire
