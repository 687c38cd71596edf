// Each impairment by itself: what it does to which frames, in the share and at the times that were asked for.
#include <algorithm>
#include <bit>
#include <set>

#include "protocol/wire/spp.hpp"
#include "sim/classifier.hpp"
#include "sim/registry.hpp"
#include "tests/sim/channel_fixture.hpp"

using namespace seqwire;
using namespace seqwire::testing;

BOOST_AUTO_TEST_SUITE(channel_impairments_test)

using ordinals = std::vector<std::uint64_t>;
using shares = std::vector<double>;

void expect(const ordinals& got, const ordinals& expected) {
  BOOST_CHECK_EQUAL_COLLECTIONS(got.begin(), got.end(), expected.begin(), expected.end());
}

// An SPP packet of one connection: a frame as classify_packet() sees it.
slice packet_of(std::uint16_t connection, bool system, std::size_t data) {
  octets spp(spp_layout::octets + data, 0x11);
  spp_header header{};
  header.system = system;
  header.source_connection = connection;
  spp_layout::encode(header, spp.data());
  idp_header idp{};
  idp.packet_type = packet_type::sequenced_packet;
  idp.source_socket = socket_number{connection};
  octets frame;
  append_idp(frame, idp, spp);
  return slice::owning(std::move(frame));
}

BOOST_AUTO_TEST_CASE(loss_every__n_th_frame) {
  channel_fixture of(with({}, {{"loss_every", std::uint64_t{4}}}));
  of.send_many(10);
  expect(of.lost_ids(), {3, 7});
  BOOST_TEST(to_string(of.verdicts[3]) == "lost: loss_every");
  BOOST_TEST(of.link.statistics().lost == 2u);
  BOOST_TEST(of.link.statistics().impairments.at(0).frames == 2u);
}

BOOST_AUTO_TEST_CASE(drop_data__counts_data_packets_of_each_flow) {
  channel_fixture of(with({.drop = {0}}, {{"drop_data", ordinals{1}}}), 1, {.classify = classify_packet});
  const slice first = packet_of(7, false, 10);
  const slice second = packet_of(8, false, 10);
  const slice system = packet_of(7, true, 0);
  std::uint64_t id = 0;
  ordinals lost;
  for (const slice& each : {system, first, second, system, first, second, first})
    if (of.send(id++, each).what == channel_verdict::fate::dropped_by_list) lost.push_back(id - 1);
  expect(lost, {0, 4, 5});  // by ordinal the first frame of all; then the second data packet of each flow
}

BOOST_AUTO_TEST_CASE(loss_every_data__counts_data_packets_of_each_flow) {
  channel_fixture of(with({}, {{"loss_every_data", std::uint64_t{2}}}), 1, {.classify = classify_packet});
  const slice data = packet_of(7, false, 10);
  const slice other = packet_of(8, false, 10);
  ordinals lost;
  std::uint64_t id = 0;
  for (const slice& each : {data, other, packet_of(7, true, 0), data, data, data, other})
    if (of.send(id++, each).what == channel_verdict::fate::lost) lost.push_back(id - 1);
  expect(lost, {3, 5, 6});
}

BOOST_AUTO_TEST_CASE(loss_window__nothing_is_lost_outside) {
  const time_windows windows{{at(10_ms), at(13_ms)}, {at(20_ms), at(21_ms)}};
  channel_fixture certain(with({.loss = 1}, {{"loss_window", windows}}));
  certain.send_many(30);
  expect(certain.lost_ids(), {10, 11, 12, 20});
  channel_fixture regular(with({}, {{"loss_window", windows}, {"loss_every", std::uint64_t{2}}}));
  regular.send_many(30);
  expect(regular.lost_ids(), {11});
}

BOOST_AUTO_TEST_CASE(blackhole__and_heal) {
  channel_fixture of(with({}, {{"blackhole", time_windows{{at(2_ms), at(4_ms)}}}}));
  of.send_many(6);
  expect(of.lost_ids(), {2, 3});
  BOOST_TEST(to_string(of.verdicts[2]) == "lost: blackhole");
}

BOOST_AUTO_TEST_CASE(blackhole_period__comes_again_and_again) {
  channel_fixture of(with({}, {{"blackhole", time_windows{{at(1_ms), at(2_ms)}}}, {"blackhole_period", 4_ms}}));
  of.send_many(10);
  expect(of.lost_ids(), {1, 5, 9});
}

