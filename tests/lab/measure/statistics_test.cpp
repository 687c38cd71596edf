// Means and intervals beside their definitions, written out another way.
#include "lab/measure/statistics.hpp"

#include <rapidcheck/boost_test.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <vector>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(statistics_test)

// The distribution's mass between 0 and t, by Simpson's rule over its density.
double mass_up_to(double t, double n) {
  const double scale = std::exp(std::lgamma((n + 1) / 2) - std::lgamma(n / 2)) / std::sqrt(n * std::acos(-1.0));
  const auto density = [&](double x) { return scale * std::pow(1 + x * x / n, -(n + 1) / 2); };
  const int steps = 20'000;
  const double width = t / steps;
  double sum = density(0) + density(t);
  for (int i = 1; i < steps; ++i) sum += density(i * width) * (i % 2 == 1 ? 4 : 2);
  return sum * width / 3;
}

BOOST_AUTO_TEST_CASE(student_t__leaves_two_and_a_half_per_cent_above) {
  for (const std::uint64_t n : {1u, 2u, 3u, 4u, 5u, 9u, 10u, 29u, 30u, 31u, 32u, 50u, 100u, 1000u})
    BOOST_TEST(std::fabs(mass_up_to(student_t(n), static_cast<double>(n)) - 0.475) < 1e-8, n);
  BOOST_TEST(std::fabs(student_t(std::numeric_limits<std::uint64_t>::max()) - 1.959963984540054) < 1e-12);
}

BOOST_AUTO_TEST_CASE(running_mean__a_textbook_interval) {
  // Mean 5, standard deviation sqrt(32/7), eight values.
  running_mean of;
  for (const double value : {2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0}) of.add(value);
  BOOST_TEST(of.count() == 8u);
  BOOST_TEST(*of.mean() == 5.0);
  BOOST_TEST(*of.half_width() == 2.364624252 * std::sqrt(32.0 / 7 / 8), boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(running_mean__says_nothing_of_too_few) {
  running_mean of;
  BOOST_TEST(!of.mean().has_value());
  of.add(std::numeric_limits<double>::quiet_NaN());
  BOOST_TEST(of.count() == 0u);
  of.add(3);
  BOOST_TEST(*of.mean() == 3.0);
  BOOST_TEST(!of.half_width().has_value());
}

RC_BOOST_PROP(running_mean__is_that_of_two_passes, (const std::vector<std::int16_t>& values)) {
  running_mean of;
  double sum = 0;
  for (const std::int16_t each : values) {
    of.add(each);
    sum += each;
  }
  if (values.size() < 2) return;
  const double n = static_cast<double>(values.size());
  double squares = 0;
  for (const std::int16_t each : values) squares += (each - sum / n) * (each - sum / n);
  const double half = student_t(values.size() - 1) * std::sqrt(squares / (n - 1) / n);
  RC_ASSERT(std::fabs(*of.mean() - sum / n) < 1e-8);
  RC_ASSERT(std::fabs(*of.half_width() - half) <= 1e-9 * (1 + half));
}

BOOST_AUTO_TEST_CASE(enough__at_the_last_seed_or_when_narrow) {
  running_mean same;
  for (int i = 0; i < 2; ++i) same.add(7);
  const stopping_rule all{.seeds = 5, .narrow_enough = {}};
  const stopping_rule narrow{.seeds = 5, .narrow_enough = 0.02};
  BOOST_TEST(!all.enough(4, same));
  BOOST_TEST(all.enough(5, same));
  BOOST_TEST(!narrow.enough(2, same), "two values that agree say little");
  same.add(7);
  BOOST_TEST(narrow.enough(3, same));
  running_mean wide;
  for (const double value : {1.0, 2.0, 3.0}) wide.add(value);
  BOOST_TEST(!narrow.enough(3, wide));
  running_mean negative;
  for (const double value : {-100.0, -100.1, -99.9}) negative.add(value);
  BOOST_TEST(narrow.enough(3, negative));
}

BOOST_AUTO_TEST_CASE(enough__a_measure_that_is_never_there_takes_every_seed) {
  const running_mean none;
  const stopping_rule rule{.seeds = 100, .narrow_enough = 0.5};
  BOOST_TEST(!rule.enough(99, none));
  BOOST_TEST(rule.enough(100, none));
}

BOOST_AUTO_TEST_SUITE_END()
