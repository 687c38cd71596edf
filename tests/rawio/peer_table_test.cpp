// Where hosts are: fixed and learned, who may move, and what a full table does.
#include "rawio/peer_table.hpp"

#include <boost/test/unit_test.hpp>

namespace seqwire {
namespace {

constexpr instant start{1'000'000'000'000};
constexpr host_number alice{0x02000000000a}, bob{0x02000000000b}, carol{0x02000000000c};
constexpr ipv4_endpoint here{0x0a000001, 5000}, there{0x0a000002, 5000}, same_address{0x0a000001, 5001};

bool is_at(const peer_table& table, host_number host, const ipv4_endpoint& at) { return table.find(host) == at; }

}  // namespace

BOOST_AUTO_TEST_SUITE(peer_table_test)

BOOST_AUTO_TEST_CASE(heard__an_unknown_host_is_learned_with_its_port) {
  peer_table table;
  BOOST_TEST(!table.find(alice).has_value());
  BOOST_TEST(table.heard(start, alice, here).has_value());
  BOOST_TEST(table.heard(start, bob, same_address).has_value());
  BOOST_TEST(is_at(table, alice, here));
  BOOST_TEST(is_at(table, bob, same_address));
}

BOOST_AUTO_TEST_CASE(heard__nobody_takes_a_fixed_hosts_place_however_long_it_is_silent) {
  peer_table table;
  BOOST_TEST(table.fix(alice, here));
  for (const duration silence : {0_s, 3600_s}) {
    const auto claimed = table.heard(start + silence, alice, there);
    BOOST_REQUIRE(!claimed.has_value());
    BOOST_TEST((claimed.error() == peer_refusal::lives_elsewhere));
  }
  BOOST_TEST(table.heard(start, alice, here).has_value());
  BOOST_TEST(is_at(table, alice, here));
}

BOOST_AUTO_TEST_CASE(heard__a_learned_host_moves_only_after_silence) {
  peer_table table;
  BOOST_TEST(table.heard(start, alice, here).has_value());
  BOOST_TEST(!table.heard(start + peer_table::quiet - 1_ns, alice, there).has_value());
  BOOST_TEST(table.heard(start + peer_table::quiet - 1_ns, alice, here).has_value());  // it lives
  BOOST_TEST(!table.heard(start + peer_table::quiet, alice, there).has_value());
  BOOST_TEST(is_at(table, alice, here));
  BOOST_TEST(table.heard(start + peer_table::quiet * 2, alice, there).has_value());
  BOOST_TEST(is_at(table, alice, there));
}

BOOST_AUTO_TEST_CASE(fix__a_learned_host_stays_where_the_user_says) {
  peer_table table;
  BOOST_TEST(table.heard(start, alice, there).has_value());
  BOOST_TEST(table.fix(alice, here));
  BOOST_TEST(is_at(table, alice, here));
  BOOST_TEST(!table.heard(start + 3600_s, alice, there).has_value());
}

BOOST_AUTO_TEST_CASE(capacity__the_longest_silent_goes_and_no_living_one) {
  peer_table table(2);
  BOOST_TEST(table.heard(start, alice, here).has_value());
  BOOST_TEST(table.heard(start + 1_s, bob, here).has_value());
  BOOST_TEST(table.heard(start + 2_s, alice, here).has_value());
  const auto refused = table.heard(start + 1_s + peer_table::quiet - 1_ns, carol, here);
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error() == peer_refusal::table_full));
  BOOST_TEST(table.heard(start + 1_s + peer_table::quiet, carol, here).has_value());
  BOOST_TEST(!table.find(bob).has_value());
  BOOST_TEST(is_at(table, alice, here));
  BOOST_TEST(table.size() == 2u);
}

BOOST_AUTO_TEST_CASE(capacity__the_user_comes_before_those_who_were_learned) {
  peer_table table(2);
  BOOST_TEST(table.heard(start, alice, here).has_value());
  BOOST_TEST(table.fix(bob, there));
  BOOST_TEST(table.fix(carol, there));
  BOOST_TEST(!table.find(alice).has_value());
  BOOST_TEST(!table.fix(alice, here));
  BOOST_TEST(!table.heard(start + 3600_s, alice, here).has_value());
  BOOST_TEST(table.fixed().size() == 2u);
}

BOOST_AUTO_TEST_CASE(capacity__is_4096_hosts_where_nobody_says_otherwise) {
  peer_table table;
  for (std::uint64_t i = 0; i < 4096; ++i)
    BOOST_REQUIRE(table.heard(start, host_number{0x020000010000 + i}, here).has_value());
  const auto refused = table.heard(start, alice, here);
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error() == peer_refusal::table_full));
  BOOST_TEST(table.size() == 4096u);
}

BOOST_AUTO_TEST_CASE(everybody__each_endpoint_once) {
  peer_table table;
  BOOST_TEST(table.everybody().empty());
  BOOST_TEST(table.fix(alice, here));
  BOOST_TEST(table.heard(start, bob, here).has_value());  // a router has many hosts behind it
  BOOST_TEST(table.heard(start, carol, there).has_value());
  BOOST_TEST((table.everybody() == std::vector<ipv4_endpoint>{here, there}));
  BOOST_TEST((table.fixed() == std::vector<ipv4_endpoint>{here}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
