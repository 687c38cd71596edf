// What queueing theory says exactly of waiting, blocking and sharing, and what each discipline promises.
#include <algorithm>

#include "sim/queues/pie.hpp"
#include "sim/queues/red.hpp"
#include "sim/random_variates.hpp"
#include "sim/registry.hpp"
#include "tests/sim/channel_fixture.hpp"

using namespace seqwire;
using namespace seqwire::testing;

BOOST_AUTO_TEST_SUITE(channel_queueing_test)

constexpr std::uint64_t octet_per_microsecond = 8'000'000;

// Poisson arrivals at a link of one octet in a microsecond; mean waits are in mean service times.
struct poisson_traffic {
  double load;
  std::size_t mean_octets = 1'000;
  bool exponential_sizes;
  std::uint64_t frames;

  struct outcome {
    double mean_wait;
    double blocked;  // share
  };
  outcome through(const channel_settings& settings) const {
    const random_stream random(7);
    const slice contents = slice::owning(octets(65'535));
    schedule time;
    double waited = 0;
    std::vector<instant> sent(frames);
    std::vector<std::size_t> sizes(frames);
    channel link(time, settings, random_stream(1), [&](instant now, const channel_frame& frame) {
      const duration service = 1_us * static_cast<std::int64_t>(sizes[frame.packet_id]);
      waited += (now - sent[frame.packet_id] - service).seconds();
    });
    double arrival = 0;  // in mean service times
    for (std::uint64_t id = 0; id < frames; ++id) {
      arrival += exponential_variate(random, id, 0) / load;
      const double factor = exponential_sizes ? exponential_variate(random, id, 1) : 1;
      sizes[id] = static_cast<std::size_t>(factor * static_cast<double>(mean_octets) + 0.5);
      sent[id] = at(duration{static_cast<std::int64_t>(arrival * static_cast<double>(mean_octets) * 1e3)});
      time.run_until(sent[id]);
      link.send(time.now(), {contents.part(0, sizes[id]), id, 0});
    }
    while (!time.empty()) time.run_next();
    const channel_statistics& counted = link.statistics();
    return {waited / static_cast<double>(counted.delivered) / static_cast<double>(mean_octets) * 1e6,
            static_cast<double>(counted.queue_full) / static_cast<double>(frames)};
  }
};

const channel_settings endless{.rate = octet_per_microsecond, .queue = 1'000'000};

// Pollaczek and Khinchine: the mean wait is load / (1 - load), half of it for frames of one size.
BOOST_AUTO_TEST_CASE(drop_tail__m_m_1_mean_wait) {
  BOOST_CHECK_CLOSE(
      (poisson_traffic{.load = 0.5, .exponential_sizes = true, .frames = 400'000}).through(endless).mean_wait, 1.0,
      3.0);
  BOOST_CHECK_CLOSE(
      (poisson_traffic{.load = 0.8, .exponential_sizes = true, .frames = 800'000}).through(endless).mean_wait, 4.0,
      6.0);
}

BOOST_AUTO_TEST_CASE(drop_tail__m_d_1_mean_wait) {
  BOOST_CHECK_CLOSE(
      (poisson_traffic{.load = 0.5, .exponential_sizes = false, .frames = 400'000}).through(endless).mean_wait, 0.5,
      3.0);
  BOOST_CHECK_CLOSE(
      (poisson_traffic{.load = 0.8, .exponential_sizes = false, .frames = 800'000}).through(endless).mean_wait, 2.0,
      5.0);
}

// Disciplines that send when the link is free have the same mean wait: work is conserved, sizes are not looked at.
BOOST_AUTO_TEST_CASE(disciplines__conserve_work) {
  const poisson_traffic traffic{.load = 0.6, .exponential_sizes = true, .frames = 100'000};
  const double expected = traffic.through(endless).mean_wait;
  for (const std::string name : {"infinite", "priority"}) {
    const auto settings = with(endless, {{"queue_discipline", name}, {"queue_longest_wait", 3600_s}});
    BOOST_CHECK_CLOSE(traffic.through(settings).mean_wait, expected, 1e-6);
  }
}

// M/M/1/K: of K places, the one in service included, (1 - load) load^K / (1 - load^(K + 1)) find none.
BOOST_AUTO_TEST_CASE(queue__blocks_the_share_that_erlang_says) {
  const double load = 0.9;
  const double places = 6;
  channel_settings bounded = endless;
  bounded.queue = 5;
  const auto got = poisson_traffic{.load = load, .exponential_sizes = true, .frames = 400'000}.through(bounded);
  BOOST_CHECK_CLOSE(got.blocked, (1 - load) * std::pow(load, places) / (1 - std::pow(load, places + 1)), 4.0);
}

BOOST_AUTO_TEST_CASE(queue_octets__bounds_what_waits_and_not_what_is_in_service) {
  channel_fixture of(with({.rate = octet_per_microsecond}, {{"queue_octets", std::uint64_t{2'000}}}));
  using fate = channel_verdict::fate;
  BOOST_TEST((of.send(0, 3'000).what == fate::delivered));  // goes at once
  BOOST_TEST((of.send(1, 1'500).what == fate::delivered));
  BOOST_TEST((of.send(2, 600).what == fate::queue_full));
  BOOST_TEST((of.send(3, 500).what == fate::delivered));
  of.time.run_until(at(3_ms));  // the first has left: the second one is in service
  BOOST_TEST((of.send(4, 1'500).what == fate::delivered));
}

// Five frames at once, a millisecond each: they wait 0 to 4 ms.
BOOST_AUTO_TEST_CASE(statistics__of_waiting_and_of_work) {
  for (const std::string name : {"drop_tail", "codel"}) {
    channel_fixture of(with({.rate = octet_per_microsecond}, {{"queue_discipline", name}}));
    for (std::uint64_t id = 0; id < 5; ++id) of.send(id, 1'000);
    of.finish();
    const channel_statistics& counted = of.link.statistics();
    BOOST_TEST(counted.most_waiting == 4u, name);
    BOOST_TEST((counted.waited == 10_ms), name);
    BOOST_TEST((counted.longest_wait == 4_ms), name);
    BOOST_TEST((counted.busy == 5_ms), name);
  }
}

BOOST_AUTO_TEST_CASE(infinite__has_room_for_all) {
  channel_fixture of(
      with({.rate = octet_per_microsecond, .queue = 3}, {{"queue_discipline", std::string("infinite")}}));
  of.send_many(5'000, 1_us, 100);
  of.finish();
  BOOST_TEST(of.deliveries.size() == 5'000u);
}

// --- RED ---

queue_arrival arriving(std::uint64_t ordinal, std::size_t waiting) {
  return {at(1_ms * static_cast<std::int64_t>(ordinal)), ordinal, 1'000, waiting, waiting * 1'000, instant::never()};
}

BOOST_AUTO_TEST_CASE(red__average_is_the_exponential_one) {
  red_discipline red({.weight = 0.002}, random_stream(1));
  for (std::uint64_t i = 0; i < 1'000; ++i) red.on_arrival(arriving(i, 4));
  BOOST_CHECK_CLOSE(red.average(), 4 * (1 - std::pow(0.998, 1'000)), 1e-9);
}

BOOST_AUTO_TEST_CASE(red__average_falls_while_the_link_is_idle) {
  red_discipline red({.weight = 0.002, .transmission = 1_ms}, random_stream(1));
  for (std::uint64_t i = 0; i < 1'000; ++i) red.on_arrival(arriving(i, 4));
  const double before = red.average();
  red.on_arrival({at(2'000_ms), 1'000, 1'000, 0, 0, at(1'500_ms)});
  BOOST_CHECK_CLOSE(red.average(), before * std::pow(0.998, 500), 1e-9);
}

BOOST_AUTO_TEST_CASE(red__share_grows_with_the_average) {
  const red_discipline gentle({}, random_stream(1));
  BOOST_TEST(gentle.share_at(4.9) == 0);
  BOOST_CHECK_CLOSE(gentle.share_at(10), 0.01, 1e-9);
  BOOST_CHECK_CLOSE(gentle.share_at(15), 0.02, 1e-9);
  BOOST_CHECK_CLOSE(gentle.share_at(22.5), 0.51, 1e-9);
  BOOST_TEST(gentle.share_at(40) == 1);
  const red_discipline hard({.gentle = false}, random_stream(1));
  BOOST_TEST(hard.share_at(15) == 1);
}

// The gaps between drops are uniform on 1 .. 1/p - 1: their mean is 1 / 2p, and none is longer.
BOOST_AUTO_TEST_CASE(red__spreads_drops_evenly) {
  red_discipline red({.weight = 1}, random_stream(3));
  std::vector<std::uint64_t> gaps;
  std::uint64_t last = 0;
  for (std::uint64_t i = 0; i < 500'000; ++i) {
    if (red.on_arrival(arriving(i, 10)) != arrival_discipline::decision::drop) continue;
    gaps.push_back(i - last);
    last = i;
  }
  double sum = 0;
  std::uint64_t longest = 0;
  for (std::size_t i = 1; i < gaps.size(); ++i) {
    sum += static_cast<double>(gaps[i]);
    longest = std::max(longest, gaps[i]);
  }
  const auto count = static_cast<double>(gaps.size() - 1);
  expect_about(sum / count, 50, 99 / std::sqrt(12.0) / std::sqrt(count));
  BOOST_TEST(longest <= 99u);
}

BOOST_AUTO_TEST_CASE(red__keeps_an_overloaded_queue_between_its_thresholds) {
  channel_fixture of(with({.rate = octet_per_microsecond, .queue = 100},
                          {{"queue_discipline", std::string("red")}, {"red_probability", 0.5}}));
  of.keep_contents = false;
  of.send_many(100'000, 900_us, 1'000);  // 111 % of what the link carries
  const channel_statistics& counted = of.link.statistics();
  BOOST_TEST(counted.queue_full == 0u);
  BOOST_TEST(of.link.waiting(of.time.now()) >= 5u);
  BOOST_TEST(of.link.waiting(of.time.now()) <= 15u);
  BOOST_CHECK_CLOSE(static_cast<double>(counted.dropped_early) / 100'000, 0.1, 3.0);
  const auto dropped = std::find_if(of.verdicts.begin(), of.verdicts.end(), [](const channel_verdict& each) {
    return each.what == channel_verdict::fate::dropped_early;
  });
  BOOST_TEST(to_string(*dropped) == "dropped: red");
}

// --- PIE ---

BOOST_AUTO_TEST_CASE(pie__adjusts_by_the_rfc) {
  pie_discipline pie({}, random_stream(1));
  pie.adjust(1'015_ms);  // a second over the target, grown by 1.015 s; the share was below 0.000001
  BOOST_CHECK_CLOSE(pie.share(), (0.125 * 1.0 + 1.25 * 1.015) / 2048, 1e-9);
  const double before = pie.share();
  pie.adjust(1'015_ms);
  BOOST_CHECK_CLOSE(pie.share(), before + 0.125 / 32, 1e-9);  // below 0.001
}

BOOST_AUTO_TEST_CASE(pie__share_falls_to_nothing_when_nothing_waits) {
  pie_discipline pie({}, random_stream(1));
  for (int i = 0; i < 100; ++i) pie.adjust(500_ms);
  BOOST_TEST(pie.share() > 0.1);
  for (int i = 0; i < 2'000; ++i) pie.adjust(0_ms);
  BOOST_TEST(pie.share() == 0);
}

BOOST_AUTO_TEST_CASE(pie__holds_the_wait_near_its_target_under_overload) {
  channel_fixture of(
      with({.rate = octet_per_microsecond, .queue = 10'000}, {{"queue_discipline", std::string("pie")}}));
  of.keep_contents = false;
  of.send_many(100'000, 800_us, 1'000);  // 125 %: a fifth has to go
  of.finish();
  double waited = 0;
  double late = 0;
  for (const delivery& each : of.deliveries) {
    if (each.id < 50'000) continue;
    waited += (each.at - at(800_us * static_cast<std::int64_t>(each.id)) - 1_ms).seconds();
    ++late;
  }
  BOOST_TEST(waited / late > 0.010);
  BOOST_TEST(waited / late < 0.020);
  BOOST_CHECK_CLOSE(late / 50'000, 0.8, 2.0);
}

BOOST_AUTO_TEST_CASE(pie__lets_a_short_burst_pass) {
  channel_fixture of(with({.rate = octet_per_microsecond}, {{"queue_discipline", std::string("pie")}}));
  of.send_many(100, 1_us, 1'000);  // waits for up to 100 ms
  of.finish();
  BOOST_TEST(of.deliveries.size() == 100u);
}

// --- CoDel ---

// Under endless overload: dropped at 0, 0.1, 0.1 + 0.1/sqrt(2), ... after the first, each within a frame's service.
BOOST_AUTO_TEST_CASE(codel__drops_at_the_instants_of_the_control_law) {
  channel_fixture of(
      with({.rate = octet_per_microsecond, .queue = 1'000'000}, {{"queue_discipline", std::string("codel")}}));
  of.keep_contents = false;
  std::vector<instant> drops;
  std::optional<instant> above_from;
  const slice contents = slice::owning(octets(1'000));
  for (std::uint64_t id = 0; id < 4'000; ++id) {
    BOOST_TEST((of.link.send(of.time.now(), {contents, id, 0}).what == channel_verdict::fate::queued));
    const instant next = of.time.now() + 500_us;
    while (of.time.next_at() <= next) {
      of.time.run_next();
      const std::size_t seen = drops.size();
      while (drops.size() < of.link.statistics().dropped_early) drops.push_back(of.time.now());
      // The frame that begins to be sent now has waited for half the time since it all began.
      if (!above_from && of.time.now() >= at(10_ms)) above_from = of.time.now();
      BOOST_TEST(drops.size() <= seen + 1);
    }
    of.time.run_until(next);
  }
  BOOST_TEST_REQUIRE(drops.size() >= 12u);
  BOOST_TEST((drops[0] - *above_from >= 100_ms));
  BOOST_TEST((drops[0] - *above_from <= 103_ms));
  const double published[]{0, 0.1000, 0.1707, 0.2284, 0.2784, 0.3232, 0.3640, 0.4018, 0.4371, 0.4705, 0.5021, 0.5323};
  for (std::size_t i = 0; i < std::size(published); ++i)
    BOOST_TEST(std::abs((drops[i] - drops[0]).seconds() - published[i]) <= 0.0011, "drop " << i);
}

BOOST_AUTO_TEST_CASE(codel__lets_a_queue_stand_that_empties_within_the_interval) {
  channel_fixture of(with({.rate = octet_per_microsecond}, {{"queue_discipline", std::string("codel")}}));
  for (int burst = 0; burst < 20; ++burst) {
    of.send_many(90, 1_us, 1'000);
    of.time.run_until(of.time.now() + 100_ms);
  }
  BOOST_TEST(of.link.statistics().dropped_early == 0u);
  BOOST_TEST(of.deliveries.size() == 1'800u);
}

BOOST_AUTO_TEST_CASE(codel__drops_what_finds_the_queue_full) {
  channel_fixture of(with({.rate = octet_per_microsecond, .queue = 3}, {{"queue_discipline", std::string("codel")}}));
  of.send_many(6, 1_us, 1'000);
  BOOST_TEST(of.link.statistics().queue_full == 2u);
  BOOST_TEST(to_string(of.verdicts[0]) == "queued");
  BOOST_TEST(to_string(of.verdicts[5]) == "dropped: queue full");
  of.finish();
  BOOST_TEST(of.deliveries.size() == 4u);
}

// --- several flows ---

frame_class flow_in_first_octet(octets_view packet) {
  return {.flow = packet[0], .data = true, .band = static_cast<unsigned>(packet[0])};
}

// Frames of each flow at its own even pace; how many of each came through.
std::vector<double> deliver_flows(channel_fixture& of, const std::vector<duration>& paces, duration until) {
  std::vector<slice> contents;
  std::vector<instant> next(paces.size(), instant{});
  for (std::size_t flow = 0; flow < paces.size(); ++flow)
    contents.push_back(slice::owning(octets(1'000, static_cast<octet>(flow))));
  for (;;) {
    const std::size_t flow = static_cast<std::size_t>(std::min_element(next.begin(), next.end()) - next.begin());
    if (next[flow] >= at(until)) break;
    of.time.run_until(next[flow]);
    of.link.send(of.time.now(), {contents[flow], flow, 0});
    next[flow] += paces[flow];
  }
  of.time.run_until(at(until));
  std::vector<double> counts(paces.size());
  for (const delivery& each : of.deliveries) ++counts[each.id];
  return counts;
}

// A tenth of the link, all of it, and four times as much: the first gets all it wants, the others share the rest.
BOOST_AUTO_TEST_CASE(fq_codel__is_fair_to_flows) {
  channel_fixture of(
      with({.rate = octet_per_microsecond, .queue = 1'000}, {{"queue_discipline", std::string("fq_codel")}}), 1,
      {.classify = flow_in_first_octet});
  of.keep_contents = false;
  const auto got = deliver_flows(of, {10_ms, 1_ms, 250_us}, 20_s);
  BOOST_CHECK_CLOSE(got[0], 2'000, 0.5);
  BOOST_CHECK_CLOSE(got[1], 9'000, 3.0);
  BOOST_CHECK_CLOSE(got[2], 9'000, 3.0);
}

BOOST_AUTO_TEST_CASE(fq_codel__a_sparse_flow_hardly_waits) {
  channel_fixture of(with({.rate = octet_per_microsecond}, {{"queue_discipline", std::string("fq_codel")}}), 1,
                     {.classify = flow_in_first_octet});
  const slice sparse = slice::owning(octets(100, 0));
  const slice bulk = slice::owning(octets(1'000, 1));
  for (std::uint64_t id = 0; id < 10'000; ++id) {
    of.link.send(of.time.now(), {bulk, 1'000'000 + id, 0});
    if (id % 50 == 0) of.link.send(of.time.now(), {sparse, id, 0});
    of.time.run_until(of.time.now() + 500_us);
  }
  for (const delivery& each : of.deliveries)
    if (each.id < 1'000'000) BOOST_TEST((each.at - at(500_us * static_cast<std::int64_t>(each.id)) <= 1'100_us + 1_ms));
}

BOOST_AUTO_TEST_CASE(fq_codel__a_full_queue_takes_from_the_longest) {
  channel_fixture of(
      with({.rate = octet_per_microsecond, .queue = 10}, {{"queue_discipline", std::string("fq_codel")}}), 1,
      {.classify = flow_in_first_octet});
  for (std::uint64_t id = 0; id < 11; ++id) of.send(id, slice::owning(octets(1'000, 1)));
  const channel_verdict verdict = of.send(100, slice::owning(octets(1'000, 2)));
  BOOST_TEST((verdict.what == channel_verdict::fate::queued));
  BOOST_TEST(of.link.statistics().queue_full == 1u);
  of.finish();
  const auto ids = of.ids();
  BOOST_TEST(std::count(ids.begin(), ids.end(), 100u) == 1);
  BOOST_TEST(std::count(ids.begin(), ids.end(), 1u) == 0);  // the oldest that waited
}

BOOST_AUTO_TEST_CASE(priority__urgent_packets_go_first_and_the_last_band_waits) {
  channel_fixture of(with({.rate = octet_per_microsecond}, {{"queue_discipline", std::string("priority")}}), 1,
                     {.classify = flow_in_first_octet});
  for (std::uint64_t id = 0; id < 6; ++id) of.send(id, slice::owning(octets(1'000, static_cast<octet>(2 - id % 3))));
  of.finish();
  const std::vector<std::uint64_t> expected{0, 2, 5, 1, 4, 3};
  const auto ids = of.ids();
  BOOST_CHECK_EQUAL_COLLECTIONS(ids.begin(), ids.end(), expected.begin(), expected.end());
}

BOOST_AUTO_TEST_CASE(queue_longest_wait__bounds_what_others_may_take) {
  const auto settings = with({.rate = octet_per_microsecond},
                             {{"queue_discipline", std::string("priority")}, {"queue_longest_wait", 50_ms}});
  channel_fixture of(settings, 1, {.classify = flow_in_first_octet});
  of.send(1'000'000, slice::owning(octets(1'000, 2)));
  of.send(1'000'001, slice::owning(octets(1'000, 2)));
  const slice urgent = slice::owning(octets(1'000, 0));
  for (std::uint64_t id = 0; id < 200; ++id) {
    of.link.send(of.time.now(), {urgent, id, 0});
    of.time.run_until(of.time.now() + 1_ms);
  }
  of.finish();
  BOOST_TEST(of.link.statistics().dropped_late == 1u);
  for (const delivery& each : of.deliveries)
    if (each.id < 200)
      BOOST_TEST((each.at - at(1_ms * static_cast<std::int64_t>(each.id)) <= frame_life(settings, 1'000)));
}

// --- marks ---

std::optional<slice> marked_in_first_octet(const slice& frame) {
  if (frame.view()[0] != 0x5a) return std::nullopt;  // these cannot carry a mark
  octets changed(frame.view().begin(), frame.view().end());
  changed[0] = 0xce;
  return slice::owning(std::move(changed));
}

BOOST_AUTO_TEST_CASE(mark_threshold__marks_what_finds_a_queue_and_drops_nothing) {
  channel_fixture of(with({.rate = octet_per_microsecond},
                          {{"queue_discipline", std::string("mark_threshold")}, {"mark_threshold", std::uint64_t{3}}}),
                     1, {.mark = marked_in_first_octet});
  of.send_many(6, 1_us, 1'000);
  BOOST_TEST(to_string(of.verdicts[3]) == "delivered");
  BOOST_TEST(to_string(of.verdicts[4]) == "delivered; marked");
  of.send(6, slice::owning(octets(1'000, 0x11)));
  of.finish();
  BOOST_TEST(of.deliveries.size() == 7u);
  BOOST_TEST(of.link.statistics().marked == 2u);
  BOOST_TEST(of.deliveries[3].contents[0] == 0x5a);
  BOOST_TEST(of.deliveries[4].contents[0] == 0xce);
  BOOST_TEST(of.deliveries[6].contents[0] == 0x11);
}

// What can carry a mark is marked instead of dropped, what cannot is dropped; and only where it is asked for.
BOOST_AUTO_TEST_CASE(ecn__marks_instead_of_early_drops) {
  for (const std::string name : {"red", "pie", "codel", "fq_codel"}) {
    for (const bool ecn : {false, true}) {
      channel_fixture of(with({.rate = octet_per_microsecond, .queue = 100'000},
                              {{"queue_discipline", name}, {"ecn", ecn}, {"red_probability", 0.5}}),
                         1, {.classify = {}, .mark = marked_in_first_octet});
      of.keep_contents = false;
      of.send_many(3'000, 900_us, 1'000);
      const channel_statistics& counted = of.link.statistics();
      BOOST_TEST((counted.marked > 0) == ecn, name);
      if (name == "codel" || name == "fq_codel") BOOST_TEST((counted.dropped_early > 0) == !ecn, name);
    }
  }
}

// --- other settings on the way ---

BOOST_AUTO_TEST_CASE(change__frames_leave_at_the_new_rate_behind_those_that_were_admitted) {
  channel_fixture of({.rate = octet_per_microsecond});
  of.send(0, 1'000);
  of.send(1, 1'000);  // its departure is settled
  of.link.change({.rate = 2 * octet_per_microsecond, .delay = 5_ms});
  of.send(2, 1'000);
  of.finish();
  BOOST_TEST((of.deliveries[0].at == at(1_ms)));
  BOOST_TEST((of.deliveries[1].at == at(2_ms)));
  BOOST_TEST((of.deliveries[2].at == at(7'500_us)));
}

// From any discipline to any: every frame that waited goes, once, and the link is never faster than its rate.
BOOST_AUTO_TEST_CASE(change__loses_no_frame_that_waits) {
  for (const queue_type& from : queue_types()) {
    for (const queue_type& to : queue_types()) {
      const auto settings = [](const queue_type& type) {
        return with({.rate = octet_per_microsecond}, {{"queue_discipline", std::string(type.name)}});
      };
      channel_fixture of(settings(from), 1, {.classify = flow_in_first_octet});
      for (std::uint64_t id = 0; id < 8; ++id) of.send(id, slice::owning(octets(1'000, static_cast<octet>(id % 3))));
      of.time.run_until(at(2'500_us));
      of.link.change(settings(to));
      for (std::uint64_t id = 8; id < 10; ++id) of.send(id, slice::owning(octets(1'000, 2)));
      of.finish();
      const channel_statistics& counted = of.link.statistics();
      BOOST_TEST(counted.offered == counted.delivered + counted.not_delivered(), from.name << " to " << to.name);
      BOOST_TEST(counted.delivered >= 9u, from.name << " to " << to.name);  // RED may take one
      for (std::size_t i = 1; i < of.deliveries.size(); ++i)
        BOOST_TEST((of.deliveries[i].at - of.deliveries[i - 1].at >= 1_ms));
    }
  }
}

BOOST_AUTO_TEST_CASE(change__to_and_from_an_unlimited_rate) {
  channel_fixture of(with({.rate = octet_per_microsecond}, {{"queue_discipline", std::string("codel")}}));
  of.send(0, 1'000);
  of.send(1, 1'000);
  of.link.change({});
  of.finish();
  BOOST_TEST((of.deliveries[0].at == at(0_ms)));  // it did not wait any more
  BOOST_TEST(of.deliveries.size() == 2u);
  of.link.change({.rate = octet_per_microsecond, .loss = 1});
  BOOST_TEST((of.send(2, 1'000).what == channel_verdict::fate::lost));
  BOOST_TEST(of.link.statistics().impairments.size() == 1u);
}

// --- all of them ---

BOOST_AUTO_TEST_CASE(disciplines__account_for_every_frame_and_keep_their_bounds) {
  for (const queue_type& type : queue_types()) {
    const auto settings = with({.rate = octet_per_microsecond, .delay = 3_ms, .queue = 50, .duplication = 0.1},
                               {{"queue_discipline", std::string(type.name)},
                                {"jitter", 1_ms},
                                {"queue_longest_wait", 40_ms},
                                {"gilbert_elliott", std::vector<double>{0.02, 0.3}}});
    channel_fixture of(settings, 1, {.classify = flow_in_first_octet});
    of.keep_contents = false;
    const random_stream random(5);
    std::vector<instant> sent;
    for (std::uint64_t id = 0; id < 20'000; ++id) {
      sent.push_back(of.time.now());
      of.send(id, slice::owning(octets(100 + random.below(1'000, id), static_cast<octet>(random.below(3, id, 1)))));
      const duration gap{static_cast<std::int64_t>(random.below(id % 2'000 < 1'000 ? 1'000'000 : 1'400'000, id, 2))};
      of.time.run_until(of.time.now() + gap);
      if (type.name != "infinite") BOOST_TEST_REQUIRE(of.link.waiting(of.time.now()) <= 50u);
    }
    of.finish();
    const channel_statistics& counted = of.link.statistics();
    BOOST_TEST(counted.offered + counted.duplicated == counted.delivered + counted.not_delivered(), type.name);
    BOOST_TEST(of.deliveries.size() == counted.delivered);
    for (const delivery& each : of.deliveries)
      BOOST_TEST_REQUIRE((each.at - sent[each.id] <= frame_life(settings, 1'100)), type.name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
