// Which packets belong together: ids, openings, incarnations, captures that begin in the middle.
#include "dissector/analysis/tracker.hpp"

#include "tests/dissector/analysis/story.hpp"

using namespace seqwire;
using namespace seqwire::stories;

BOOST_AUTO_TEST_SUITE(tracker_test)

BOOST_AUTO_TEST_CASE(see__wrong_destination_id_is_the_senders_violation) {
  story run;
  run.opens();
  segment astray = data('a', 0);
  astray.destination_id = id_b ^ 1;
  run.sends(astray);
  expect_violated(run.finish(), "connection match");
}

BOOST_AUTO_TEST_CASE(see__wrong_source_id_is_the_senders_violation) {
  story run;
  run.opens();
  segment astray = data('a', 0);
  astray.source_id = id_a ^ 1;
  run.sends(astray);
  expect_violated(run.finish(), "I16");
}

BOOST_AUTO_TEST_CASE(see__forged_packet_on_arrival_is_nobodys_violation) {
  story run;
  run.opens();
  segment forged = data('a', 0);
  forged.source_id = 0x6666;
  run.arrives(forged, std::nullopt);
  run.delivers(data('a', 0));
  run.delivers(system('b', 0, 1));
  const verdict result = run.finish();
  expect_holds(result);
  BOOST_TEST(result.counts.strays == 1u);
  BOOST_TEST(result.counts.connections == 1u);
}

BOOST_AUTO_TEST_CASE(see__forged_packet_after_the_close_makes_no_connection) {
  story run;
  run.opens();
  run.delivers(closing('a', close_request_type, 0, 0));
  run.delivers(closing('b', close_reply_type, 0, 1));
  segment forged = data('a', 1);
  forged.source_id = 0x6666;
  run.arrives(forged, std::nullopt);
  const verdict result = run.finish();
  expect_holds(result);
  BOOST_TEST(result.counts.strays == 1u);
  BOOST_TEST(result.counts.connections == 1u);
}

BOOST_AUTO_TEST_CASE(see__answer_from_a_fresh_socket) {
  story run;
  run.delivers(
      {.from = 'a', .system = true, .send_acknowledgement = true, .end_of_message = false, .destination_id = 0});
  segment answer = system('b', 0, 0);
  answer.socket = socket_number{16384};
  run.delivers(answer);
  const verdict result = run.finish();
  expect_holds(result);
  expect_held(result, "agreement on open");
  expect_held(result, "output bound");
}

BOOST_AUTO_TEST_CASE(see__second_answer_with_another_id) {
  story run;
  run.opens();
  segment again = system('b', 0, 0);
  again.source_id = 0x3333;
  run.delivers(again);
  const verdict result = run.finish();
  expect_holds(result);
  BOOST_TEST(result.deviations.size() == 1u, render_text(result));
}

BOOST_AUTO_TEST_CASE(see__next_incarnation_uses_the_sockets_again) {
  story run;
  run.opens();
  run.delivers(data('a', 0));
  run.delivers(closing('a', 254, 1, 0));
  run.delivers(closing('b', 255, 0, 2));
  run.delivers(closing('a', 255, 2, 1));
  for (int turn = 0; turn < 2; ++turn) {
    const auto a = static_cast<std::uint16_t>(0x4444 + turn);
    const auto b = static_cast<std::uint16_t>(0x5555 + turn);
    run.delivers({.from = 'a', .system = true, .end_of_message = false, .source_id = a, .destination_id = 0});
    segment answer = system('b', 0, 0);
    answer.source_id = b;
    answer.destination_id = a;
    run.delivers(answer);
    segment record = data('a', 0, "other contents under the same number");
    record.source_id = a;
    record.destination_id = b;
    run.delivers(record);
  }
  const verdict result = run.finish();
  expect_holds(result);
  BOOST_TEST(result.counts.connections == 3u);
}

BOOST_AUTO_TEST_CASE(see__connection_id_used_again_after_the_close) {
  const auto tell = [](bool ours) {
    story run;
    if (ours)
      run.judge.add_journal({.end = "a",
                             .connections = {{.connection = 0,
                                              .local = {network_number{1}, host_a, socket_a},
                                              .peer = {network_number{1}, host_b, socket_b},
                                              .local_id = id_a,
                                              .peer_id = id_b,
                                              .submitted = {},
                                              .delivered = {},
                                              .status = {}}}});
    run.opens();
    run.delivers(closing('a', 254, 0, 0));
    run.wait(100_ms);
    run.delivers({.from = 'a', .system = true, .end_of_message = false, .destination_id = 0});
    return run.finish();
  };
  expect_violated(tell(true), "connection-id freshness");
  BOOST_TEST(tell(false).deviations.size() == 1u);
}

