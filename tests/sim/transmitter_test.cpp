// Rates that change and traces of delivery opportunities: to the nanosecond.
#include "sim/transmitter.hpp"

#include "tests/sim/channel_fixture.hpp"

using namespace seqwire;
using namespace seqwire::testing;

BOOST_AUTO_TEST_SUITE(transmitter_test)

delivery_trace trace_of(std::vector<std::uint64_t> milliseconds) {
  return {"made up", std::make_shared<const std::vector<std::uint64_t>>(std::move(milliseconds))};
}

std::vector<std::int64_t> arrivals_us(const channel_fixture& of) {
  std::vector<std::int64_t> found;
  for (const delivery& each : of.deliveries) found.push_back(each.at.nanoseconds / 1'000);
  return found;
}

void expect(const std::vector<std::int64_t>& got, const std::vector<std::int64_t>& expected) {
  BOOST_CHECK_EQUAL_COLLECTIONS(got.begin(), got.end(), expected.begin(), expected.end());
}

BOOST_AUTO_TEST_CASE(make_transmitter__nothing_for_an_unlimited_rate) {
  BOOST_TEST((make_transmitter({}, instant{}) == nullptr));
  BOOST_TEST((make_transmitter({.rate = 1'000}, instant{}) != nullptr));
}

BOOST_AUTO_TEST_CASE(rate_changes__a_frame_on_the_way_goes_on_at_the_new_rate) {
  // An octet in a microsecond, from 1.5 ms on two microseconds, from 4 ms on half a microsecond.
  const timed_values steps{{at(1'500_us), 4'000'000}, {at(4_ms), 16'000'000}};
  channel_fixture of(with({.rate = 8'000'000}, {{"rate_changes", steps}}));
  of.send_many(4, 1_us, 1'000);
  of.finish();
  // The second: 500 octets at once the rate, 500 at half of it. The third begins at 2.5 ms: 750 octets by 4 ms, then
  // 250 in 125 us.
  expect(arrivals_us(of), {1'000, 2'500, 4'125, 4'625});
}

BOOST_AUTO_TEST_CASE(rate_changes__from_and_to_unlimited) {
  const timed_values steps{{at(1_ms), 8'000'000}, {at(3_ms), 0}};
  channel_fixture of(with({}, {{"rate_changes", steps}}));
  of.send(0, 1'000);
  of.time.run_until(at(1_ms));
  for (std::uint64_t id = 1; id < 5; ++id) of.send(id, 1'000);
  of.finish();
  expect(arrivals_us(of), {0, 2'000, 3'000, 3'000, 3'000});
}

BOOST_AUTO_TEST_CASE(rate_changes__large_numbers) {
  const timed_values steps{{at(1_s), 1'000'000'000'000}, {at(2_s), 300}};
  channel_fixture of(with({.rate = 300}, {{"rate_changes", steps}}));
  of.send(0, 65'535);  // 37 octets in the first second, then an instant
  of.finish();
  BOOST_TEST((of.deliveries[0].at > at(1_s)));
  BOOST_TEST((of.deliveries[0].at < at(1_s + 1_ms)));
}

BOOST_AUTO_TEST_CASE(delay_changes__by_when_a_frame_has_left) {
  channel_fixture of(
      with({.delay = 10_ms}, {{"delay_changes", timed_values{{at(2_ms), 30'000'000}, {at(4_ms), 1'000'000}}}}));
  of.send_many(6);
  of.finish();
  std::map<std::uint64_t, std::int64_t> arrived;
  for (const delivery& each : of.deliveries) arrived[each.id] = each.at.nanoseconds / 1'000'000;
  const std::map<std::uint64_t, std::int64_t> expected{{0, 10}, {1, 11}, {2, 32}, {3, 33}, {4, 5}, {5, 6}};
  BOOST_TEST((arrived == expected));
  BOOST_TEST((frame_life(of.link.settings(), 1'500) == 30_ms));
}

BOOST_AUTO_TEST_CASE(trace__each_line_carries_1500_octets) {
  channel_fixture of(with({}, {{"trace", trace_of({1, 1, 4, 10})}}));
  for (std::uint64_t id = 0; id < 4; ++id) of.send(id, 1'500);
  of.finish();
  expect(arrivals_us(of), {1'000, 1'000, 4'000, 10'000});
}

BOOST_AUTO_TEST_CASE(trace__begins_again_where_it_ends) {
  channel_fixture of(with({}, {{"trace", trace_of({2, 5})}}));
  for (std::uint64_t id = 0; id < 5; ++id) of.send(id, 1'500);
  of.finish();
  expect(arrivals_us(of), {2'000, 5'000, 7'000, 10'000, 12'000});
}

BOOST_AUTO_TEST_CASE(trace__small_frames_share_an_opportunity_and_large_ones_take_several) {
  channel_fixture of(with({}, {{"trace", trace_of({1, 2, 3, 4})}}));
  for (const std::size_t size : {700u, 700u, 700u, 2'000u}) of.send(0, size);
  of.finish();
  // 1400 of the first one and a hundred octets of the third; 600 more; then 900 and 1100.
  expect(arrivals_us(of), {1'000, 1'000, 2'000, 3'000});
}

BOOST_AUTO_TEST_CASE(trace__what_nobody_takes_is_gone) {
  channel_fixture of(with({}, {{"trace", trace_of({1, 2, 3, 9})}}));
  of.time.run_until(at(2'500_us));
  of.send(0, 1'500);
  of.send(1, 1'500);
  of.finish();
  expect(arrivals_us(of), {3'000, 9'000});
}

BOOST_AUTO_TEST_CASE(trace__queue_and_frame_life_hold) {
  const auto settings = with({.delay = 5_ms, .queue = 3}, {{"trace", trace_of({3, 3, 20, 50})}});
  channel_fixture of(settings);
  for (std::uint64_t id = 0; id < 6; ++id) of.send(id, 1'500);
  BOOST_TEST(of.link.statistics().queue_full == 3u);
  of.finish();
  BOOST_TEST((of.deliveries.back().at == at(25_ms)));
  for (std::int64_t begin = 0; begin < 100; ++begin) {
    channel_fixture later(settings);
    later.time.run_until(at(1_ms * begin));
    for (std::uint64_t id = 0; id < 6; ++id) later.send(id, 1'500);
    later.finish();
    for (const delivery& each : later.deliveries)
      BOOST_TEST((each.at - at(1_ms * begin) <= frame_life(settings, 1'500)));
  }
}

BOOST_AUTO_TEST_CASE(trace__disciplines_that_decide_at_departure_use_the_same_opportunities) {
  channel_fixture of(with({}, {{"trace", trace_of({1, 1, 4, 10})}, {"queue_discipline", std::string("codel")}}));
  for (std::uint64_t id = 0; id < 4; ++id) of.send(id, 1'500);
  of.finish();
  expect(arrivals_us(of), {1'000, 1'000, 4'000, 10'000});
}

BOOST_AUTO_TEST_CASE(mean_rate__of_a_trace) {
  BOOST_TEST(mean_rate(with({}, {{"trace", trace_of({5, 10})}})) == 2'400'000u);
  BOOST_TEST(mean_rate({.rate = 77}) == 77u);
}

BOOST_AUTO_TEST_SUITE_END()
