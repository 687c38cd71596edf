// One direction of a link: exact times, a queue that drops its tail, impairments in the share that was asked for,
// independent of each other, the same for the same seed, and every frame accounted for.
#include "sim/channel.hpp"

#include <rapidcheck/boost_test.h>
#include <bit>
#include <map>
#include <set>

#include "tests/sim/channel_fixture.hpp"

using namespace seqwire;
using namespace seqwire::testing;

BOOST_AUTO_TEST_SUITE(channel_test)

constexpr std::uint64_t many = 100'000;

void expect_share(std::uint64_t happened, std::uint64_t of, double probability) {
  const double expected = static_cast<double>(of) * probability;
  expect_about(static_cast<double>(happened), expected, std::sqrt(expected * (1 - probability)));
}

BOOST_AUTO_TEST_CASE(send__delay_is_exact) {
  channel_fixture of({.delay = 20_ms});
  of.send(1, 100);
  of.finish();
  BOOST_TEST_REQUIRE(of.deliveries.size() == 1u);
  BOOST_TEST((of.deliveries[0].at == instant{} + 20_ms));
}

BOOST_AUTO_TEST_CASE(send__serialisation_is_exact) {
  channel_fixture of({.rate = 8'000'000, .delay = 20_ms});  // an octet a microsecond
  of.send(1, 1000);
  of.send(2, 500);
  of.finish();
  BOOST_TEST_REQUIRE(of.deliveries.size() == 2u);
  BOOST_TEST((of.deliveries[0].at == instant{} + 21_ms));
  BOOST_TEST((of.deliveries[1].at == instant{} + 21'500_us));
}

BOOST_AUTO_TEST_CASE(send__overhead_counts_on_the_link_and_may_be_negative) {
  channel_fixture more({.rate = 8'000'000, .overhead = 38});
  more.send(1, 1000);
  more.finish();
  BOOST_TEST((more.deliveries[0].at == instant{} + 1038_us));
  channel_fixture less({.rate = 8'000'000, .overhead = -2000});
  less.send(1, 1000);
  less.finish();
  BOOST_TEST((less.deliveries[0].at == instant{}));
}

BOOST_AUTO_TEST_CASE(send__an_idle_link_starts_at_once_again) {
  channel_fixture of({.rate = 8'000'000});
  of.send(1, 1000);
  of.time.run_until(instant{} + 10_ms);
  of.send(2, 1000);
  of.finish();
  BOOST_TEST((of.deliveries[1].at == instant{} + 11_ms));
}

BOOST_AUTO_TEST_CASE(send__slow_and_fast_links_compute_without_overflow) {
  channel_fixture slow({.rate = 300});
  slow.send(1, 65'535);
  slow.finish();
  BOOST_TEST((slow.deliveries[0].at == instant{1'747'600'000'000}));  // 524,280 bits / 300
  channel_fixture fast({.rate = 400'000'000'000});
  fast.send(1, 1500);
  fast.finish();
  BOOST_TEST((fast.deliveries[0].at == instant{30}));
}

BOOST_AUTO_TEST_CASE(queue__drops_the_tail_beyond_one_in_service_and_those_that_wait) {
  channel_fixture of({.rate = 8'000'000, .queue = 3});
  for (std::uint64_t id = 0; id < 6; ++id) of.verdicts.push_back(of.send(id, 1000));
  for (std::size_t id = 0; id < 6; ++id)
    BOOST_TEST(
        (of.verdicts[id].what == (id < 4 ? channel_verdict::fate::delivered : channel_verdict::fate::queue_full)));
  of.time.run_until(instant{} + 1_ms);  // the first has left: there is one place
  BOOST_TEST((of.send(6, 1000).what == channel_verdict::fate::delivered));
  BOOST_TEST((of.send(7, 1000).what == channel_verdict::fate::queue_full));
  of.finish();
  BOOST_TEST(of.link.statistics().queue_full == 3u);
  BOOST_TEST((of.deliveries.back().at == instant{} + 5_ms));
}

BOOST_AUTO_TEST_CASE(queue__of_zero_takes_what_the_idle_link_can_send) {
  channel_fixture of({.rate = 8'000'000, .queue = 0});
  BOOST_TEST((of.send(0, 1000).what == channel_verdict::fate::delivered));
  BOOST_TEST((of.send(1, 1000).what == channel_verdict::fate::queue_full));
  of.time.run_until(instant{} + 1_ms);
  BOOST_TEST((of.send(2, 1000).what == channel_verdict::fate::delivered));
}

// An endless delay under endless load: what is under way has a bound, and what did not fit is counted.
BOOST_AUTO_TEST_CASE(memory__drops_what_does_not_fit_until_something_has_arrived) {
  const std::uint64_t frames = 10;
  channel_fixture of({.delay = 20_ms, .memory = frames * channel::memory_of(1000)});
  for (std::uint64_t id = 0; id < 15; ++id) of.verdicts.push_back(of.send(id, 1000));
  for (std::size_t id = 0; id < 15; ++id)
    BOOST_TEST(
        (of.verdicts[id].what == (id < frames ? channel_verdict::fate::delivered : channel_verdict::fate::overflow)));
  of.time.run_until(instant{} + 20_ms);
  BOOST_TEST((of.send(15, 1000).what == channel_verdict::fate::delivered));
  of.finish();
  BOOST_TEST(of.deliveries.size() == frames + 1);
  BOOST_TEST(of.link.statistics().overflow == 5u);
}

BOOST_AUTO_TEST_CASE(memory__small_frames_cost_more_than_their_octets) {
  BOOST_TEST(channel::memory_of(1) > 1000u);
  BOOST_TEST(channel::memory_of(1500) > channel::memory_of(1));
}

BOOST_AUTO_TEST_CASE(loss__in_the_share_asked_for) {
  for (const double loss : {0.001, 0.05, 0.3, 0.6}) {
    channel_fixture of({.loss = loss});
    of.send_many(many);
    expect_share(of.link.statistics().lost, many, loss);
    BOOST_TEST(of.deliveries.size() == many - of.link.statistics().lost);
  }
}

BOOST_AUTO_TEST_CASE(loss__of_everything_and_of_nothing) {
  channel_fixture all({.loss = 1});
  all.send_many(1000);
  BOOST_TEST(all.deliveries.empty());
  channel_fixture none({.loss = 0});
  none.send_many(1000);
  BOOST_TEST(none.deliveries.size() == 1000u);
}

BOOST_AUTO_TEST_CASE(duplication__in_the_share_asked_for_each_exactly_twice) {
  channel_fixture of({.duplication = 0.02, .duplication_delay = 500_us});
  of.send_many(many);
  expect_share(of.link.statistics().duplicated, many, 0.02);
  std::map<std::uint64_t, int> times;
  for (const delivery& each : of.deliveries) ++times[each.id];
  std::uint64_t twice = 0, wrong = 0;
  for (std::uint64_t id = 0; id < many; ++id) {
    if (times[id] != (of.verdicts[id].duplicated ? 2 : 1)) ++wrong;
    twice += times[id] == 2;
  }
  BOOST_TEST(wrong == 0u);
  BOOST_TEST(twice == of.link.statistics().duplicated);
}

BOOST_AUTO_TEST_CASE(reordering__in_the_share_asked_for_and_within_its_delay) {
  channel_fixture of({.delay = 1_ms, .reordering = 0.1, .reordering_delay = 5_ms});
  of.send_many(many);
  of.finish();
  expect_share(of.link.statistics().reordered, many, 0.1);
  BOOST_TEST(of.link.statistics().overtaken > 0u);
  std::uint64_t wrong = 0;
  for (const delivery& each : of.deliveries) {
    const duration took = each.at - (instant{} + duration{static_cast<std::int64_t>(each.id) * 1'000'000});
    const bool held = of.verdicts[each.id].reordered;
    if (took < 1_ms || took > 6_ms || (!held && took != 1_ms)) ++wrong;
  }
  BOOST_TEST(wrong == 0u);
}

BOOST_AUTO_TEST_CASE(corruption__flips_exactly_the_one_bit_that_the_verdict_names) {
  channel_fixture of({.corruption = 0.01, .corruption_offset = 14});
  of.send_many(many, 1_ms, 64);
  expect_share(of.link.statistics().corrupted, many, 0.01);
  std::uint64_t wrong = 0;
  std::set<std::uint64_t> bits;
  for (const delivery& each : of.deliveries) {
    const auto bit = of.verdicts[each.id].corrupted_bit;
    int flipped = 0;
    for (const octet value : each.contents) flipped += std::popcount(static_cast<unsigned>(value ^ 0x5a));
    if (flipped != (bit ? 1 : 0) || (bit && (each.contents[*bit / 8] ^ 0x5a) != 0x80 >> (*bit % 8))) ++wrong;
    if (bit) bits.insert(*bit);
  }
  BOOST_TEST(wrong == 0u);
  BOOST_TEST(*bits.begin() >= 14u * 8);
  BOOST_TEST(*bits.rbegin() < 64u * 8);
  BOOST_TEST(bits.size() > 300u);  // all of the 400, nearly
}

BOOST_AUTO_TEST_CASE(corruption__leaves_the_senders_octets_alone) {
  channel_fixture of({.corruption = 1});
  const slice contents = slice::owning(octets(10, 0x5a));
  of.link.send(instant{}, {contents, 1, 0});
  of.finish();
  BOOST_TEST(std::all_of(contents.view().begin(), contents.view().end(), [](octet value) { return value == 0x5a; }));
  BOOST_TEST(of.send(2, 0).corrupted_bit.has_value() == false);  // nothing to flip
}

BOOST_AUTO_TEST_CASE(drop__by_ordinal) {
  channel_fixture of({.drop = {0, 2, 3}});
  of.send_many(5);
  of.finish();
  BOOST_TEST_REQUIRE(of.deliveries.size() == 2u);
  BOOST_TEST(of.deliveries[0].id == 1u);
  BOOST_TEST(of.deliveries[1].id == 4u);
  BOOST_TEST(of.link.statistics().dropped_by_list == 3u);
}

BOOST_AUTO_TEST_CASE(set_down__loses_what_enters_and_not_what_is_on_its_way) {
  channel_fixture of({.delay = 10_ms});
  of.send(1, 10);
  of.link.set_down(true);
  of.send(2, 10);
  of.link.set_down(false);
  of.send(3, 10);
  of.finish();
  BOOST_TEST_REQUIRE(of.deliveries.size() == 2u);
  BOOST_TEST(of.deliveries[1].id == 3u);
  BOOST_TEST(of.link.statistics().down == 1u);
}

const channel_settings weather{.rate = 100'000'000,
                               .delay = 3_ms,
                               .queue = 20,
                               .loss = 0.05,
                               .reordering = 0.1,
                               .duplication = 0.02,
                               .corruption = 0.01};

std::string story(const channel_fixture& of) {
  std::string text;
  for (const channel_verdict& verdict : of.verdicts) text += to_string(verdict) + '\n';
  for (const delivery& each : of.deliveries)
    text += std::to_string(each.id) + ' ' + std::to_string(each.at.nanoseconds) + '\n';
  return text;
}

BOOST_AUTO_TEST_CASE(send__the_same_seed_gives_the_same_story_and_another_seed_another) {
  channel_fixture one(weather, 5), again(weather, 5), other(weather, 6);
  for (channel_fixture* each : {&one, &again, &other}) each->send_many(5'000);
  BOOST_TEST((story(one) == story(again)));
  BOOST_TEST((story(one) != story(other)));
}

// Draws are keyed by frame and purpose: a new impairment shifts the fate of no frame under the others.
BOOST_AUTO_TEST_CASE(send__each_impairment_draws_for_itself) {
  channel_settings only_loss;
  only_loss.loss = 0.05;
  channel_settings everything = weather;
  everything.rate = 0;
  channel_settings more_copies = everything;
  more_copies.duplication = 0.5;
  more_copies.corruption = 0;
  channel_fixture a(only_loss), b(everything), c(more_copies);
  for (channel_fixture* each : {&a, &b, &c}) each->send_many(20'000);
  std::uint64_t different = 0;
  for (std::size_t i = 0; i < a.verdicts.size(); ++i) {
    different += a.verdicts[i].what != b.verdicts[i].what || a.verdicts[i].what != c.verdicts[i].what;
    different += b.verdicts[i].reordered != c.verdicts[i].reordered;
    different += b.verdicts[i].duplicated && !c.verdicts[i].duplicated;
  }
  BOOST_TEST(different == 0u);
}

RC_BOOST_PROP(send__every_frame_is_accounted_for, (std::uint16_t seed, const std::vector<std::uint8_t>& gaps)) {
  channel_settings settings = weather;
  settings.rate = 1'000'000;
  settings.queue = seed % 5;
  settings.memory = (seed % 7 + 1) * channel::memory_of(100);
  settings.drop = {1, 7};
  channel_fixture of(settings, seed);
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    of.link.set_down(gaps[i] % 16 == 0);
    of.send(i, gaps[i]);
    of.time.run_until(of.time.now() + duration{gaps[i] * 10'000});
  }
  of.finish();
  const channel_statistics& counted = of.link.statistics();
  RC_ASSERT(counted.offered == gaps.size());
  RC_ASSERT(counted.offered + counted.duplicated == counted.delivered + counted.not_delivered());
  RC_ASSERT(counted.delivered == of.deliveries.size());
}

RC_BOOST_PROP(frame_life__no_copy_arrives_later, (std::uint16_t seed)) {
  channel_settings settings = weather;
  settings.rate = 10'000'000;
  settings.queue = seed % 50;
  settings.overhead = seed % 7 == 0 ? 380 : 38;
  settings.reordering = settings.duplication = 0.5;
  channel_fixture of(settings, seed);
  std::vector<instant> sent;
  const random_stream random(seed);
  for (std::uint64_t id = 0; id < 300; ++id) {
    sent.push_back(of.time.now());
    of.send(id, 1000);
    of.time.run_until(of.time.now() + duration{static_cast<std::int64_t>(random.below(1'000'000, id))});
  }
  of.finish();
  for (const delivery& each : of.deliveries) RC_ASSERT(each.at - sent[each.id] <= frame_life(settings, 1000));
}

BOOST_AUTO_TEST_CASE(to_string__says_what_happened) {
  channel_verdict verdict;
  BOOST_TEST(to_string(verdict) == "delivered");
  verdict.corrupted_bit = 77;
  verdict.reordered = verdict.duplicated = true;
  BOOST_TEST(to_string(verdict) == "delivered; corrupted: bit 77 flipped; held back; duplicated");
  verdict.what = channel_verdict::fate::queue_full;
  BOOST_TEST(to_string(verdict) == "dropped: queue full");
  verdict.what = channel_verdict::fate::overflow;
  BOOST_TEST(to_string(verdict) == "dropped: too much under way");
}

BOOST_AUTO_TEST_SUITE_END()