BOOST_AUTO_TEST_CASE(see__two_connections_between_the_same_hosts_at_once) {
  story run;
  run.opens();
  const socket_number other{4000};
  run.delivers(
      {.from = 'a', .system = true, .end_of_message = false, .source_id = 9, .destination_id = 0, .socket = other});
  segment answer = system('b', 0, 0);
  answer.source_id = 8;
  answer.destination_id = 9;
  answer.peer_socket = other;
  run.delivers(answer);
  run.delivers(data('a', 0));
  segment second = data('a', 0, "second connection");
  second.source_id = 9;
  second.destination_id = 8;
  second.socket = other;
  run.delivers(second);
  const verdict result = run.finish();
  expect_holds(result);
  BOOST_TEST(result.counts.connections == 2u);
}

BOOST_AUTO_TEST_CASE(see__rendezvous_opens_one_connection) {
  story run;
  const segment from_a{.from = 'a', .system = true, .end_of_message = false, .destination_id = 0};
  const segment from_b{.from = 'b', .system = true, .end_of_message = false, .destination_id = 0};
  const auto first = run.sends(from_a);
  const auto second = run.sends(from_b);
  run.arrives(from_a, first);
  run.arrives(from_b, second);
  run.delivers(system('a', 0, 0));
  run.delivers(system('b', 0, 0));
  run.delivers(data('b', 0));
  const verdict result = run.finish();
  expect_holds(result);
  BOOST_TEST(result.counts.connections == 1u);
}

BOOST_AUTO_TEST_CASE(see__more_connections_than_can_be_kept_are_a_hole) {
  story run;
  run.opens();
  for (std::size_t turn = 0; turn <= tracker::most_connections; ++turn) {
    segment fake = system('a', 0, 0);
    fake.socket = socket_number{static_cast<std::uint16_t>(10'000 + turn / 60'000)};
    fake.source_id = static_cast<std::uint16_t>(1 + turn % 60'000);
    fake.peer_socket = fake.socket;
    fake.destination_id = fake.source_id;
    run.passes(fake);
  }
  run.sends(data('a', 0));
  run.wait(1_s);
  run.sends(data('a', 0, "changed"));  // the connections that were there first are judged on
  const verdict result = run.finish();
  BOOST_TEST(result.counts.connections == tracker::most_connections);
  BOOST_REQUIRE(result.holes.size() == 1u);
  BOOST_TEST(result.holes[0].starts_with("more than 65536 connections, "), result.holes[0]);
  BOOST_TEST(result.row("I06")->violations == 1u);
}

BOOST_AUTO_TEST_CASE(see__flood_of_openings_forgets_the_oldest_that_nobody_answered) {
  story run;
  run.delivers({.from = 'a', .system = true, .end_of_message = false, .destination_id = 0});
  for (std::size_t turn = 0; turn < 2 * tracker::most_openings; ++turn)
    run.passes({.from = 'b',
                .system = true,
                .end_of_message = false,
                .source_id = static_cast<std::uint16_t>(1 + turn % 60'000),
                .destination_id = 0,
                .socket = socket_number{static_cast<std::uint16_t>(10'000 + turn / 60'000)}});
  run.delivers(system('b', 0, 0));
  run.delivers(data('a', 0));
  const verdict result = run.finish();
  expect_holds(result);
  BOOST_TEST(result.counts.openings == 2 * tracker::most_openings + 1);
  BOOST_TEST(name_of(result.row("I09")->outcome) == "not decidable");  // the opening is forgotten
}

BOOST_AUTO_TEST_CASE(see__one_connection_at_more_places_than_can_be_kept) {
  verifier judge;
  const story frames;
  captured_packet packet;
  packet.frame = frames.frame_of(data('a', 0));
  packet.original_length = packet.frame.size();
  for (packet.interface = 0; packet.interface < 2 * tracker::most_views_of_one; ++packet.interface)
    judge.on_packet(packet, {.name = "tap", .description = {}});
  BOOST_TEST(judge.finish().holes.size() == 1u);
}

BOOST_AUTO_TEST_CASE(see__what_a_long_silent_connection_repeats_is_not_held_against_it) {
  story run;
  run.opens();
  run.delivers(data('a', 0));
  run.delivers(data('a', 1));
  const segment others = system('a', 0, 0);
  segment other = others;
  other.source_id = 9;
  other.destination_id = 8;
  other.socket = socket_number{4000};
  for (std::uint64_t turn = 0; turn < 2 * tracker::long_silence; ++turn) run.passes(other);
  run.wait(1_s);
  run.delivers(data('a', 1));
  expect_holds(run.finish());
}

BOOST_AUTO_TEST_CASE(see__capture_that_begins_in_the_middle) {
  story run;
  run.delivers(data('a', 60'000));
  segment acknowledgement = system('b', 0, 60'001);
  run.delivers(acknowledgement);
  run.delivers(data('a', 60'001, "next"));
  run.wait(100_ms);
  run.sends(data('a', 60'001, "changed"));
  const verdict result = run.finish();
  expect_violated(result, "I06");
  BOOST_TEST(name_of(result.row("I09")->outcome) == "not decidable");
}

BOOST_AUTO_TEST_SUITE_END()
