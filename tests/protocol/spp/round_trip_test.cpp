// The retransmission timeout, worked out by hand: mean plus four deviations, bounded below, doubled by backoff.
#include "protocol/spp/round_trip.hpp"

#include <rapidcheck/boost_test.h>
#include <boost/test/unit_test.hpp>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(round_trip_test)

round_trip_estimator estimator(duration minimum = 200_ms) {
  spp_config config;
  config.minimum_timeout = minimum;
  config.initial_timeout = 1_s;
  config.maximum_timeout = 4_s;
  return round_trip_estimator(config);
}

BOOST_AUTO_TEST_CASE(timeout__before_any_sample_is_the_initial_one) { BOOST_TEST((estimator().timeout() == 1_s)); }

BOOST_AUTO_TEST_CASE(sample__the_first_counts_with_half_of_itself_as_deviation) {
  auto timer = estimator();
  timer.sample(100_ms);
  BOOST_TEST((timer.smoothed() == 100_ms));
  BOOST_TEST((timer.timeout() == 300_ms));  // 100 + 4 * 50
}

BOOST_AUTO_TEST_CASE(sample__later_ones_move_mean_by_an_eighth_and_deviation_by_a_quarter) {
  auto timer = estimator();
  timer.sample(100_ms);
  timer.sample(140_ms);
  BOOST_TEST((timer.smoothed() == 105_ms));
  BOOST_TEST((timer.timeout() == 295_ms));  // deviation 50 + (40 - 50) / 4 = 47.5; 105 + 190
  timer.sample(25_ms);
  BOOST_TEST((timer.smoothed() == 95_ms));
  BOOST_TEST((timer.timeout() == 317'500_us));  // deviation 47.5 + (80 - 47.5) / 4 = 55.625; 95 + 222.5
}

BOOST_AUTO_TEST_CASE(timeout__not_below_the_minimum) {
  auto timer = estimator();
  for (int i = 0; i < 50; ++i) timer.sample(1_ms);
  BOOST_TEST((timer.timeout() == 200_ms));
}

BOOST_AUTO_TEST_CASE(back_off__doubles_up_to_the_maximum_and_resets) {
  auto timer = estimator();
  timer.sample(100_ms);
  for (const duration expected : {600_ms, 1200_ms, 2400_ms, 4000_ms, 4000_ms}) {
    timer.back_off();
    BOOST_TEST((timer.timeout() == expected));
  }
  timer.reset_backoff();
  BOOST_TEST((timer.timeout() == 300_ms));
  BOOST_TEST(timer.backoff() == 0);
}

BOOST_AUTO_TEST_CASE(timeout__a_minimum_above_the_maximum_wins) {
  auto timer = estimator(10_s);
  timer.sample(1_ms);
  timer.back_off();
  BOOST_TEST((timer.timeout() == 10_s));
}

RC_BOOST_PROP(timeout__is_always_within_its_bounds, (const std::vector<std::uint32_t>& steps)) {
  auto timer = estimator();
  for (const std::uint32_t step : steps) {
    if (step % 4 == 0) timer.back_off();
    else timer.sample(duration{step});
    RC_ASSERT(timer.timeout() >= 200_ms);
    RC_ASSERT(timer.timeout() <= 4_s);
  }
}

BOOST_AUTO_TEST_SUITE_END()
