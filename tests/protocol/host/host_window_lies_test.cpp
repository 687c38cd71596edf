// Lies about the window (A08 of the attack catalogue): allocations that are huge, behind the acknowledgement,
// withdrawn, never given or given one at a time. None makes us send what must not be sent, keep what nobody bounds, or
// hang.
#include <boost/test/unit_test.hpp>

#include "tests/protocol/host/victim.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(host_window_lies_test)

// A host whose application has much to send to a peer that has acknowledged all but says what it likes.
struct lied_to : victim {
  explicit lied_to(const spp_config& config = {}) : victim(stage::open, config) { allocates(1, 0); }

  // A system packet with these two numbers; the data packets that it lets out.
  std::size_t allocates(std::uint16_t acknowledge, std::uint16_t allocation) {
    spp_header header = true_header();
    header.acknowledge = acknowledge;
    header.allocation = allocation;
    arrive(spp_frame(peer, engine.address(local), header));
    return data_leaving();
  }
  std::size_t data_leaving() {
    std::size_t count = 0;
    for (const octets& each : leaving()) count += !parse_spp(parse_idp(each)->data)->header.system;
    return count;
  }
  send_status give(std::size_t size) { return connection().send(slice::owning(octets(size))); }
  spp_statistics counted() { return connection().statistics(); }
};

spp_config widest() {
  spp_config config;
  config.window = maximum_window;
  config.initial_window = maximum_window;
  config.packet_data = 1;
  return config;
}

BOOST_AUTO_TEST_CASE(a08__a_huge_allocation_lets_out_no_more_than_our_own_window) {
  lied_to of;
  of.give(100'000);
  of.leaving();
  BOOST_TEST(of.connection().information().in_flight == 63u);  // as allocated when it was opened
  BOOST_TEST(of.allocates(1, 32'767) == 1u);
  BOOST_TEST(of.connection().information().in_flight == 64u);
}

BOOST_AUTO_TEST_CASE(a08__with_the_widest_window_comparison_stays_unambiguous) {
  lied_to of(widest());
  of.give(100'000);
  of.leaving();
  // Half of the numbers, which is one more than may ever be on their way.
  BOOST_TEST(of.allocates(1, 32'768) <= 32'767u);
  BOOST_TEST(of.connection().information().in_flight == 32'767u);
}

BOOST_AUTO_TEST_CASE(a08__an_allocation_behind_the_acknowledgement_permits_nothing) {
  for (const std::uint16_t behind : std::initializer_list<std::uint16_t>{0, 65'535, 40'000, 32'770}) {
    lied_to of;
    of.allocates(1, 63);
    BOOST_TEST(of.connection().information().permitted == 63u);
    of.allocates(1, behind);
    BOOST_TEST(of.connection().information().permitted == 63u);
    BOOST_TEST((of.connection().state() == connection_state::open));
  }
}

BOOST_AUTO_TEST_CASE(a08__what_was_allocated_is_not_taken_back) {
  lied_to of;
  of.allocates(1, 20);
  of.give(534 * 10);
  of.allocates(1, 3);
  BOOST_TEST(of.connection().information().in_flight == 10u);
  BOOST_TEST(of.counted().retransmissions == 0u);
}

// Each packet says something else: no acknowledgement repeats the last, so nothing looks like a loss.
BOOST_AUTO_TEST_CASE(a08__a_flapping_allocation_draws_no_packet) {
  lied_to of;
  of.allocates(1, 63);
  of.give(534 * 10);
  of.leaving();
  const std::uint64_t before = of.counted().packets_sent;
  for (int i = 0; i < 10'000; ++i) BOOST_TEST_REQUIRE(of.allocates(1, i % 2 == 0 ? 0 : 63) == 0u);
  BOOST_TEST(of.counted().packets_sent == before);
  BOOST_TEST(of.counted().retransmissions == 0u);
  BOOST_TEST(of.connection().information().permitted == 63u);
}

// The application sees that it may not go on; what it gave is bounded; and we ask ever less often, down to once in the
// maximum timeout.
BOOST_AUTO_TEST_CASE(a08__a_window_that_stays_closed_is_asked_about_ever_less_often) {
  spp_config config;
  config.send_buffer = 10'000;
  lied_to of(config);
  // The peer's first allocation still lets 64 packets go: they are acknowledged, and then none is allowed.
  std::uint16_t next = 64;
  while (of.give(534) == send_status::accepted) of.leaving();
  BOOST_TEST((of.give(534) == send_status::would_block));
  of.allocates(next, static_cast<std::uint16_t>(next - 1));
  BOOST_TEST(of.connection().information().permitted == 0u);
  for (int answered = 0; answered < 1000; ++answered) {
    of.now = std::max(of.now, of.engine.next_timeout().value());
    of.engine.on_timeout(of.now);
    BOOST_TEST_REQUIRE(of.data_leaving() == 0u);
    of.allocates(next, static_cast<std::uint16_t>(next - 1));
  }
  BOOST_TEST(of.connection().information().queued_octets <= 10'000u);
  BOOST_TEST(of.counted().probes <= 1000u);
  BOOST_TEST((of.now - instant{} > 3900_s));                        // once in four seconds
  BOOST_TEST((of.connection().state() == connection_state::open));  // the peer lives: the application decides
}

BOOST_AUTO_TEST_CASE(a08__nobody_waits_for_a_closed_window_once_the_application_has_gone) {
  lied_to of;
  for (int i = 0; i < 100; ++i) of.give(534);
  of.leaving();
  of.allocates(64, 63);
  of.engine.sequenced().close(of.handle);
  of.engine.sequenced().release(of.handle);
  const instant gone = of.now;
  while (of.engine.sequenced().connections() > 0) {
    BOOST_TEST_REQUIRE(of.engine.next_timeout().has_value());
    of.now = std::max(of.now, *of.engine.next_timeout());
    BOOST_TEST_REQUIRE((of.now - gone <= 121_s));
    of.engine.on_timeout(of.now);
    if (!of.leaving().empty() && of.engine.sequenced().connections() > 0) {
      spp_header header = of.true_header();
      header.acknowledge = 64;
      header.allocation = 63;
      of.arrive(spp_frame(peer, of.engine.address(of.local), header));
      of.leaving();
    }
  }
  BOOST_TEST((of.now - gone >= 119_s));
}

// Windows are counted in packets, so that a small one makes few packets, not small ones.
BOOST_AUTO_TEST_CASE(a08__windows_of_one_packet_are_filled_by_whole_packets) {
  spp_config config;
  config.packet_data = 534;
  lied_to of(config);
  std::uint16_t acknowledged = 64;
  for (int i = 0; i < 63; ++i) of.give(1);
  of.leaving();
  of.allocates(acknowledged, static_cast<std::uint16_t>(acknowledged - 1));
  of.give(534 * 100);
  of.leaving();
  for (int i = 0; i < 100; ++i, ++acknowledged) BOOST_TEST_REQUIRE(of.allocates(acknowledged, acknowledged) == 1u);
  of.allocates(acknowledged, acknowledged);
  BOOST_TEST(of.connection().information().queued_octets == 0u);
  BOOST_TEST(of.counted().data_packets_sent == 164u);
}

BOOST_AUTO_TEST_SUITE_END()
