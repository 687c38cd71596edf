#include "sim/random_variates.hpp"

#include <bit>
#include <cmath>

#include "protocol/base/require.hpp"

namespace seqwire {
namespace {

constexpr double square_root_of_two = 1.4142135623730951;
constexpr double logarithm_of_two = 0.6931471805599453;
// The same in two parts: the first one has so few digits that its small multiples are exact.
constexpr double logarithm_of_two_high = 0x1.62e42fee00000p-1;
constexpr double logarithm_of_two_low = 0x1.a39ef35793c76p-33;

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

// power = k ln 2 + r with r near 0: e^power = 2^k (1 + r + r^2/2! + ...), |r| < 0.347.
double natural_exponential(double power) {
  require(power >= -700 && power <= 700);
  const double half = power < 0 ? -0.5 : 0.5;
  const auto doublings = static_cast<int>(power / logarithm_of_two + half);
  const double r = (power - doublings * logarithm_of_two_high) - doublings * logarithm_of_two_low;
  double sum = 1;
  for (int n = 15; n >= 1; --n) sum = 1 + sum * r / n;
  return sum * std::bit_cast<double>(static_cast<std::uint64_t>(doublings + 1023) << 52);
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

// The logarithm of a Pareto variate is exponential.
double pareto_variate(const random_stream& random, double shape, std::uint64_t index, std::uint32_t lane) {
  require(shape > 1);
  return (shape - 1) / shape * natural_exponential(exponential_variate(random, index, lane) / shape);
}

}  // namespace seqwire
