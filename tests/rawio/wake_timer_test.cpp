// A deadline as a descriptor: never late, early only for what was asked before.
#include "rawio/wake_timer.hpp"

#include <boost/test/unit_test.hpp>

#include "live_support.hpp"
#include "rawio/clock.hpp"

namespace seqwire {
using namespace live;

BOOST_AUTO_TEST_SUITE(wake_timer_test)

BOOST_AUTO_TEST_CASE(wake_by__fires_at_the_earliest_and_can_be_set_again) {
  wake_timer timer;
  const instant start = clock_now();
  timer.wake_by(instant::never());
  BOOST_TEST(!wait_readable(timer.descriptor_number(), 0_s));
  timer.wake_by(start + 3600_s);
  timer.wake_by(start + 5_ms);
  timer.wake_by(start + 3600_s);  // moves nothing back
  BOOST_TEST(wait_readable(timer.descriptor_number(), patience));
  BOOST_TEST((clock_now() >= start + 5_ms));
  timer.settle();
  BOOST_TEST(!wait_readable(timer.descriptor_number(), 0_s));
  for (const instant past : {instant{}, start}) {
    timer.wake_by(past);
    BOOST_TEST(wait_readable(timer.descriptor_number(), patience));
    timer.settle();
  }
}

BOOST_AUTO_TEST_CASE(settle__before_it_fired_changes_nothing) {
  wake_timer timer;
  timer.wake_by(clock_now() + 2_ms);
  timer.settle();
  BOOST_TEST(wait_readable(timer.descriptor_number(), patience));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
