// Addresses as text: what prints can be read again, and everything malformed is refused with the words of what was
// expected.
#include "protocol/wire/address.hpp"

#include <rapidcheck/boost_test.h>
#include <boost/test/unit_test.hpp>
#include <vector>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(address_test)

constexpr xns_address example{network_number{0x41a}, host_number{0x0800aa000001}, socket_number{3000}};

BOOST_AUTO_TEST_CASE(to_string__hexadecimal_network_and_host_decimal_socket) {
  BOOST_TEST(to_string(example) == "41a.0800aa000001:3000");
  BOOST_TEST(to_string(xns_address{}) == "0.000000000000:0");
  BOOST_TEST(to_string(xns_address{all_networks, broadcast_host, socket_number{65535}}) ==
             "ffffffff.ffffffffffff:65535");
  BOOST_TEST(to_string(host_number{0xa}) == "00000000000a");
}

BOOST_AUTO_TEST_CASE(is_group__is_the_low_bit_of_the_first_octet) {
  BOOST_TEST(is_group(broadcast_host));
  BOOST_TEST(is_group(host_number{0x010000000000}));
  BOOST_TEST(!is_group(host_number{0x02ffffffffff}));
  BOOST_TEST(!is_group(host_number{}));
}

BOOST_AUTO_TEST_CASE(parse_address__accepted_spellings) {
  for (const std::string_view text :
       {"41a.0800aa000001:3000", "0x41a.0800aa000001:3000", "0X41A.0800AA000001:0xbb8",
        "0000041a.08-00-aa-00-00-01:3000", "41a.0800aa000001:0XBB8", "41a.0800aa000001:03000"}) {
    const auto address = parse_address(text);
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST_REQUIRE(address.has_value());
      BOOST_TEST((*address == example));
    }
  }
}

BOOST_AUTO_TEST_CASE(parse_address__refuses_a_wrong_shape) {
  for (const std::string_view text : {"", ".", ":", "1", "1.02000000000a", "02000000000a:5", "1:02000000000a.5", "1:5.",
                                      "3000", "1,02000000000a:5"}) {
    const auto address = parse_address(text);
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST_REQUIRE(!address.has_value());
      BOOST_TEST(address.error().expected == "an address NET.HOST:SOCKET such as 1.02000000000a:3000");
    }
  }
}

BOOST_AUTO_TEST_CASE(parse_address__refuses_a_wrong_network) {
  for (const std::string_view text :
       {".02000000000a:5", "0x.02000000000a:5", "g.02000000000a:5", "100000000.02000000000a:5", "-1.02000000000a:5",
        "+1.02000000000a:5", " 1.02000000000a:5", "1 .02000000000a:5", "0x0x1.02000000000a:5",
        "ffffffffffffffffff.02000000000a:5"}) {
    const auto address = parse_address(text);
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST_REQUIRE(!address.has_value());
      BOOST_TEST(address.error().expected == "a network as up to eight hexadecimal digits");
    }
  }
}

BOOST_AUTO_TEST_CASE(parse_host__refuses_everything_but_twelve_digits) {
  for (const std::string_view text :
       {"", "2", "2000000000a", "002000000000a", "02000000000g", "0x000000000a", "-2000000000a", "02-00-00-00-00-0",
        "02-00-00-00-00-0a-", "02:00:00:00:00:0a", "02-00-00-00-00-0g", "0-200-00-00-00-0a", "02-00-00-00-0000a",
        "02 00 00 00 00 0a", "02000000000a ", "1.02000000000a"}) {
    const auto host = parse_host(text);
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST_REQUIRE(!host.has_value());
      BOOST_TEST(host.error().expected == "a host as twelve hexadecimal digits");
    }
  }
  BOOST_TEST((parse_address("1.0200:5").error().expected == "a host as twelve hexadecimal digits"));
}

BOOST_AUTO_TEST_CASE(parse_socket__refuses_zero_and_what_is_no_16_bit_number) {
  for (const std::string_view text : {"", "0", "0x0", "0x", "65536", "0x10000", "-1", "+1", " 1", "1 ", "1.5", "bb8",
                                      "0xg", "99999999999999999999"}) {
    const auto socket = parse_socket(text);
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST_REQUIRE(!socket.has_value());
      BOOST_TEST(socket.error().expected == "a socket from 1 to 65535");
    }
  }
  BOOST_TEST((parse_address("1.02000000000a:0").error().expected == "a socket from 1 to 65535"));
  BOOST_TEST((parse_address("1.02000000000a:").error().expected == "a socket from 1 to 65535"));
}

RC_BOOST_PROP(parse_address__reads_what_to_string_writes,
              (std::uint32_t network, std::uint64_t host, std::uint16_t socket)) {
  RC_PRE(socket != 0);
  const xns_address address{network_number{network}, host_number{host & 0xffffffffffff}, socket_number{socket}};
  const auto again = parse_address(to_string(address));
  RC_ASSERT(again.has_value());
  RC_ASSERT((*again == address));
}

RC_BOOST_PROP(parse_address__survives_any_text, (const std::string& text)) {
  if (const auto address = parse_address(text)) RC_ASSERT((parse_address(to_string(*address)).value() == *address));
}

BOOST_AUTO_TEST_SUITE_END()
