// Packet Exchange: an id and a client type in front of the data.
#include "protocol/wire/exchange.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/protocol/wire/packets.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(exchange_test)

BOOST_AUTO_TEST_CASE(parse_exchange__id_client_type_and_data) {
  const octets data = from_hexadecimal(
      "89abcdef"
      "0001"
      "0002"
      "0001");
  const auto exchange = parse_exchange(data);
  BOOST_TEST_REQUIRE(exchange.has_value());
  BOOST_TEST(exchange->header.id == 0x89abcdefu);
  BOOST_TEST((exchange->header.client_type == exchange_client::time));
  BOOST_TEST(exchange->data.size() == 4u);
}

BOOST_AUTO_TEST_CASE(parse_exchange__data_may_be_empty_but_the_header_whole) {
  BOOST_TEST(parse_exchange(from_hexadecimal("000000010000")).has_value());
  for (const char* bad : {"", "00", "0000000100"}) BOOST_TEST(!parse_exchange(from_hexadecimal(bad)).has_value(), bad);
}

BOOST_AUTO_TEST_SUITE_END()
