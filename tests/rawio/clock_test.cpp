#include "rawio/clock.hpp"

#include <boost/test/unit_test.hpp>

namespace seqwire {
BOOST_AUTO_TEST_SUITE(clock_test)

BOOST_AUTO_TEST_CASE(clock_now__never_decreases_and_counts_from_the_unix_epoch) {
  instant last = clock_now();
  constexpr instant year_2020{1'577'836'800'000'000'000};
  BOOST_TEST((last > year_2020));
  for (int i = 0; i < 1000; ++i) {
    const instant next = clock_now();
    BOOST_REQUIRE((next >= last));
    last = next;
  }
}

BOOST_AUTO_TEST_CASE(monotonic_nanoseconds__keeps_distances_and_never_disarms_a_timer) {
  const instant now = clock_now();
  BOOST_TEST(monotonic_nanoseconds(now + 5_s) - monotonic_nanoseconds(now) == (5_s).nanoseconds);
  BOOST_TEST(monotonic_nanoseconds({}) == 1);
  BOOST_TEST(monotonic_nanoseconds({std::numeric_limits<std::int64_t>::min()}) == 1);
  BOOST_TEST(monotonic_nanoseconds(instant::never()) > monotonic_nanoseconds(now));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace seqwire
