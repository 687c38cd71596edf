// Sixteen bits are few: the wrap of the wire's numbers, and the bound on packets within one packet life that makes it
// safe (K = W + D + 1 with K = 65,536; the protocol sheet, "packet life").
#include <boost/test/unit_test.hpp>

#include "protocol/base/random.hpp"
#include "tests/protocol/spp/pair.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(connection_wrap_test)

// Sends numbered records from a to b as fast as they are taken, and checks each as it comes.
class numbered_transfer {
 public:
  explicit numbered_transfer(spp_pair& pair) : pair_(pair) { pair_.b.reading = false; }

  /// The number of the first record that is wrong, or `count` when all came in order.
  std::uint64_t run(std::uint64_t count, duration step) {
    while (received_ < count) {
      while (submitted_ < count && pair_[side::a].send(record(submitted_)) == send_status::accepted) ++submitted_;
      pair_.run_for(step);
      while (const auto arrived = pair_[side::b].take_record())
        if (load_u64(arrived->flatten().data()) != received_++) return received_ - 1;
      if (pair_[side::a].finished() || pair_.now() > instant{} + 10'000_s) return received_;
    }
    return count;
  }

 private:
  static slice record(std::uint64_t number) {
    octets contents(8);
    store_u64(contents.data(), number);
    return slice::copy_of(contents);
  }

  spp_pair& pair_;
  std::uint64_t submitted_ = 0;
  std::uint64_t received_ = 0;
};

spp_config fast(duration packet_life) {
  spp_config config;
  config.window = 1024;
  config.allocation = 4096;
  config.packet_life = packet_life;
  config.send_buffer = 1 << 20;
  return config;
}

BOOST_AUTO_TEST_CASE(wrap__three_times_with_loss_and_reordering_and_duplicates) {
  spp_config config;
  config.packet_life = 30_ms;
  spp_pair pair(config);
  pair.open();
  pair.delay = 1_ms;
  const random_stream random(7);
  pair.weather = [&](side from, std::uint64_t ordinal, const spp_header&) {
    const auto draws = random.fork(static_cast<std::uint64_t>(from));
    return fate{.lost = draws.below(200, ordinal, 0) == 0,
                .twice = draws.below(50, ordinal, 1) == 0,
                .copy_held = duration{static_cast<std::int64_t>(draws.below(20'000'000, ordinal, 2))},
                .held = duration{static_cast<std::int64_t>(draws.below(40, ordinal, 3) == 0 ? 1'000'000 : 0)}};
  };
  constexpr std::uint64_t count = 210'000;
  BOOST_TEST(numbered_transfer(pair).run(count, 2_ms) == count);
  BOOST_TEST(pair[side::a].statistics().excess_acknowledgements == 0u);
}

// Every packet has a second copy that comes up to 200 ms later, and the numbers wrap in about 130 ms.
void double_everything_late(spp_pair& pair) {
  pair.delay = 500_us;
  const random_stream random(11);
  pair.weather = [random](side, std::uint64_t ordinal, const spp_header& header) {
    const auto late = static_cast<std::int64_t>(random.below(199'000'000, ordinal));
    return fate{.twice = !header.system, .copy_held = duration{late}};
  };
}

BOOST_AUTO_TEST_CASE(packet_life__enforced_keeps_late_copies_from_being_taken_for_new_packets) {
  spp_pair pair(fast(200_ms));
  pair.open();
  double_everything_late(pair);
  constexpr std::uint64_t count = 200'000;
  BOOST_TEST(numbered_transfer(pair).run(count, 1_ms) == count);
}

BOOST_AUTO_TEST_CASE(packet_life__not_enforced_delivers_what_was_never_sent_there) {
  spp_config config = fast(200_ms);
  config.enforce_packet_life = false;
  spp_pair pair(config);
  pair.open();
  double_everything_late(pair);
  constexpr std::uint64_t count = 200'000;
  BOOST_TEST(numbered_transfer(pair).run(count, 1_ms) < count);
}

// When number n is sent for the first time, number n - (65,535 - W) was sent at least a packet life before.
std::uint64_t breaches_of_the_bound(bool enforce) {
  constexpr duration life = 300_ms;
  spp_config config = fast(life);
  config.enforce_packet_life = enforce;
  spp_pair pair(config);
  pair.open();
  pair.delay = 500_us;
  std::vector<instant> sent_at;
  pair.weather = [&](side from, std::uint64_t, const spp_header& header) {
    if (from == side::a && !header.system) sent_at.push_back(pair.now());
    return fate{};
  };
  constexpr std::uint64_t count = 200'000;
  BOOST_TEST(numbered_transfer(pair).run(count, 1_ms) == count);
  BOOST_TEST(sent_at.size() == count);  // nothing is lost here, so the n-th is number n
  const std::uint64_t reach = 65'535 - config.allocation;
  std::uint64_t breaches = 0;
  for (std::uint64_t number = reach; number < sent_at.size(); ++number)
    if (sent_at[number] - sent_at[number - reach] < life) ++breaches;
  return breaches;
}

BOOST_AUTO_TEST_CASE(packet_life__bounds_the_packets_within_it) { BOOST_TEST(breaches_of_the_bound(true) == 0u); }
BOOST_AUTO_TEST_CASE(packet_life__the_bound_can_be_broken_on_purpose) { BOOST_TEST(breaches_of_the_bound(false) > 0u); }

// What counts is the widest window that the peer has shown, not the one that is open while its reader is slow.
BOOST_AUTO_TEST_CASE(packet_life__a_window_that_is_narrow_for_the_moment_does_not_loosen_the_bound) {
  spp_config config = fast(1000_s);
  spp_statistics statistics;
  spp_sender sender(config, statistics);
  instant now{};
  sender.on_acknowledgement(now, 0, 20'000 - 1, true);
  std::uint64_t sent = 0;
  // Everything is acknowledged at once, but after the first the peer allocates one packet at a time.
  for (; sent < 70'000; ++sent) {
    sender.queue_record(slice{}, 0);
    if (!sender.next_packet(now)) break;
    now += 1_us;
    sender.on_acknowledgement(now, static_cast<std::uint16_t>(sent + 1),
                              static_cast<std::uint16_t>(std::max<std::uint64_t>(sent + 1, 20'000 - 1)), true);
  }
  BOOST_TEST(sent <= 65'535u - 20'000u);
}

BOOST_AUTO_TEST_SUITE_END()
