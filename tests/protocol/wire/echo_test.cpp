// Echo: two octets of operation in front of whatever should come back.
#include "protocol/wire/echo.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/protocol/wire/packets.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(echo_test)

BOOST_AUTO_TEST_CASE(parse_echo__the_sheets_request) {
  const auto echo = parse_echo(parse_idp(packet_a)->data);
  BOOST_TEST_REQUIRE(echo.has_value());
  BOOST_TEST((echo->header.operation == echo_operation::request));
  BOOST_TEST(std::equal(echo->data.begin(), echo->data.end(), view_of("hello").begin()));
}

BOOST_AUTO_TEST_CASE(parse_echo__refuses_what_is_short_or_neither_request_nor_reply) {
  BOOST_TEST(parse_echo(from_hexadecimal("0001")).has_value());
  BOOST_TEST(parse_echo(from_hexadecimal("0002")).has_value());
  for (const char* bad : {"", "00", "0000", "0003", "0100", "ffff"})
    BOOST_TEST((parse_echo(from_hexadecimal(bad)).error() == drop_reason::echo_malformed), bad);
}

BOOST_AUTO_TEST_SUITE_END()
