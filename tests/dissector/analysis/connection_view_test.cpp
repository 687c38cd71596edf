#include "dissector/analysis/connection_view.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

namespace seqwire {
namespace {

// A connection at one place: packets of side 0, what side 1 answers, and the events that come of it.
struct watched {
  void data(std::uint16_t number, vantage where, std::optional<std::uint64_t> id = {}, std::uint16_t acknowledge = 0) {
    packet_facts packet = next(id);
    packet.header.sequence = number;
    packet.header.acknowledgement = acknowledge;
    packet.header.end_of_record = true;
    packet.body = body;
    view.see(packet, 0, where, false, listener);
  }
  void answer(std::uint16_t acknowledge, std::uint16_t allocation = 100) {
    packet_facts packet = next({});
    packet.header.system = true;
    packet.header.acknowledgement = acknowledge;
    packet.header.allocation = allocation;
    view.see(packet, 1, vantage::own_arrival, false, listener);
  }
  void wait(std::int64_t milliseconds) { now += duration{milliseconds * 1'000'000}; }
  const direction_summary& sent() const { return view.summary(0); }
  std::uint64_t resent(resend_cause cause) const { return sent().resent[static_cast<std::size_t>(cause)]; }

  packet_facts next(std::optional<std::uint64_t> id) {
    packet_facts packet;
    packet.frame = {0, ++frame};
    packet.at = now;
    if (id) packet.packet = packet_key{0, *id};
    packet.octets = 47;
    return packet;
  }

  octets body{1, 2, 3, 4, 5};
  instant now{1'000'000'000};
  std::uint64_t frame = 0;
  std::vector<observed_event> events;
  event_listener listener = [this](const observed_event& event) { events.push_back(event); };
  connection_view view;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(connection_view_test, watched)

BOOST_AUTO_TEST_CASE(see__a_repeated_acknowledgement_makes_a_fast_retransmission_that_names_the_frame) {
  for (const int number : {0, 1, 2}) data(static_cast<std::uint16_t>(number), vantage::own_emission);
  wait(20);
  answer(0);
  answer(0);
  data(0, vantage::own_emission);
  BOOST_TEST(resent(resend_cause::fast) == 1u);
  BOOST_TEST(sent().resent_in_all() == 1u);
  BOOST_TEST((events.back().kind == event_kind::resent));
  BOOST_REQUIRE(events.back().repeats.has_value());
  BOOST_TEST(events.back().repeats->number == 1u);
  BOOST_TEST(sent().repeated_acknowledgements == 1u);
}

BOOST_AUTO_TEST_CASE(see__silence_makes_a_timeout_and_an_advance_a_repair) {
  for (const int number : {0, 1}) data(static_cast<std::uint16_t>(number), vantage::own_emission);
  wait(500);
  data(0, vantage::own_emission);
  BOOST_TEST(resent(resend_cause::timeout) == 1u);
  wait(20);
  answer(1);
  data(1, vantage::own_emission);
  BOOST_TEST(resent(resend_cause::repair) == 1u);
  BOOST_TEST(sent().needless == 0u);
  answer(2);
  wait(100);
  data(0, vantage::own_emission);
  BOOST_TEST(sent().needless == 1u);
}

BOOST_AUTO_TEST_CASE(see__on_arrival_the_packet_id_tells_a_copy_from_a_retransmission) {
  data(0, vantage::own_arrival, 7);
  data(0, vantage::own_arrival, 7);
  BOOST_TEST(sent().copied == 1u);
  data(0, vantage::own_arrival, 9);
  BOOST_TEST(sent().resent_in_all() == 1u);
  BOOST_TEST(sent().needless == 1u);
}

BOOST_AUTO_TEST_CASE(see__without_ids_equal_packets_are_undecided_and_others_were_sent_again) {
  data(0, vantage::path);
  data(0, vantage::path);
  BOOST_TEST(sent().repeated == 1u);
  data(0, vantage::path, {}, 1);
  BOOST_TEST(sent().resent_in_all() == 1u);
  BOOST_TEST(sent().copied == 0u);
}

BOOST_AUTO_TEST_CASE(see__late_numbers_and_numbers_never_seen) {
  for (const int number : {0, 3, 4, 1}) data(static_cast<std::uint16_t>(number), vantage::own_arrival);
  BOOST_TEST(sent().late_by.count() == 1u);
  BOOST_TEST(sent().late_by.maximum() == 3);
  BOOST_TEST(sent().unseen == 1u);
}

BOOST_AUTO_TEST_CASE(see__round_trips_are_of_numbers_sent_once_across_the_wrap_of_16_bits) {
  data(65535, vantage::own_emission);
  data(0, vantage::own_emission);
  wait(30);
  answer(1);
  BOOST_TEST(sent().round_trip.count() == 1u);
  BOOST_TEST(sent().round_trip.maximum() == 30'000'000);
  data(1, vantage::own_emission);
  wait(100);
  data(1, vantage::own_emission);
  wait(30);
  answer(2);
  BOOST_TEST(sent().round_trip.count() == 1u);
  BOOST_TEST(sent().data_packets == 3u);
  BOOST_TEST(sent().unseen == 0u);
}

BOOST_AUTO_TEST_CASE(see__what_waited_behind_a_retransmission_is_no_round_trip) {
  answer(0);
  for (const int number : {0, 1}) data(static_cast<std::uint16_t>(number), vantage::own_emission);
  wait(100);
  data(0, vantage::own_emission);
  wait(30);
  answer(2);
  BOOST_TEST(sent().round_trip.count() == 0u);
}

BOOST_AUTO_TEST_CASE(see__the_window_in_use_and_the_last_allowed_number) {
  answer(0, 1);
  for (const int number : {0, 1}) data(static_cast<std::uint16_t>(number), vantage::own_emission);
  BOOST_TEST(sent().in_flight.maximum() == 2);
  BOOST_TEST(sent().allocation_full == 1u);
}

BOOST_AUTO_TEST_CASE(forget_numbers__repetitions_are_undecided_then) {
  data(0, vantage::own_arrival, 7);
  view.forget_numbers();
  data(0, vantage::own_arrival, 9);
  BOOST_TEST(sent().repeated == 1u);
  BOOST_TEST(sent().data_packets == 1u);
}

BOOST_AUTO_TEST_CASE(numbers_kept__is_bounded_whatever_comes) {
  for (std::uint32_t number = 0; number < 200'000; ++number)
    data(static_cast<std::uint16_t>(number), vantage::own_emission);
  BOOST_TEST(view.numbers_kept() <= 65'537u);
  BOOST_TEST(sent().data_packets == 200'000u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
