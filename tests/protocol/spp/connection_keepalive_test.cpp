// Keepalive: an idle connection whose peer is gone is found out, and one whose peer lives costs two packets a period.
#include <boost/test/unit_test.hpp>

#include "tests/protocol/spp/pair.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(connection_keepalive_test)

spp_config every(duration period) {
  spp_config config;
  config.keepalive = period;
  return config;
}

BOOST_AUTO_TEST_CASE(keepalive__an_idle_peer_that_lives_answers) {
  spp_pair pair(every(50_s), {});
  pair.open();
  pair.run_for(60_s);
  BOOST_TEST(pair.take_story() ==
             "50020 a: system? 0 ack 0 alo 63\n"
             "50030 b: system 0 ack 0 alo 63\n");
  pair.run_for(1000_s);
  BOOST_TEST((pair[side::a].state() == connection_state::open));
  BOOST_TEST((pair[side::b].state() == connection_state::open));
}

BOOST_AUTO_TEST_CASE(keepalive__at_both_ends_is_one_exchange_a_period) {
  spp_pair pair(every(50_s));
  pair.open();
  const std::uint64_t before = pair.a.sent + pair.b.sent;
  pair.run_for(1000_s);
  BOOST_TEST(pair.a.sent + pair.b.sent - before <= 2u * 1000 / 50 + 2);
  BOOST_TEST(pair[side::a].statistics().keepalives + pair[side::b].statistics().keepalives >= 19u);
}

// An end that only receives has nothing that would time out: without keepalive it waits for ever.
BOOST_AUTO_TEST_CASE(keepalive__a_peer_that_is_gone_ends_a_receiving_end_after_the_give_up_time) {
  for (const bool on : {false, true}) {
    spp_pair pair({}, every(on ? 10_s : duration{}));
    pair.open();
    pair.send(side::a, "last words");
    pair.run_for(1_s);
    const instant heard{30'000'000};  // when the record arrived, with ten to spare
    pair.weather = [](side, std::uint64_t, const spp_header&) { return fate{.lost = true}; };
    pair.run_until(heard + 119_s);
    BOOST_TEST((pair[side::b].status() == end_status::none));
    pair.run_until(heard + 121_s);
    BOOST_TEST((pair[side::b].status() == (on ? end_status::timed_out : end_status::none)));
    BOOST_TEST(pair.b.told_times("ended") == (on ? 1 : 0));
    if (on) pair.settle();
  }
}

// The time without a sign of life may be shorter than what passes before the first question.
BOOST_AUTO_TEST_CASE(keepalive__an_idle_peer_is_asked_before_it_counts_as_gone) {
  for (const duration give_up : {5_s, 10_s, 11_s}) {
    spp_config config = every(10_s);
    config.give_up = give_up;
    spp_pair pair(config);
    pair.open();
    pair.run_for(1000_s);
    BOOST_TEST((pair[side::a].state() == connection_state::open));
    BOOST_TEST((pair[side::b].state() == connection_state::open));
    pair.weather = [](side, std::uint64_t, const spp_header&) { return fate{.lost = true}; };
    pair.run_for(40_s);
    BOOST_TEST((pair[side::a].status() == end_status::timed_out));
  }
}

BOOST_AUTO_TEST_CASE(keepalive__stays_out_of_the_way_of_data) {
  spp_pair pair(every(100_ms));
  pair.delay = 150_ms;
  pair.open();
  pair.lose_next(side::a, 3);
  pair.send(side::a, "x");
  pair.run_for(1_s);
  // While the record is unacknowledged a has a better way to ask; b, who hears nothing, asks.
  BOOST_TEST(pair.take_story().find("a: system?") == std::string::npos);
  pair.run_for(10_s);
  BOOST_TEST(pair.b.records.size() == 1u);
}

// The opener whose peer never saw its third packet believes in a connection that the peer has given up.
BOOST_AUTO_TEST_CASE(keepalive__two_unanswered_make_an_error_believable) {
  spp_pair pair(every(10_s), {});
  pair.open();
  pair.lose_next(side::b, 1000);
  const auto error = [&] {
    spp_header header{};
    header.system = true;
    header.source_connection = id_a;
    header.destination_connection = id_b;
    static_cast<void>(pair[side::a].on_error(error_number::no_such_socket, header));
  };
  pair.run_for(11_s);
  error();
  BOOST_TEST((pair[side::a].status() == end_status::none));
  pair.run_for(10_s);
  error();
  BOOST_TEST((pair[side::a].status() == end_status::peer_aborted));
}

BOOST_AUTO_TEST_SUITE_END()
