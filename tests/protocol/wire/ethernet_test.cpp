// The link header of the classic carrier, octet by octet.
#include "protocol/wire/ethernet.hpp"

#include <rapidcheck/boost_test.h>
#include <boost/test/unit_test.hpp>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(ethernet_test)

BOOST_AUTO_TEST_CASE(encode__destination_source_and_type_in_network_order) {
  const octets expected{0x02, 0, 0, 0, 0, 0x0b, 0x02, 0, 0, 0, 0, 0x0a, 0x06, 0x00};
  const auto encoded = encode(ethernet_header{host_number{0x02000000000b}, host_number{0x02000000000a}});
  BOOST_TEST(octets(encoded.begin(), encoded.end()) == expected, boost::test_tools::per_element());
}

RC_BOOST_PROP(decode__gives_back_what_was_encoded, (std::uint64_t to, std::uint64_t from, std::uint16_t type)) {
  const ethernet_header header{host_number{to & 0xffffffffffff}, host_number{from & 0xffffffffffff}, type};
  RC_ASSERT(ethernet_layout::decode(encode(header).data()) == header);
}

BOOST_AUTO_TEST_SUITE_END()
