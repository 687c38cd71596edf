#include "lab/script/script_line.hpp"

#include <boost/test/unit_test.hpp>

using namespace seqwire;

namespace {

script_line line_of(std::string_view text) { return {{"s", 3}, text}; }

std::string error_of(const script_line& line) { return line.error().value_or("none"); }

std::string text_of(const octets& from) { return {from.begin(), from.end()}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(script_line_test)

BOOST_AUTO_TEST_CASE(words__are_separated_by_blanks_and_end_at_a_comment) {
  script_line line = line_of(" one\ttwo=3  # three \"");
  BOOST_TEST(line.take("a word") == "one");
  BOOST_TEST(line.peek() == "two=3");
  BOOST_TEST(line.take("a word") == "two=3");
  BOOST_TEST(line.ends());
  BOOST_TEST(line.text() == " one\ttwo=3");
  BOOST_TEST(line_of("  # nothing").empty());
}

BOOST_AUTO_TEST_CASE(quoted__has_escapes_and_any_octet) {
  script_line line = line_of(R"("a \"b\" # \x00\xff\n" c)");
  BOOST_TEST(line.quoted_next());
  BOOST_TEST(line.peek() == "");
  const octets quoted = line.take_quoted();
  BOOST_TEST(text_of(quoted) == std::string("a \"b\" # \0\xff\n", 11));
  BOOST_TEST(line.take("a word") == "c");
}

BOOST_AUTO_TEST_CASE(quoted__without_its_end_or_with_an_unknown_escape) {
  BOOST_TEST(error_of(line_of("< \"abc")) == "s:3: a quoted text; expected its end; got \"abc");
  for (const char* wrong : {"\"\\q\"", "\"\\x1\"", "\"\\xg0\"", "\"\\"})
    BOOST_TEST(error_of(line_of(wrong)).starts_with("s:3: a quoted text; expected \\n, "), wrong);
}

BOOST_AUTO_TEST_CASE(take__beyond_the_end_is_an_error_that_stays) {
  script_line line = line_of("one");
  line.take("a word");
  BOOST_TEST(line.take("a word") == "");
  BOOST_TEST(line.take("another") == "");
  BOOST_TEST(line.ends());
  BOOST_TEST(error_of(line) == "s:3: this line; expected a word; got the end of the line");
}

BOOST_AUTO_TEST_CASE(expect_end__names_what_is_too_much) {
  script_line line = line_of("one two");
  line.take("a word");
  line.expect_end();
  BOOST_TEST(error_of(line) == "s:3: this line; expected nothing more; got two");
}

BOOST_AUTO_TEST_CASE(take_number__within_its_range) {
  BOOST_TEST(line_of("0x10").take_number("a number", 0, 16) == 16u);
  script_line line = line_of("17");
  line.take_number("a number", 0, 16);
  BOOST_TEST(error_of(line) == "s:3: a number; expected a number from 0 to 16; got 17");
}

BOOST_AUTO_TEST_CASE(take_duration__at_most_a_day) {
  BOOST_TEST((line_of("20ms").take_duration() == 20_ms));
  script_line line = line_of("25h");
  line.take_duration();
  BOOST_TEST(error_of(line) == "s:3: a duration; expected at most 24h; got 25h");
}

BOOST_AUTO_TEST_CASE(parse_script_number__decimal_and_hexadecimal_of_64_bits) {
  BOOST_TEST(parse_script_number("18446744073709551615").value() == ~std::uint64_t{0});
  BOOST_TEST(parse_script_number("0xffffffffffffffff").value() == ~std::uint64_t{0});
  for (const char* wrong : {"", "0x", "-1", "+1", "1 ", "0xg", "18446744073709551616", "1e3"})
    BOOST_TEST(!parse_script_number(wrong), wrong);
}

BOOST_AUTO_TEST_CASE(error__shows_no_control_characters) {
  script_line line = line_of("a\x1b[31m");
  line.take("a word");
  line.fail("x", "y", "a\x1b[31m");
  BOOST_TEST(error_of(line).find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
