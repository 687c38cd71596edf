#include "rawio/entropy.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

namespace seqwire {
BOOST_AUTO_TEST_SUITE(entropy_test)

BOOST_AUTO_TEST_CASE(fresh_seed__is_another_one_each_time) {
  std::set<std::uint64_t> seeds;
  for (int i = 0; i < 100; ++i) seeds.insert(fresh_seed());
  BOOST_TEST(seeds.size() == 100U);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace seqwire
