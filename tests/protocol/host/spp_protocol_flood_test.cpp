// Floods of openings (A04 of the attack catalogue): openers that do not exist, in any number of names, against a
// listener whose places are bounded. What they take is bounded, and who does exist gets through.
#include <malloc.h>

#include <boost/test/unit_test.hpp>

#include "tests/protocol/host/victim.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(spp_protocol_flood_test)

constexpr std::uint64_t first_forged_host = 0x020100000000;

// A listener, openings from hosts that are chosen for each, and openers that do exist.
struct flooded_host : lone_host {
  explicit flooded_host(const host_config& config = settings(number_b),
                        std::size_t backlog = std::numeric_limits<std::size_t>::max())
      : lone_host(config) {
    BOOST_REQUIRE(engine.sequenced().listen(service, {}, backlog));
  }
  // The id that was given, unless the opening was refused.
  std::optional<std::uint16_t> open(host_number from, std::uint16_t id = 1) {
    spp_header header{};
    header.system = true;
    header.source_connection = id;
    header.allocation = 63;
    arrive(spp_frame({network_number{1}, from, peer.socket}, engine.address(service), header));
    return given_in(leaving());
  }
  static std::optional<std::uint16_t> given_in(const std::vector<octets>& answers) {
    for (const octets& each : answers) {
      const auto idp = parse_idp(each);
      if (idp->header.packet_type != packet_type::sequenced_packet) continue;
      return parse_spp(idp->data)->header.source_connection;
    }
    return std::nullopt;
  }
  // It has got the answer, and says so.
  void confirm(host_number from, std::uint16_t given, std::uint16_t id = 1) {
    spp_header header{};
    header.system = true;
    header.source_connection = id;
    header.destination_connection = given;
    header.allocation = 63;
    arrive(spp_frame({network_number{1}, from, peer.socket}, engine.address(service), header));
    leaving();
  }
  void flood(int openings) {
    for (int i = 0; i < openings; ++i) open(host_number{first_forged_host + forged_++});
  }
  int opened() {
    int count = 0;
    while (const auto event = engine.sequenced().poll_event()) count += event->what == connection_notice::opened;
    return count;
  }

 private:
  std::uint64_t forged_ = 0;
};

const host_number honest = number_a;

// 100,000 forged openings a second, each from another host, for a second; and a thousand honest ones of which each
// hears our answer and says so a millisecond later. The oldest of 1,024 places is ten milliseconds old.
BOOST_AUTO_TEST_CASE(a04__honest_openings_get_through_a_hundred_thousand_forged_ones_a_second) {
  flooded_host of;
  int succeeded = 0;
  for (std::uint16_t i = 1; i <= 1000; ++i) {
    const auto given = of.open(honest, i);
    BOOST_TEST_REQUIRE(given.has_value());
    of.flood(100);
    of.now += 1_ms;
    of.confirm(honest, *given, i);
    succeeded += of.opened();
    BOOST_TEST_REQUIRE(of.engine.sequenced().connections() <= 1024u + i);
  }
  BOOST_TEST(succeeded >= 990);
  BOOST_TEST(of.drops(drop_reason::listener_full) == 0u);
}

// What that protects from, and what it does not: an opener that is slower than the flood takes to go round.
BOOST_AUTO_TEST_CASE(a04__the_oldest_half_open_connection_makes_place) {
  host_config config = settings(number_b);
  config.maximum_half_open = 100;
  flooded_host of(config);
  const auto slow = of.open(honest, 1);
  of.flood(50);
  const auto quick = of.open(honest, 2);
  of.flood(50);
  of.confirm(honest, *slow, 1);
  BOOST_TEST(of.opened() == 0);
  BOOST_TEST(of.drops(drop_reason::no_such_connection) == 1u);  // it is told by an Error and may try again
  of.confirm(honest, *quick, 2);
  BOOST_TEST(of.opened() == 1);
}

