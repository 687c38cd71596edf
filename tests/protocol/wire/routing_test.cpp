// Routing packets: an operation and any number of whole entries, up to what a packet of 576 octets holds.
#include "protocol/wire/routing.hpp"

#include <rapidcheck/boost_test.h>

#include <boost/test/unit_test.hpp>

#include "tests/protocol/wire/packets.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(routing_test)

BOOST_AUTO_TEST_CASE(parse_routing__a_request_for_everything_and_a_response) {
  const auto request =
      parse_routing(from_hexadecimal("0001"
                                     "ffffffff"
                                     "0010"));
  BOOST_TEST_REQUIRE(request.has_value());
  BOOST_TEST((request->header.operation == routing_operation::request));
  BOOST_TEST((request->entries == std::vector<routing_entry>{{all_networks, infinite_metric}}));
  const octets bytes = from_hexadecimal(
      "0002"
      "0000041a"
      "0001"
      "00000007"
      "0010");
  const routing_packet response{{routing_operation::response}, {{network_number{0x41a}, 1}, {network_number{7}, 16}}};
  BOOST_TEST((parse_routing(bytes)->entries == response.entries));
  BOOST_TEST(routing_data(response) == bytes, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(parse_routing__refuses_what_is_no_whole_number_of_entries) {
  BOOST_TEST(parse_routing(from_hexadecimal("0001")).has_value());
  for (const char* bad : {"", "00", "0000", "0003", "000100", "00020000041a00", "00020000041a000100"})
    BOOST_TEST((parse_routing(from_hexadecimal(bad)).error() == drop_reason::routing_malformed), bad);
}

BOOST_AUTO_TEST_CASE(parse_routing__takes_at_most_what_a_classic_packet_holds) {
  routing_packet many{{routing_operation::response}, std::vector<routing_entry>(90)};
  BOOST_TEST(parse_routing(routing_data(many)).has_value());
  many.entries.emplace_back();
  BOOST_TEST((parse_routing(routing_data(many)).error() == drop_reason::routing_malformed));
}

RC_BOOST_PROP(parse_routing__undoes_routing_data,
              (bool asks, std::vector<std::pair<std::uint32_t, std::uint16_t>> all)) {
  routing_packet packet{{asks ? routing_operation::request : routing_operation::response}, {}};
  all.resize(std::min<std::size_t>(all.size(), 90));
  for (const auto& [network, metric] : all) packet.entries.push_back({network_number{network}, metric});
  const auto again = parse_routing(routing_data(packet));
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->header == packet.header);
  RC_ASSERT(again->entries == packet.entries);
}

BOOST_AUTO_TEST_SUITE_END()
