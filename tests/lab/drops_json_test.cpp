// What a host refused, as JSON tells it.
#include "lab/drops_json.hpp"

#include <boost/test/unit_test.hpp>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(drops_json_test)

BOOST_AUTO_TEST_CASE(drops_to_json__names_reasons_that_were) {
  drop_counters drops;
  BOOST_TEST(drops_to_json(drops).dump() == "{}");
  for (int i = 0; i < 3; ++i) drops.count(drop_reason::bad_checksum);
  drops.count(drop_reason::duplicate);
  BOOST_TEST(drops_to_json(drops).dump() == R"({"bad checksum":3,"duplicate":1})");
}

BOOST_AUTO_TEST_SUITE_END()
