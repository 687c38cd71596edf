#include "lab/scenario/nearest.hpp"

#include <boost/test/unit_test.hpp>

namespace seqwire {

BOOST_AUTO_TEST_SUITE(nearest_test)

BOOST_AUTO_TEST_CASE(nearest__finds_slips_and_leaves_strangers_alone) {
  const std::vector<std::string> known{"loss", "delay", "duplication", "corruption"};
  BOOST_TEST(nearest("los", known).value() == "loss");
  BOOST_TEST(nearest("dleay", known).value() == "delay");
  BOOST_TEST(nearest("duplicaton", known).value() == "duplication");
  BOOST_TEST(nearest("loss", known).value() == "loss");
  BOOST_TEST(!nearest("bandwidth", known).has_value());
  BOOST_TEST(!nearest("loss", {}).has_value());
  BOOST_TEST(!nearest(std::string(1'000'000, 'x'), {"y"}).has_value());  // at once: only its beginning is compared
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