BOOST_AUTO_TEST_CASE(times__count_from_when_the_link_began) {
  schedule time;
  time.run_until(instant{1'700'000'000'000'000'000});
  channel link(time, with({}, {{"blackhole", time_windows{{at(0_ms), at(1_ms)}}}}), random_stream(1),
               [](instant, const channel_frame&) {});
  BOOST_TEST((link.send(time.now(), {}).what == channel_verdict::fate::lost));
  time.run_until(time.now() + 1_ms);
  BOOST_TEST((link.send(time.now(), {}).what == channel_verdict::fate::delivered));
}

BOOST_AUTO_TEST_CASE(mtu_changes__larger_packets_vanish_from_then_on) {
  channel_settings settings = with({}, {{"mtu_changes", timed_values{{at(2_ms), 100}, {at(4_ms), 200}}}});
  settings.corruption_offset = 14;  // the link header counts for nothing
  channel_fixture of(settings);
  of.send_many(6, 1_ms, 150);
  expect(of.lost_ids(), {2, 3});
  BOOST_TEST((of.send(9, 214).what == channel_verdict::fate::delivered));
  BOOST_TEST((of.send(9, 215).what == channel_verdict::fate::lost));
}

// Share p / (p + r) of the frames in the bad state, bursts of 1 / r.
BOOST_AUTO_TEST_CASE(gilbert_elliott__stationary_share_and_mean_burst) {
  constexpr std::uint64_t frames = 1'000'000;
  const double p = 0.01, r = 0.2;
  channel_fixture of(with({}, {{"gilbert_elliott", shares{p, r}}}));
  of.keep_contents = false;
  of.send_many(frames, 1_us);
  const ordinals lost = of.lost_ids();
  std::uint64_t bursts = 0;
  for (std::size_t i = 0; i < lost.size(); ++i) bursts += i == 0 || lost[i] != lost[i - 1] + 1;
  const double share = p / (p + r);
  const double memory = 1 - p - r;  // correlation from one frame to the next
  expect_about(static_cast<double>(lost.size()) / frames, share,
               std::sqrt(share * (1 - share) * (1 + memory) / (1 - memory) / frames));
  expect_about(static_cast<double>(lost.size()) / static_cast<double>(bursts), 1 / r,
               std::sqrt(1 - r) / r / std::sqrt(static_cast<double>(bursts)));
}

BOOST_AUTO_TEST_CASE(gilbert_elliott__all_four_parameters) {
  constexpr std::uint64_t frames = 500'000;
  channel_fixture of(with({}, {{"gilbert_elliott", shares{0.05, 0.5, 0.6, 0.01}}}));
  of.keep_contents = false;
  of.send_many(frames, 1_us);
  const double bad = 0.05 / 0.55;
  const double expected = bad * 0.6 + (1 - bad) * 0.01;
  expect_about(static_cast<double>(of.link.statistics().lost) / frames, expected,
               std::sqrt(expected * (1 - expected) * 2.7 / frames));
}

// One parameter alone: independent loss, as netem has it.
BOOST_AUTO_TEST_CASE(gilbert_elliott__of_one_parameter_is_independent) {
  constexpr std::uint64_t frames = 200'000;
  channel_fixture of(with({}, {{"gilbert_elliott", shares{0.1}}}));
  of.keep_contents = false;
  of.send_many(frames, 1_us);
  expect_about(static_cast<double>(of.link.statistics().lost) / frames, 0.1, std::sqrt(0.1 * 0.9 / frames));
}

BOOST_AUTO_TEST_CASE(round_loss__takes_the_rest_of_the_round_and_no_more) {
  channel_fixture of(with({}, {{"round_loss", 0.05}, {"round_trip", 10_ms}}));
  of.send_many(10'000);  // ten frames in each round
  std::uint64_t rounds_with_loss = 0;
  for (std::size_t round = 0; round < 1'000; ++round) {
    bool losing = false;
    for (std::size_t i = 0; i < 10; ++i) {
      const bool lost = of.verdicts[10 * round + i].what == channel_verdict::fate::lost;
      BOOST_TEST((lost || !losing));
      losing = lost;
    }
    rounds_with_loss += losing;
  }
  const double any = 1 - std::pow(0.95, 10);
  expect_about(static_cast<double>(rounds_with_loss), 1'000 * any, std::sqrt(1'000 * any * (1 - any)));
}

