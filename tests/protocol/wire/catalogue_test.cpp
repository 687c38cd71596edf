// The catalogue: IDP first, then one header for each packet type that has one.
#include "protocol/wire/catalogue.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

#include "protocol/wire/echo.hpp"
#include "protocol/wire/error.hpp"
#include "protocol/wire/spp.hpp"

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(catalogue_test)

BOOST_AUTO_TEST_CASE(catalogue__begins_with_idp_and_repeats_nothing) {
  BOOST_TEST_REQUIRE(!catalogue().empty());
  BOOST_TEST(catalogue().front().layout == &idp_layout::description);
  BOOST_TEST(catalogue().front().packet_type == -1);
  std::set<std::string_view> names;
  std::set<int> types;
  for (const catalogue_entry& entry : catalogue()) {
    BOOST_TEST(names.insert(entry.layout->name).second);
    BOOST_TEST(types.insert(entry.packet_type).second);
    BOOST_TEST(!entry.layout->documentation.empty());
  }
}

BOOST_AUTO_TEST_CASE(layout_of__known_types) {
  BOOST_TEST(layout_of(packet_type::sequenced_packet) == &spp_layout::description);
  BOOST_TEST(layout_of(packet_type::echo) == &echo_layout::description);
  BOOST_TEST(layout_of(packet_type::error) == &error_layout::description);
}

BOOST_AUTO_TEST_CASE(layout_of__any_other_type_has_none) {
  std::set<int> known;
  for (const catalogue_entry& entry : catalogue()) known.insert(entry.packet_type);
  for (int type = 0; type < 256; ++type)
    if (!known.contains(type)) BOOST_TEST(layout_of(static_cast<packet_type>(type)) == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
