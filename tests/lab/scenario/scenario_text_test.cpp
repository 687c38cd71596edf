// Texts of scenarios as they are shown, and without what surrounds them.
#include "lab/scenario/scenario_text.hpp"

#include <boost/test/unit_test.hpp>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(scenario_text_test)

BOOST_AUTO_TEST_CASE(printable__shows_what_a_terminal_would_obey) {
  BOOST_TEST(printable("a b") == "a b");
  BOOST_TEST(printable("\x1b[2J") == "\\x1b[2J");
  BOOST_TEST(in_quotes("a\n") == "\"a\\x0a\"");
}

BOOST_AUTO_TEST_CASE(trimmed__takes_blanks_from_both_ends_only) {
  BOOST_TEST(trimmed(" \t a b\r ") == "a b");
  BOOST_TEST(trimmed("a") == "a");
  BOOST_TEST(trimmed(" \t ") == "");
  BOOST_TEST(trimmed("") == "");
}

BOOST_AUTO_TEST_SUITE_END()
