// The catalogue: IDP first, then every header with what selects it.
#include "protocol/wire/catalogue.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

#include "protocol/wire/echo.hpp"
#include "protocol/wire/error.hpp"
#include "protocol/wire/routing.hpp"
#include "protocol/wire/spp.hpp"
#include "protocol/wire/time_of_day.hpp"
#include "tests/protocol/wire/packets.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(catalogue_test)

BOOST_AUTO_TEST_CASE(catalogue__begins_with_idp_and_repeats_nothing) {
  BOOST_TEST_REQUIRE(!catalogue().empty());
  BOOST_TEST(catalogue().front().layout == &idp_layout::description);
  BOOST_TEST(catalogue().front().behind == nullptr);
  std::set<std::string_view> names;
  std::set<std::pair<const layout_description*, std::optional<std::uint64_t>>> places;
  for (const catalogue_entry& entry : catalogue()) {
    BOOST_TEST(names.insert(entry.layout->name).second);
    BOOST_TEST(places.insert({entry.behind, entry.selector}).second);
    BOOST_TEST(!entry.layout->documentation.empty());
    // Whoever is selected stands behind a header that can say so.
    if (entry.selector) BOOST_TEST(entry.behind->find(role::next_header) != nullptr);
  }
}

BOOST_AUTO_TEST_CASE(layout_of__known_types) {
  BOOST_TEST(layout_of(packet_type::routing_information) == &routing_layout::description);
  BOOST_TEST(layout_of(packet_type::echo) == &echo_layout::description);
  BOOST_TEST(layout_of(packet_type::error) == &error_layout::description);
  BOOST_TEST(layout_of(packet_type::packet_exchange) == &exchange_layout::description);
  BOOST_TEST(layout_of(packet_type::sequenced_packet) == &spp_layout::description);
}

BOOST_AUTO_TEST_CASE(layout_of__any_other_type_has_none) {
  for (int type = 6; type < 256; ++type) BOOST_TEST(layout_of(static_cast<packet_type>(type)) == nullptr);
  BOOST_TEST(layout_of(packet_type{0}) == nullptr);
}

BOOST_AUTO_TEST_CASE(entry_behind__follows_client_types_and_operations) {
  const octets asks_for_time = from_hexadecimal("000000010001");
  const octets asks_for_nothing = from_hexadecimal("000000010000");
  const catalogue_entry* const time = entry_behind(exchange_layout::description, asks_for_time.data());
  BOOST_TEST_REQUIRE(time != nullptr);
  BOOST_TEST(time->layout == &time_layout::description);
  BOOST_TEST(entry_behind(exchange_layout::description, asks_for_nothing.data()) == nullptr);
  BOOST_TEST(entry_behind(time_layout::description, from_hexadecimal("00020001").data()) == nullptr);
  BOOST_TEST(entry_behind(time_layout::description, from_hexadecimal("00020002").data())->layout ==
             &time_of_day_layout::description);
  BOOST_TEST(entry_behind(routing_layout::description, from_hexadecimal("0002").data())->repeated);
}

BOOST_AUTO_TEST_CASE(add_to_catalogue__a_header_of_a_users_own) {
  struct own_header {
    std::uint8_t kind;
  };
  using own_layout = layout<own_header, "own", "A header of a test", field<&own_header::kind, 8, "Anything">>;
  const packet_type own_type{0x1f};
  add_to_catalogue({&own_layout::description, &idp_layout::description, 0x1f});
  BOOST_TEST(layout_of(own_type) == &own_layout::description);
  BOOST_TEST(catalogue().back().layout == &own_layout::description);
}

BOOST_AUTO_TEST_SUITE_END()
