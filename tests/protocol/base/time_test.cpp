// Instants and durations are integers: nothing rounds, and "never" is later than everything that occurs.
#include "protocol/base/time.hpp"

#include <boost/test/unit_test.hpp>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(time_test)

BOOST_AUTO_TEST_CASE(duration__literals_are_nanoseconds) {
  BOOST_TEST((1_ns).nanoseconds == 1);
  BOOST_TEST((1_us).nanoseconds == 1'000);
  BOOST_TEST((1_ms).nanoseconds == 1'000'000);
  BOOST_TEST((120_s).nanoseconds == 120'000'000'000);
}

BOOST_AUTO_TEST_CASE(duration__adds_scales_and_may_be_negative) {
  BOOST_TEST((20_ms + 5_ms - 30_ms == -(5_ms)));
  BOOST_TEST((200_ms * 3 == 600_ms));
  BOOST_TEST((1_s / 3 == duration{333'333'333}));
  BOOST_TEST((1_s / 300_ms) == 3);
  duration span = 1_s;
  span += 1_ms;
  span -= 2_ms;
  BOOST_TEST((span == 999_ms));
}

BOOST_AUTO_TEST_CASE(instant__moves_by_durations) {
  instant t{1'000};
  t += 1_us;
  BOOST_TEST((t == instant{2'000}));
  BOOST_TEST((t + 1_ns - t == 1_ns));
  BOOST_TEST((t - 1_us == instant{1'000}));
  BOOST_TEST((instant{1} - instant{5} == -(4_ns)));
}

BOOST_AUTO_TEST_CASE(instant__never_is_later_than_a_century) {
  BOOST_TEST((instant::never() > instant{} + 1_s * 3'600 * 24 * 36'525));
  BOOST_TEST((duration::maximum() > 1_s * 3'600 * 24 * 36'525));
}

BOOST_AUTO_TEST_CASE(seconds__is_for_display) {
  BOOST_TEST((1'500_ms).seconds() == 1.5);
  BOOST_TEST((instant{} + 250_ms).seconds() == 0.25);
}

BOOST_AUTO_TEST_SUITE_END()