BOOST_AUTO_TEST_CASE(reordering_distance__waits_for_that_many_later_frames) {
  channel_settings settings =
      with({.delay = 5_ms, .reordering = 0.05, .reordering_delay = 1_s}, {{"reordering_distance", std::uint64_t{3}}});
  channel_fixture of(settings, 3);
  of.send_many(2'000);
  of.finish();
  BOOST_TEST_REQUIRE(of.deliveries.size() == 2'000u);
  std::vector<std::size_t> place(2'000);
  for (std::size_t i = 0; i < of.deliveries.size(); ++i) place[of.deliveries[i].id] = i;
  std::uint64_t held = 0;
  for (std::size_t id = 0; id + 20 < 2'000; ++id) {
    if (!of.verdicts[id].reordered) continue;
    ++held;
    std::size_t overtook = 0;
    for (std::size_t later = id + 1; later < id + 20; ++later) overtook += place[later] < place[id];
    // Of the three that follow, those that are held themselves do not pass.
    BOOST_TEST(overtook >= 3u - static_cast<std::size_t>(
                                    std::count_if(of.verdicts.begin() + static_cast<std::ptrdiff_t>(id) + 1,
                                                  of.verdicts.begin() + static_cast<std::ptrdiff_t>(id) + 4,
                                                  [](const channel_verdict& each) { return each.reordered; })));
    BOOST_TEST(overtook <= 5u);
  }
  BOOST_TEST(held > 50u);
}

BOOST_AUTO_TEST_CASE(reordering_distance__a_frame_that_nothing_follows_arrives_after_the_delay) {
  channel_fixture of(
      with({.delay = 5_ms, .reordering = 1, .reordering_delay = 30_ms}, {{"reordering_distance", std::uint64_t{2}}}));
  of.send(0, 20);
  of.finish();
  BOOST_TEST_REQUIRE(of.deliveries.size() == 1u);
  BOOST_TEST((of.deliveries[0].at == at(35_ms)));
}

BOOST_AUTO_TEST_CASE(overtaking__skips_the_delay) {
  channel_fixture of(with({.delay = 10_ms}, {{"overtaking", 1.0}, {"overtaking_gap", std::uint64_t{4}}}));
  of.send_many(8);
  of.finish();
  std::map<std::uint64_t, duration> took;
  for (const delivery& each : of.deliveries) took[each.id] = each.at - at(1_ms * static_cast<std::int64_t>(each.id));
  for (const auto& [id, span] : took) BOOST_TEST((span == (id % 4 == 3 ? 0_ms : 10_ms)), "frame " << id);
}

BOOST_AUTO_TEST_CASE(jitter__uniform_lies_evenly_around_the_delay) {
  channel_fixture of(with({.delay = 10_ms}, {{"jitter", 4_ms}}));
  of.send_many(20'000, 100_us);
  of.finish();
  double sum = 0;
  for (const delivery& each : of.deliveries) {
    const duration took = each.at - at(100_us * static_cast<std::int64_t>(each.id));
    BOOST_TEST_REQUIRE((took >= 6_ms && took <= 14_ms));
    sum += took.seconds();
  }
  BOOST_TEST(of.link.statistics().overtaken > 0u);
  expect_about(sum / 20'000, 0.010, 0.004 / std::sqrt(3.0 * 20'000));
}

BOOST_AUTO_TEST_CASE(jitter__normal_and_exponential_have_their_mean) {
  for (const auto& [distribution, mean] : {std::pair<std::string, double>{"normal", 0.1}, {"exponential", 0.110}}) {
    channel_fixture of(with({.delay = 100_ms}, {{"jitter", 10_ms}, {"jitter_distribution", distribution}}));
    of.send_many(20'000, 100_us);
    of.finish();
    double sum = 0;
    for (const delivery& each : of.deliveries)
      sum += (each.at - at(100_us * static_cast<std::int64_t>(each.id))).seconds();
    // The exponential one is cut off at four means, which takes e^-4 off its mean.
    const double cut = distribution == "exponential" ? 0.01 * std::exp(-4.0) : 0;
    expect_about(sum / 20'000, mean - cut, 0.01 / std::sqrt(20'000.0));
  }
}

BOOST_AUTO_TEST_CASE(jitter__keeps_order_where_it_is_told_to) {
  channel_fixture of(with({.delay = 10_ms}, {{"jitter", 8_ms}, {"jitter_keeps_order", true}}));
  of.send_many(2'000, 100_us);
  of.finish();
  BOOST_TEST(of.link.statistics().overtaken == 0u);
  BOOST_TEST(of.deliveries.size() == 2'000u);
}

BOOST_AUTO_TEST_CASE(duplication_copies__each_so_many) {
  channel_fixture of(with({.duplication = 0.5}, {{"duplication_copies", std::uint64_t{3}}}));
  of.send_many(1'000);
  of.finish();
  std::map<std::uint64_t, int> times;
  for (const delivery& each : of.deliveries) ++times[each.id];
  for (std::uint64_t id = 0; id < 1'000; ++id) BOOST_TEST(times[id] == (of.verdicts[id].duplicated ? 4 : 1));
  const channel_statistics& counted = of.link.statistics();
  BOOST_TEST(counted.offered + counted.duplicated == counted.delivered);
}

// What each kind of damage did to a frame of different octets, by the octets themselves.
struct damaged {
  octets before;
  octets after;
  std::string said;

  std::size_t bits() const {
    std::size_t flipped = 0;
    for (std::size_t i = 0; i < before.size(); ++i)
      flipped += static_cast<std::size_t>(std::popcount(static_cast<unsigned>(before[i] ^ after[i])));
    return flipped;
  }
  std::vector<std::size_t> places() const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < before.size(); ++i)
      if (before[i] != after[i]) found.push_back(i);
    return found;
  }
};

std::vector<damaged> damage_frames(const std::string& kind, std::uint64_t size, std::size_t frame_size = 200) {
  channel_settings settings = with({.corruption = 1}, {{"corruption_kind", kind}, {"corruption_size", size}});
  settings.corruption_offset = 14;
  channel_fixture of(settings);
  std::vector<damaged> found;
  const random_stream random(9);
  for (std::uint64_t id = 0; id < 200; ++id) {
    octets before(frame_size);
    for (std::size_t i = 0; i < before.size(); ++i)
      before[i] = static_cast<octet>(random.below(256, id, static_cast<std::uint32_t>(i)));
    const channel_verdict verdict = of.send(id, slice::copy_of(before));
    of.finish();
    found.push_back({before, of.deliveries.back().contents, to_string(verdict)});
    BOOST_TEST(std::equal(before.begin(), before.begin() + 14, found.back().after.begin()));
  }
  return found;
}

BOOST_AUTO_TEST_CASE(corruption_kind__bits) {
  for (const damaged& each : damage_frames("bits", 5)) {
    BOOST_TEST(each.bits() == 5u);
    BOOST_TEST(each.said == "delivered; corrupted: 5 bits flipped");
  }
}

BOOST_AUTO_TEST_CASE(corruption_kind__octets) {
  for (const damaged& each : damage_frames("octets", 3)) BOOST_TEST(each.places().size() == 3u);
}

BOOST_AUTO_TEST_CASE(corruption_kind__burst_is_wrong_at_both_ends_and_nowhere_else) {
  for (const damaged& each : damage_frames("burst", 32)) {
    BOOST_TEST(each.places().size() >= 2u);
    BOOST_TEST(each.places().back() - each.places().front() <= 4u);
    BOOST_TEST(each.bits() >= 2u);
    BOOST_TEST(each.bits() <= 32u);
  }
}

BOOST_AUTO_TEST_CASE(corruption_kind__words_changed_places) {
  for (const damaged& each : damage_frames("words", 0)) {
    octets sorted_before = each.before;
    octets sorted_after = each.after;
    std::sort(sorted_before.begin(), sorted_before.end());
    std::sort(sorted_after.begin(), sorted_after.end());
    BOOST_TEST((sorted_before == sorted_after));
    BOOST_TEST(each.places().size() <= 4u);
    BOOST_TEST(each.places().size() >= 2u);
  }
}

BOOST_AUTO_TEST_CASE(corruption_kind__cells_changed_places_with_their_neighbours) {
  for (const damaged& each : damage_frames("cells", 48)) {
    const std::size_t from = (each.places().front() - 14) / 48 * 48 + 14;
    const auto cell = [&](const octets& of, std::size_t at) {
      return octets(of.begin() + static_cast<std::ptrdiff_t>(at), of.begin() + static_cast<std::ptrdiff_t>(at) + 48);
    };
    BOOST_TEST((cell(each.before, from) == cell(each.after, from + 48)));
    BOOST_TEST((cell(each.before, from + 48) == cell(each.after, from)));
  }
}

BOOST_AUTO_TEST_CASE(corruption_kind__splice_joins_two_frames_at_a_cell) {
  const auto frames = damage_frames("splice", 48);
  BOOST_TEST(frames[0].said == "delivered");  // there is none before
  for (std::size_t i = 1; i < frames.size(); ++i) {
    const auto places = frames[i].places();
    const std::size_t cut = (places.back() - 14) / 48 * 48 + 48 + 14;
    BOOST_TEST((cut - 14) % 48 == 0u);
    BOOST_TEST(std::equal(frames[i].after.begin() + 14, frames[i].after.begin() + static_cast<std::ptrdiff_t>(cut),
                          frames[i - 1].before.begin() + 14));
    BOOST_TEST(frames[i].said ==
               "delivered; corrupted: spliced at octet " + std::to_string(cut) + " with the frame before");
  }
}

BOOST_AUTO_TEST_CASE(corruption_kind__leaves_frames_alone_that_are_too_short_for_it) {
  for (const std::string kind : {"words", "cells", "splice"})
    for (const damaged& each : damage_frames(kind, 48, 16)) BOOST_TEST((each.before == each.after), kind);
}

BOOST_AUTO_TEST_CASE(truncation__cuts_to_every_length_and_leaves_the_link_header) {
  channel_settings settings = with({.rate = 8'000'000}, {{"truncation", 1.0}});
  settings.corruption_offset = 14;
  channel_fixture of(settings);
  of.send_many(2'000, 1_ms, 34);
  of.finish();
  std::set<std::size_t> lengths;
  for (const delivery& each : of.deliveries) lengths.insert(each.contents.size());
  BOOST_TEST(*lengths.begin() == 14u);
  BOOST_TEST(*lengths.rbegin() == 33u);
  BOOST_TEST(lengths.size() == 20u);
  BOOST_TEST(to_string(of.verdicts[0]) ==
             "delivered; corrupted: cut to " + std::to_string(of.deliveries[0].contents.size()) + " octets");
  BOOST_TEST((of.deliveries[0].at == at(34_us)));  // it was whole when it left
}

BOOST_AUTO_TEST_CASE(growth__adds_octets_at_the_end) {
  channel_fixture of(with({}, {{"growth", 1.0}}));
  of.send_many(2'000, 1_ms, 20);
  std::set<std::size_t> lengths;
  for (const delivery& each : of.deliveries) {
    lengths.insert(each.contents.size());
    BOOST_TEST(std::all_of(each.contents.begin(), each.contents.begin() + 20, [](octet one) { return one == 0x5a; }));
  }
  BOOST_TEST(*lengths.begin() == 21u);
  BOOST_TEST(*lengths.rbegin() == 84u);
}

BOOST_AUTO_TEST_CASE(heal__ends_what_comes_by_chance_and_keeps_lists) {
  channel_settings settings = with({.loss = 1, .drop = {3}}, {{"jitter", 5_ms}, {"gilbert_elliott", shares{1.0, 0.0}}});
  channel_fixture of(settings);
  of.send_many(2);
  of.link.heal();
  of.send_many(3);
  of.finish();
  expect(of.lost_ids(), {0, 1, 3});
}

// State in one impairment depends on no other: a frame meets the same fate whatever else is asked for.
BOOST_AUTO_TEST_CASE(impairments__do_not_shift_each_other) {
  const channel_settings bursts = with({}, {{"gilbert_elliott", shares{0.05, 0.3}}});
  const channel_settings more = with(bursts, {{"loss_every", std::uint64_t{3}}, {"jitter", 1_ms}, {"truncation", 0.5}});
  channel_fixture alone(bursts), together(more);
  alone.send_many(5'000);
  together.send_many(5'000);
  for (std::size_t id = 0; id < 5'000; ++id) {
    const bool lost = alone.verdicts[id].what == channel_verdict::fate::lost;
    const bool lost_there = together.verdicts[id].what == channel_verdict::fate::lost;
    BOOST_TEST_REQUIRE(lost_there == (lost || id % 3 == 2));
  }
}

BOOST_AUTO_TEST_SUITE_END()
