// Numbers of other shapes: the logarithm against the library's, the first moments of the variates.
#include "sim/random_variates.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(random_variates_test)

BOOST_AUTO_TEST_CASE(natural_logarithm__is_the_logarithm) {
  const random_stream random(1);
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    const double of = std::ldexp(0.5 + random.uniform(i, 0) / 2, static_cast<int>(random.below(200, i, 1)) - 100);
    const double expected = std::log(of);
    BOOST_TEST_REQUIRE(std::abs(natural_logarithm(of) - expected) <= 4e-16 * std::max(1.0, std::abs(expected)));
  }
  BOOST_TEST(natural_logarithm(1) == 0.0);
  BOOST_TEST(natural_logarithm(2) == 0.6931471805599453);
}

BOOST_AUTO_TEST_CASE(natural_exponential__is_the_exponential) {
  const random_stream random(5);
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    const double power = 1400 * random.uniform(i) - 700;
    BOOST_TEST_REQUIRE(std::abs(natural_exponential(power) / std::exp(power) - 1) <= 4e-16);
  }
  BOOST_TEST(natural_exponential(0) == 1.0);
}

BOOST_AUTO_TEST_CASE(exponential_variate__mean_and_deviation_are_1) {
  const random_stream random(2);
  double sum = 0, squares = 0;
  constexpr int count = 400'000;
  for (std::uint64_t i = 0; i < count; ++i) {
    const double drawn = exponential_variate(random, i);
    BOOST_TEST_REQUIRE((drawn >= 0 && drawn <= 37));
    sum += drawn;
    squares += drawn * drawn;
  }
  BOOST_CHECK_CLOSE(sum / count, 1.0, 0.8);
  BOOST_CHECK_CLOSE(squares / count, 2.0, 2.0);
}

BOOST_AUTO_TEST_CASE(normal_variate__mean_0_deviation_1_and_the_usual_tails) {
  const random_stream random(3);
  double sum = 0, squares = 0, beyond = 0;
  constexpr int count = 400'000;
  for (std::uint64_t i = 0; i < count; ++i) {
    const double drawn = normal_variate(random, i);
    sum += drawn;
    squares += drawn * drawn;
    beyond += std::abs(drawn) > 1.959964;
  }
  BOOST_TEST(std::abs(sum / count) < 0.008);
  BOOST_CHECK_CLOSE(squares / count, 1.0, 1.2);
  BOOST_CHECK_CLOSE(beyond / count, 0.05, 4.0);
}

// Of shape 3: never below 2/3, mean 1, variance 1/3, and (2/3 / x)^3 lie beyond x.
BOOST_AUTO_TEST_CASE(pareto_variate__mean_least_value_and_tail) {
  const random_stream random(6);
  double sum = 0, beyond = 0, least = 1;
  constexpr int count = 400'000;
  for (std::uint64_t i = 0; i < count; ++i) {
    const double drawn = pareto_variate(random, 3, i);
    sum += drawn;
    beyond += drawn > 2;
    least = std::min(least, drawn);
  }
  BOOST_CHECK_CLOSE(sum / count, 1.0, 0.5);
  BOOST_CHECK_CLOSE(beyond / count, 1.0 / 27, 3.0);
  BOOST_CHECK_CLOSE(least, 2.0 / 3, 0.01);
}

// Another compiler, another machine: the same octets.
BOOST_AUTO_TEST_CASE(variates__are_fixed_numbers) {
  const random_stream random(4);
  BOOST_TEST(exponential_variate(random, 0) == exponential_variate(random, 0));
  BOOST_TEST(natural_logarithm(0x1.8p0) == 0x1.9f323ecbf984cp-2);
  BOOST_TEST(natural_exponential(0x1.8p0) == 0x1.1ed3fe64fc541p+2);
  BOOST_TEST(natural_logarithm(0x1p-53) == -0x1.25e4f7b2737fap+5);
}

BOOST_AUTO_TEST_SUITE_END()
