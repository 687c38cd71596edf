// Expectations as users write them, in the units of measures, and values at their very edges.
#include "lab/measure/expectation.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(expectation_test)

const measure& of_unit(std::string_view unit) {
  for (const measure& each : measures())
    if (each.unit == unit) return each;
  throw std::logic_error("no such unit");
}

bool holds(const std::string& text, double value, std::string_view unit = "") {
  const auto made = parse_expectation(text, of_unit(unit));
  BOOST_TEST_REQUIRE(made.has_value(), text);
  return made->holds(value);
}

BOOST_AUTO_TEST_CASE(parse_expectation__comparisons_at_their_edges) {
  BOOST_TEST(holds("5", 5));
  BOOST_TEST(holds("= 5", 5));
  BOOST_TEST(!holds("= 5", std::nextafter(5, 6)));
  BOOST_TEST(holds(">= 5", 5));
  BOOST_TEST(!holds("> 5", 5));
  BOOST_TEST(holds(">5", std::nextafter(5, 6)));
  BOOST_TEST(holds("<= 5", 5));
  BOOST_TEST(!holds("< 5", 5));
  BOOST_TEST(holds("< 5", -1e300));
}

BOOST_AUTO_TEST_CASE(parse_expectation__ranges_and_tolerances) {
  BOOST_TEST(holds("1 .. 2", 1));
  BOOST_TEST(holds("1..2", 2));
  BOOST_TEST(!holds("1 .. 2", 2.001));
  BOOST_TEST(holds("100 +- 5", 105));
  BOOST_TEST(!holds("100 +- 5", 105.1));
  BOOST_TEST(holds("100 +- 10%", 90));
  BOOST_TEST(!holds("100 +- 10%", 89.9));
  BOOST_TEST(holds("90% .. 100%", 0.95));
  BOOST_TEST(holds("50% +- 10%", 0.549), "a tenth of a half");
  BOOST_TEST(!holds("50% +- 10%", 0.56));
}

BOOST_AUTO_TEST_CASE(parse_expectation__units_are_those_of_the_measure) {
  BOOST_TEST(holds("< 20ms", 0.019, "s"));
  BOOST_TEST(!holds("< 20ms", 0.02, "s"));
  BOOST_TEST(holds("0.02", 0.02, "s"), "seconds");
  BOOST_TEST(holds(">= 1.5MB/s", 1.5e6, "octets/s"));
  BOOST_TEST(holds("64KiB", 65536));
  BOOST_TEST(holds("1.5kB", 1500));
}

BOOST_AUTO_TEST_CASE(holds__of_no_value_nothing) {
  for (const char* const any : {"> 0", "< 1", "0", "0 .. 1"}) BOOST_TEST(!holds(any, std::nan("")), any);
}

BOOST_AUTO_TEST_CASE(parse_expectation__refuses_what_says_nothing) {
  for (const char* const wrong : {"", " ", ">", "=>5", "== 5", "5 5", "x", "5 .. ", "2 .. 1", "1 +- -1", "1 +- x",
                                  "5ms", "1MB/s", "inf", "nan", "1e999", ">= 5 .. 6", "+-"})
    BOOST_TEST(!parse_expectation(wrong, of_unit("")).has_value(), wrong);
  for (const char* const wrong : {"5%", "1MB", "1ms/s"})
    BOOST_TEST(!parse_expectation(wrong, of_unit("s")).has_value(), wrong);
  for (const char* const wrong : {"5%", "1MB", "20ms", "1MB/"})
    BOOST_TEST(!parse_expectation(wrong, of_unit("octets/s")).has_value(), wrong);
  BOOST_TEST(parse_expectation("x", of_unit("s")).error() == "= 20ms, < 20ms, >= 20ms, 20ms +- 5% or 20ms .. 20ms");
}

BOOST_AUTO_TEST_CASE(print_measured__has_the_unit) {
  BOOST_TEST(print_measured(0.0125, "s") == "0.0125 s");
  BOOST_TEST(print_measured(1.5e6, "octets/s") == "1.5 MB/s");
  BOOST_TEST(print_measured(12, "") == "12");
  BOOST_TEST(print_measured(std::nan(""), "s") == "none");
}

BOOST_AUTO_TEST_SUITE_END()
