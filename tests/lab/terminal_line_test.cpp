// The words of lines that are written over, and when they are due. What a terminal shows is not looked at.
#include "lab/terminal_line.hpp"

#include <boost/test/unit_test.hpp>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(terminal_line_test)

BOOST_AUTO_TEST_CASE(is_due__some_times_a_second_where_it_is_shown) {
  terminal_line line(true);
  const instant begun = instant{} + 1_s;
  BOOST_TEST(line.is_due(begun));
  BOOST_TEST(!line.is_due(begun + 199_ms));
  BOOST_TEST(line.is_due(begun + 200_ms));
  BOOST_TEST(!terminal_line(false).is_due(begun));
}

BOOST_AUTO_TEST_CASE(thousands__have_commas) {
  BOOST_TEST(thousands(0) == "0");
  BOOST_TEST(thousands(999) == "999");
  BOOST_TEST(thousands(1000) == "1,000");
  BOOST_TEST(thousands(1'234'567) == "1,234,567");
}

BOOST_AUTO_TEST_SUITE_END()
