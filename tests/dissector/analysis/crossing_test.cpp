#include "dissector/analysis/crossing.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <vector>

namespace seqwire {
namespace {

constexpr std::int64_t millisecond = 1'000'000;

passage packet(absolute_number number, std::int64_t at, std::optional<std::uint64_t> id = {}) {
  return {.number = number, .variable = 0, .id = id, .at = instant{at}, .octets = 576};
}

// So many packets a millisecond apart, with their numbers as ids.
std::vector<passage> sent_each_millisecond(std::uint64_t count) {
  std::vector<passage> all;
  for (std::uint64_t i = 0; i < count; ++i)
    all.push_back(packet(static_cast<absolute_number>(i), static_cast<std::int64_t>(i) * millisecond, i));
  return all;
}

std::vector<passage> arriving(const std::vector<passage>& sent, const std::vector<std::size_t>& which,
                              std::int64_t delay) {
  std::vector<passage> all;
  for (const std::size_t each : which) {
    all.push_back(sent[each]);
    all.back().at.nanoseconds += delay;
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(crossing_test)

BOOST_AUTO_TEST_CASE(measure_crossing__by_ids_tells_what_was_lost_and_how_long_it_took) {
  const auto sent = sent_each_millisecond(5);
  auto seen = arriving(sent, {0, 1, 4}, 20 * millisecond);
  seen[1].at.nanoseconds += 500;
  const crossing found = measure_crossing(sent, seen, common_ground::ids);
  BOOST_TEST(found.sent == 5u);
  BOOST_TEST(found.arrived == 3u);
  BOOST_TEST(found.lost() == 2u);
  BOOST_TEST(found.least_delay == 20 * millisecond);
  BOOST_TEST(found.delay_above_least.maximum() == 500);
  BOOST_TEST(found.copied + found.unexpected + found.late_by.count() == 0u);
}

BOOST_AUTO_TEST_CASE(measure_crossing__a_second_arrival_is_a_copy) {
  const auto sent = sent_each_millisecond(3);
  auto seen = arriving(sent, {0, 1, 1, 2}, millisecond);
  seen[2].at.nanoseconds += 700;
  const crossing found = measure_crossing(sent, seen, common_ground::ids);
  BOOST_TEST(found.arrived == 3u);
  BOOST_TEST(found.copied == 1u);
  BOOST_TEST(found.longest_copy_delay == 700);
  BOOST_TEST(found.delay_above_least.maximum() == 0);  // the copy's delay is nobody's
}

BOOST_AUTO_TEST_CASE(measure_crossing__out_of_order_is_late_by_places) {
  const auto sent = sent_each_millisecond(5);
  const crossing found = measure_crossing(sent, arriving(sent, {1, 3, 0, 2, 4}, 9 * millisecond), common_ground::ids);
  BOOST_TEST(found.late_by.count() == 2u);
  BOOST_TEST(found.late_by.minimum() == 1);  // 2 after 3
  BOOST_TEST(found.late_by.maximum() == 3);  // 0 after 3
}

BOOST_AUTO_TEST_CASE(measure_crossing__what_only_the_second_saw_is_unexpected) {
  const auto sent = sent_each_millisecond(3);
  auto seen = arriving(sent, {0, 1, 2}, millisecond);
  seen.push_back(packet(77, 10 * millisecond, 77));
  BOOST_TEST(measure_crossing(sent, seen, common_ground::ids).unexpected == 1u);
}

// Two clocks: the second one is behind, so that packets seem to arrive before they were sent.
BOOST_AUTO_TEST_CASE(measure_crossing__without_ids_numbers_tell_and_delays_may_be_below_zero) {
  auto sent = sent_each_millisecond(10);
  const auto seen = arriving(sent, {2, 3, 5, 6}, -1000 * millisecond);
  for (passage& each : sent) each.id = 1000 + *each.id;  // another file's ids
  const crossing found = measure_crossing(sent, seen, common_ground::nothing);
  BOOST_TEST(found.least_delay == -1000 * millisecond);
  BOOST_TEST(found.sent == 5u);  // 2 to 6: of the others the second file may know nothing
  BOOST_TEST(found.lost() == 1u);
}

// One number was sent twice with the same words; the first was lost.
BOOST_AUTO_TEST_CASE(measure_crossing__of_equal_packets_the_one_whose_delay_is_usual) {
  std::vector<passage> sent{packet(0, 0), packet(1, 1 * millisecond), packet(2, 2 * millisecond),
                            packet(1, 90 * millisecond), packet(3, 91 * millisecond)};
  std::vector<passage> seen{packet(0, 20 * millisecond), packet(2, 22 * millisecond), packet(1, 110 * millisecond),
                            packet(3, 111 * millisecond)};
  const crossing found = measure_crossing(sent, seen, common_ground::nothing);
  BOOST_TEST(found.lost() == 1u);
  BOOST_TEST(found.delay_above_least.maximum() == 0);
  BOOST_TEST(found.late_by.count() == 0u);
}

// A router sends with ids of its own; what was lost last is lost all the same.
BOOST_AUTO_TEST_CASE(measure_crossing__by_one_clock_nothing_is_left_out) {
  auto sent = sent_each_millisecond(10);
  const auto seen = arriving(sent, {2, 3, 5, 6}, 7 * millisecond);
  for (passage& each : sent) each.id = 1000 + *each.id;
  const crossing found = measure_crossing(sent, seen, common_ground::clock);
  BOOST_TEST(found.sent == 10u);
  BOOST_TEST(found.lost() == 6u);
  BOOST_TEST(found.least_delay == 7 * millisecond);
}

BOOST_AUTO_TEST_CASE(measure_crossing__packets_spread_evenly_tell_the_rate) {
  std::vector<passage> sent, seen;
  for (std::uint64_t i = 0; i < 100; ++i) {  // all at once, 576 octets each take 460.8 us of 10 Mbit/s
    sent.push_back(packet(static_cast<absolute_number>(i), 0, i));
    seen.push_back(
        packet(static_cast<absolute_number>(i), 5 * millisecond + static_cast<std::int64_t>(i + 1) * 460'800, i));
  }
  const crossing found = measure_crossing(sent, seen, common_ground::ids);
  BOOST_REQUIRE(found.rate.has_value());
  BOOST_TEST(*found.rate == 10'000'000u);
  BOOST_TEST(found.least_delay_of_rate == 5 * millisecond);
  for (std::size_t i = 0; i < seen.size(); ++i)  // as far apart as they were sent: nothing to be told
    sent[i].at = instant{static_cast<std::int64_t>(i) * 460'800};
  BOOST_TEST(!measure_crossing(sent, seen, common_ground::ids).rate.has_value());
}

BOOST_AUTO_TEST_CASE(least_delay__nothing_in_common) {
  const auto sent = sent_each_millisecond(3);
  BOOST_TEST(!least_delay(sent, {}, common_ground::ids).has_value());
  BOOST_TEST(least_delay(sent, arriving(sent, {1, 2}, 7), common_ground::ids).value() == 7);
}

BOOST_AUTO_TEST_CASE(passage__differs_in_what_two_sendings_may_differ_in) {
  packet_facts facts;
  const std::uint64_t plain = passage::of(facts, 0).variable;
  for (const auto& change : std::vector<std::function<void(sequenced_header&)>>{
           [](sequenced_header& of) { of.acknowledgement = 1; }, [](sequenced_header& of) { of.allocation = 1; },
           [](sequenced_header& of) { of.acknowledgement_request = true; },
           [](sequenced_header& of) { of.system = true; }, [](sequenced_header& of) { of.datastream_type = 1; }}) {
    packet_facts changed;
    change(changed.header);
    BOOST_TEST(passage::of(changed, 0).variable != plain);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
