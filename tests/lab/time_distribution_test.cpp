// Quantiles against the sorted times themselves, and the numbers of none and of one.
#include "lab/time_distribution.hpp"

#include <rapidcheck/boost_test.h>
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

namespace seqwire {

BOOST_AUTO_TEST_SUITE(time_distribution_test)

BOOST_AUTO_TEST_CASE(add__none_and_one_and_a_negative_one) {
  time_distribution times;
  BOOST_TEST(times.count() == 0u);
  BOOST_TEST(times.quantile(0.5).nanoseconds == 0);
  BOOST_TEST(times.mean().nanoseconds == 0);
  times.add(1234567_ns);
  for (const double share : {0.0, 0.5, 1.0}) BOOST_TEST(times.quantile(share).nanoseconds == 1234567);
  times.add(-3_ns);
  BOOST_TEST(times.minimum().nanoseconds == 0);
  BOOST_TEST(times.quantile(0.5).nanoseconds == 0);
  BOOST_TEST(times.mean().nanoseconds == 617283);
}

BOOST_AUTO_TEST_CASE(add__the_longest_time_there_is) {
  time_distribution times;
  times.add(duration::maximum());
  times.add(duration{});
  BOOST_TEST(times.quantile(1).nanoseconds == duration::maximum().nanoseconds);
  BOOST_TEST(times.quantile(0.5).nanoseconds == 0);
}

RC_BOOST_PROP(quantile__is_less_than_a_64th_too_long, ()) {
  auto times = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(1, 1'000'000'000'000)));
  time_distribution first, all;
  for (std::size_t i = 0; i < times.size(); ++i) (i % 2 == 0 ? first : all).add({times[i]});
  all.add(first);
  std::sort(times.begin(), times.end());
  RC_ASSERT(all.count() == times.size());
  RC_ASSERT(all.minimum().nanoseconds == times.front());
  RC_ASSERT(all.maximum().nanoseconds == times.back());
  for (const double share : {0.01, 0.5, 0.99, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(times.size())));
    const auto exact = static_cast<double>(times[std::max<std::size_t>(rank, 1) - 1]);
    const auto got = static_cast<double>(all.quantile(share).nanoseconds);
    RC_ASSERT(got >= exact);
    RC_ASSERT(got < exact * (1 + 1.0 / 64));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