BOOST_AUTO_TEST_CASE(a04__one_host_has_half_of_the_places_and_then_its_own_oldest_makes_place) {
  host_config config = settings(number_b);
  config.maximum_half_open = 100;
  flooded_host of(config);
  const host_number greedy{first_forged_host};
  for (std::uint16_t id = 1; id <= 50; ++id) BOOST_TEST(of.open(greedy, id).has_value());
  // So many at once may be honest: told to come again, and the others stay.
  BOOST_TEST(!of.open(greedy, 51).has_value());
  BOOST_TEST(of.drops(drop_reason::listener_full) == 1u);
  for (std::uint64_t other = 1; other <= 50; ++other)
    BOOST_TEST(of.open(host_number{first_forged_host + other}).has_value());
  // After a second they had their time: somebody who opens in its name must not keep it out.
  of.now += 1_s;
  const auto given = of.open(greedy, 52);
  BOOST_TEST_REQUIRE(given.has_value());
  of.confirm(greedy, *given, 52);
  BOOST_TEST(of.opened() == 1);
  BOOST_TEST(of.engine.sequenced().connections() == 100u);
}

BOOST_AUTO_TEST_CASE(a04__a_short_backlog_is_not_filled_by_openers_that_do_not_exist) {
  flooded_host of(settings(number_b), 2);
  of.flood(500);
  for (std::uint16_t i = 1; i <= 2; ++i) {
    const host_number opener{first_forged_host - i};
    const auto given = of.open(opener);
    BOOST_TEST_REQUIRE(given.has_value());
    of.confirm(opener, *given);
  }
  BOOST_TEST(of.opened() == 2);
  // Now it is full of connections that do exist.
  BOOST_TEST(!of.open(honest).has_value());
  of.engine.sequenced().accepted(service);
  BOOST_TEST(of.open(honest).has_value());
}

// The backlog counts those that exist. One that was answered before it was full has to wait until somebody is accepted;
// what it says until then is not acknowledged, so that it says it again.
BOOST_AUTO_TEST_CASE(a04__no_more_than_the_backlog_are_ever_opened) {
  flooded_host of(settings(number_b), 1);
  const host_number first{first_forged_host};
  const auto first_given = of.open(first);
  const auto second_given = of.open(honest);
  of.confirm(first, *first_given);
  of.confirm(honest, *second_given);
  BOOST_TEST(of.opened() == 1);
  BOOST_TEST(of.drops(drop_reason::listener_full) == 1u);
  of.engine.sequenced().accepted(service);
  of.confirm(honest, *second_given);
  BOOST_TEST(of.opened() == 1);
}

BOOST_AUTO_TEST_CASE(a04__no_event_before_the_opener_has_shown_that_it_knows_our_id) {
  flooded_host of;
  of.flood(5000);
  BOOST_TEST(of.opened() == 0);
}

BOOST_AUTO_TEST_CASE(a04__ids_do_not_run_out_however_long_they_rest) {
  host_config config = settings(number_b);
  config.id_quarantine = 120_s;  // beyond routers
  flooded_host of(config);
  of.flood(70'000);
  BOOST_TEST(of.engine.sequenced().connect(of.now, peer, {}).has_value());
}

// A place takes less than 4 KiB, so that a listener's 1,024 take 4 MiB; and they are all that a flood can take.
BOOST_AUTO_TEST_CASE(a04__memory_is_flat) {
  flooded_host of;
  const auto in_use = [] { return ::mallinfo2().uordblks; };  // 0 where a sanitizer allocates
  const std::size_t before = in_use();
  of.flood(1000);
  const std::size_t each = (in_use() - before) / 1000;
  BOOST_TEST_MESSAGE("a half-open connection takes " << each << " octets");
  BOOST_TEST(each < 4096u);
  of.flood(2000);
  const std::size_t full = in_use();
  of.flood(50'000);
  BOOST_TEST(in_use() < full + 100'000);
  // After the open timeout nothing is left.
  of.now += 76_s;
  of.engine.on_timeout(of.now);
  of.leaving();
  BOOST_TEST(of.engine.sequenced().connections() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
