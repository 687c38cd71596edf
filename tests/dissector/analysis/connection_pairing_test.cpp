// Which connection is which in two captures, and where both are looked at.
#include "dissector/analysis/connection_pairing.hpp"

#include "tests/dissector/analysis/two_captures.hpp"

using namespace seqwire;
using namespace seqwire::stories;

namespace {

struct pairing_fixture : two_captures {
  analysis analyzed(const char* name) const {
    const std::string file = path(name);
    auto found = analyze_files({&file, 1});
    BOOST_REQUIRE(found.has_value());
    return *found;
  }
  connection_pairing paired() const { return pair_connections(analyzed("a.pcapng"), analyzed("b.pcapng")); }

  // One opening and one record; told by its data.
  static void connection(written_capture& to, std::uint16_t fresh_socket, std::uint16_t ids) {
    to.delivers(
        of_connection({.from = 'a', .system = true, .end_of_message = false, .destination_id = 0}, fresh_socket, ids));
    to.delivers(of_connection(system('b', 0, 0), fresh_socket, ids));
    to.delivers(of_connection(data('a', 0), fresh_socket, ids));
  }
};

using indices = std::vector<std::pair<std::size_t, std::size_t>>;
indices indices_of(const connection_pairing& of) {
  indices all;
  for (const connection_pair& each : of.pairs) all.emplace_back(each.connection[0], each.connection[1]);
  return all;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(connection_pairing_test, pairing_fixture)

BOOST_AUTO_TEST_CASE(pair_connections__the_same_sockets_before_the_order_of_opening) {
  {
    written_capture a(path("a.pcapng"));
    connection(a, 4001, 0x10);
    connection(a, 4002, 0x20);
    written_capture b(path("b.pcapng"));
    connection(b, 4002, 0x30);
    connection(b, 4001, 0x40);
  }
  BOOST_TEST((indices_of(paired()) == indices{{0, 1}, {1, 0}}));
}

BOOST_AUTO_TEST_CASE(pair_connections__fresh_sockets_in_order_and_what_is_left_has_no_partner) {
  {
    written_capture a(path("a.pcapng"));
    for (std::uint16_t i = 0; i < 3; ++i)
      connection(a, static_cast<std::uint16_t>(4001 + i), static_cast<std::uint16_t>(0x10 + 0x10 * i));
    written_capture b(path("b.pcapng"));
    connection(b, 5001, 0x77);
    connection(b, 4002, 0x99);
  }
  const connection_pairing found = paired();
  BOOST_TEST((indices_of(found) == indices{{0, 0}, {1, 1}}));
  BOOST_TEST((found.unpaired[0] == std::vector<std::size_t>{2}));
  BOOST_TEST(found.unpaired[1].empty());
}

BOOST_AUTO_TEST_CASE(pair_connections__the_same_sockets_used_again_pair_in_order) {
  {
    written_capture a(path("a.pcapng"));
    written_capture b(path("b.pcapng"));
    for (const std::uint16_t ids : {std::uint16_t{0x10}, std::uint16_t{0x20}}) connection(a, 4001, ids);
    for (const std::uint16_t ids : {std::uint16_t{0x50}, std::uint16_t{0x60}}) connection(b, 4001, ids);
  }
  BOOST_TEST((indices_of(paired()) == indices{{0, 0}, {1, 1}}));
}

BOOST_AUTO_TEST_CASE(directions__the_senders_own_vantage_point_where_both_have_it) {
  {
    written_capture a(path("a.pcapng"));
    a.opens();
    written_capture b(path("b.pcapng"));
    b.passes({.from = 'a', .system = true, .end_of_message = false, .destination_id = 0});
    b.opens();
  }
  const connection_pairing found = paired();
  BOOST_REQUIRE(found.pairs.size() == 1u);
  for (const auto& direction : found.pairs[0].directions)
    for (const auto& chosen : direction) {
      BOOST_REQUIRE(chosen.has_value());
      BOOST_TEST(name_of(chosen->where) == "leaving");
    }
  BOOST_TEST(!found.pairs[0].elsewhere(0));
}

BOOST_AUTO_TEST_CASE(directions__different_places_are_said) {
  {
    written_capture a(path("a.pcapng"));
    a.leaves({.from = 'a', .system = true, .end_of_message = false, .destination_id = 0});
    a.arrives(system('b', 0, 0));
    a.leaves(data('a', 0));
    written_capture b(path("b.pcapng"));
    b.arrives({.from = 'a', .system = true, .end_of_message = false, .destination_id = 0});
    b.leaves(system('b', 0, 0));
    b.arrives(data('a', 0));
  }
  const connection_pairing found = paired();
  BOOST_REQUIRE(found.pairs.size() == 1u);
  BOOST_TEST(found.pairs[0].elsewhere(0));
  BOOST_TEST(name_of(found.pairs[0].directions[0][0]->where) == "leaving");
  BOOST_TEST(name_of(found.pairs[0].directions[0][1]->where) == "arriving");
}

BOOST_AUTO_TEST_SUITE_END()
