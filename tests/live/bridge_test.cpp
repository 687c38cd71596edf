// The impairing bridge between two ports: what one call takes in is bounded, and nothing is lost by that.
#include "lab/wire/bridge.hpp"

#include "own_network.hpp"
#include "rawio/clock.hpp"

namespace seqwire {
namespace {

using namespace live_runs;

struct bridged_network : own_network {
  raw_port open(lab_host host, const char* interface) {
    return network.inside(host, [&] { return raw_port(interface); });
  }
  raw_port at_a = open(lab_host::a, lab_interface);
  raw_port at_b = open(lab_host::b, lab_interface);
  raw_port port_a = open(lab_host::bridge, lab_port_a);
  raw_port port_b = open(lab_host::bridge, lab_port_b);
};

std::size_t send_frames(raw_port& from, std::size_t count) {
  const std::vector<slice> frames(64, slice::owning(octets(60, 0xff)));  // broadcast, of no protocol
  std::size_t sent = 0;
  while (sent < count) sent += from.transmit(std::span(frames).first(std::min(frames.size(), count - sent)));
  return sent;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(bridge_test, bridged_network)

BOOST_AUTO_TEST_CASE(run__takes_a_flood_in_portions_so_that_timers_and_signals_have_their_turn) {
  const instant started = clock_now();
  seqwire::bridge between(port_a, port_b, {.delay = 1_ms}, {}, 1, started, nullptr);
  constexpr std::size_t flood = 10'000;
  BOOST_REQUIRE(send_frames(at_a, flood) == flood);
  between.run(started);
  const std::uint64_t first = between.a_to_b().statistics().offered;
  BOOST_TEST(first > 0u);
  BOOST_TEST(first < flood / 2);
  for (int portion = 0; portion < 10; ++portion) between.run(started);
  BOOST_TEST(between.a_to_b().statistics().offered == flood);
  BOOST_TEST(port_a.receive_drops() == 0u);
}

BOOST_AUTO_TEST_CASE(run__holds_no_more_than_the_channel_s_memory_and_counts_the_rest) {
  const instant started = clock_now();
  seqwire::bridge between(port_a, port_b, {.delay = 3600_s, .memory = 100 * channel::memory_of(60)}, {}, 1, started,
                          nullptr);
  BOOST_REQUIRE(send_frames(at_a, 1'000) == 1'000u);
  while (between.a_to_b().statistics().offered < 1'000) between.run(started);
  BOOST_TEST(between.a_to_b().statistics().overflow == 900u);
}

BOOST_AUTO_TEST_CASE(change__other_settings_from_then_on) {
  const instant started = clock_now();
  seqwire::bridge between(port_a, port_b, {}, {}, 1, started, nullptr);
  BOOST_REQUIRE(send_frames(at_a, 100) == 100u);
  while (between.a_to_b().statistics().offered < 100) between.run(started);
  channel_settings lossy;
  lossy.further.set("loss_every", std::uint64_t{2});
  between.change(lossy, {});
  BOOST_REQUIRE(send_frames(at_a, 100) == 100u);
  while (between.a_to_b().statistics().offered < 200) between.run(started);
  BOOST_TEST(between.a_to_b().statistics().lost == 50u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
