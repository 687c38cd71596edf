#include "dissector/analysis/distribution.hpp"

#include <boost/test/unit_test.hpp>

namespace seqwire {

BOOST_AUTO_TEST_SUITE(distribution_test)

BOOST_AUTO_TEST_CASE(quantile__is_exact_for_small_values) {
  distribution of;
  for (int value = 1; value <= 100; ++value) of.add(value);
  BOOST_TEST(of.quantile(0) == 1);
  BOOST_TEST(of.quantile(0.5) == 50);
  BOOST_TEST(of.quantile(0.95) == 95);
  BOOST_TEST(of.quantile(1) == 100);
  BOOST_TEST(of.mean() == 50.5);
}

BOOST_AUTO_TEST_CASE(quantile__is_within_1_6_percent_at_any_size) {
  for (std::int64_t size = 1; size < (std::int64_t{1} << 61); size = size * 3 + 1) {
    distribution of;
    of.add(0);
    of.add(size);
    of.add(INT64_MAX);
    BOOST_TEST(of.quantile(0.5) >= size);
    BOOST_TEST(static_cast<double>(of.quantile(0.5)) <= 1.016 * static_cast<double>(size));
    BOOST_TEST(of.maximum() == INT64_MAX);
    BOOST_TEST(of.quantile(1) == INT64_MAX);
  }
}

BOOST_AUTO_TEST_CASE(add__negative_counts_as_0_and_nothing_has_no_value) {
  distribution of;
  BOOST_TEST(of.quantile(0.5) == 0);
  of.add(-5);
  BOOST_TEST(of.minimum() == 0);
  BOOST_TEST(of.count() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
