// Peers that keep every rule and mean no good (A13 of the attack catalogue): they close at once, never answer a close,
// repeat it, flood with attentions, or answer for ever without letting anything go on. Each has its bound.
#include <boost/test/unit_test.hpp>

#include "tests/protocol/host/victim.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(host_evil_peer_test)

// Runs the host's timers, and has the peer say `answer` to whatever comes, until it is forgotten; how long that took.
duration answered_until_forgotten(victim& of, duration at_most, const std::function<void(spp_header&)>& answer) {
  const instant begun = of.now;
  while (of.engine.sequenced().connections() > 0 && of.now - begun < at_most) {
    if (!of.engine.next_timeout()) return at_most;
    of.now = std::max(of.now, *of.engine.next_timeout());
    of.engine.on_timeout(of.now);
    if (!of.leaving().empty() && of.engine.sequenced().find(of.handle) != nullptr) of.says(answer);
  }
  return of.now - begun;
}

const auto acknowledges_everything = [](spp_header& header) {
  header.acknowledge = 2;
  header.allocation = 65;
};

BOOST_AUTO_TEST_CASE(a13__a_peer_that_closes_at_once_loses_nothing_of_ours_and_leaves_nothing) {
  victim of(stage::open);
  of.says_data(0, {}, [](spp_header& header) { header.datastream_type = close_request_type; });
  BOOST_TEST((of.connection().send(slice::copy_of(view_of("late"))) == send_status::closed));
  of.says_data(1, {}, [](spp_header& header) {
    header.datastream_type = close_reply_type;
    header.acknowledge = 2;
  });
  BOOST_TEST((of.connection().status() == end_status::closed_gracefully));
  of.engine.sequenced().release(of.handle);
  of.rest_until(of.now + 11_s);
  BOOST_TEST(of.engine.sequenced().connections() == 0u);
}

BOOST_AUTO_TEST_CASE(a13__a_close_that_is_acknowledged_and_never_answered_is_given_up) {
  victim of(stage::close_requested);
  of.says(acknowledges_everything);
  of.engine.sequenced().release(of.handle);
  BOOST_TEST((answered_until_forgotten(of, 1000_s, acknowledges_everything) <= 121_s));
  BOOST_TEST(of.engine.sequenced().connections() == 0u);
}

// It answers each of our repetitions, but acknowledges nothing.
BOOST_AUTO_TEST_CASE(a13__answers_that_acknowledge_nothing_keep_no_connection) {
  for (const stage at : {stage::open, stage::close_requested, stage::close_replying}) {
    victim of(at);
    if (at == stage::open) of.connection().close();
    of.engine.sequenced().release(of.handle);
    BOOST_TEST((answered_until_forgotten(of, 1000_s, {}) <= 121_s));
  }
}

BOOST_AUTO_TEST_CASE(a13__our_data_unacknowledged_for_the_give_up_time_ends_even_a_talkative_connection) {
  victim of(stage::open);
  const instant begun = of.now;
  while (of.connection().status() == end_status::none && of.now - begun < 1000_s) {
    of.rest_until(of.now + 1_s);
    of.says({});
  }
  BOOST_TEST((of.connection().status() == end_status::timed_out));
  BOOST_TEST((of.now - begun <= 121_s));
  BOOST_TEST(of.connection().statistics().timeouts < 40u);  // once in four seconds
}

// The same number again is a duplicate; further numbers close nothing twice. Each draws one packet at most, and none
// keeps us longer than the linger time.
BOOST_AUTO_TEST_CASE(a13__a_close_repeated_for_ever_is_answered_one_for_one_and_not_for_ever) {
  victim of(stage::close_replying);
  const std::uint64_t before = of.connection().statistics().packets_sent;
  const auto close = [](spp_header& header) { header.datastream_type = close_request_type; };
  for (int i = 0; i < 1000; ++i) of.says_data(0, {}, close);
  BOOST_TEST(of.drops(drop_reason::duplicate) == 1000u);
  for (std::uint16_t i = 1; i <= 1000; ++i) of.says_data(i, {}, close);
  BOOST_TEST(of.connection().statistics().packets_sent - before <= 2001u);
  BOOST_TEST((of.connection().state() == connection_state::close_replying));
  of.engine.sequenced().release(of.handle);
  const instant begun = of.now;
  while (of.engine.sequenced().connections() > 0 && of.now - begun < 1000_s) {
    of.rest_until(of.now + 500_ms);
    if (of.engine.sequenced().find(of.handle) != nullptr) of.says_data(0, {}, close);
  }
  BOOST_TEST((of.now - begun <= 121_s));
}

BOOST_AUTO_TEST_CASE(a13__a_lingering_end_is_not_kept_by_repeated_closes) {
  victim of(stage::lingering);
  of.engine.sequenced().release(of.handle);
  const instant begun = of.now;
  while (of.engine.sequenced().connections() > 0 && of.now - begun < 1000_s) {
    of.rest_until(of.now + 500_ms);
    if (of.engine.sequenced().find(of.handle) != nullptr)
      of.says_data(0, {}, [](spp_header& header) { header.datastream_type = close_request_type; });
  }
  BOOST_TEST((of.now - begun <= 11_s));
}

// Of attentions that the application does not take 64 wait; the rest is refused and draws one packet each at most.
BOOST_AUTO_TEST_CASE(a13__a_flood_of_attentions_is_bounded_and_counted) {
  victim of(stage::open);
  const std::uint64_t before = of.connection().statistics().packets_sent;
  const octets one(1);
  for (std::uint16_t number = 0; number < 1000; ++number)
    of.says_data(number, one, [](spp_header& header) {
      header.attention = true;
      header.send_acknowledgement = true;
    });
  std::size_t waiting = 0;
  while (of.connection().take_attention()) ++waiting;
  BOOST_TEST(waiting == 64u);
  BOOST_TEST(of.drops(drop_reason::beyond_allocation) == 1000u - 64u);
  BOOST_TEST(of.connection().statistics().packets_sent - before <= 1000u);
  BOOST_TEST(of.engine.sequenced().receiving().held == 0u);
}

BOOST_AUTO_TEST_CASE(a13__a_flood_of_attentions_tells_the_application_once) {
  victim of(stage::open);
  while (of.engine.sequenced().poll_event()) continue;
  const octets one(1);
  for (std::uint16_t number = 0; number < 60; ++number)
    of.says_data(number, one, [](spp_header& header) { header.attention = true; });
  int told = 0;
  while (const auto event = of.engine.sequenced().poll_event()) told += event->what == connection_notice::attention;
  BOOST_TEST(told == 1);
}

// It answers every opening of ours by one of its own, and never shows that it knows our id.
BOOST_AUTO_TEST_CASE(a13__a_peer_that_answers_and_never_opens_is_given_up_after_the_open_timeout) {
  for (const stage at : {stage::opening, stage::met, stage::answering}) {
    victim of(at);
    of.engine.sequenced().release(of.handle);
    BOOST_TEST(
        (answered_until_forgotten(of, 1000_s, [](spp_header& header) { header.destination_connection = 0; }) <= 76_s));
    BOOST_TEST(of.engine.sequenced().connections() == 0u);
  }
}

// Whoever answers keepalives lives, and the application decides for how long; when it goes, the connection goes too.
BOOST_AUTO_TEST_CASE(a13__keepalives_answered_for_ever_keep_a_connection_only_as_long_as_its_application) {
  spp_config config;
  config.keepalive = 10_s;
  victim of(stage::open, config);
  const auto acknowledges_the_data = [](spp_header& header) { header.acknowledge = 1; };
  of.says(acknowledges_the_data);
  const instant begun = of.now;
  while (of.now - begun < 3600_s) {
    of.rest_until(of.now + 10_s);
    of.says(acknowledges_the_data);
  }
  BOOST_TEST((of.connection().status() == end_status::none));
  BOOST_TEST(of.connection().statistics().keepalives >= 300u);
  BOOST_TEST(of.connection().statistics().keepalives <= 361u);
  of.connection().close();
  of.engine.sequenced().release(of.handle);
  const instant closed = of.now;
  while (of.engine.sequenced().connections() > 0 && of.now - closed < 1000_s) {
    of.rest_until(of.now + 1_s);
    if (of.engine.sequenced().find(of.handle) != nullptr) of.says(acknowledges_everything);
  }
  BOOST_TEST((of.now - closed <= 125_s));
}

// Our close is out and the peer goes on sending: that lasts only while somebody reads it.
BOOST_AUTO_TEST_CASE(a13__data_without_end_after_our_close_keeps_no_connection_that_nobody_reads) {
  victim of(stage::close_requested);
  of.says(acknowledges_everything);
  of.engine.sequenced().release(of.handle);
  const instant begun = of.now;
  for (std::uint16_t number = 0; of.engine.sequenced().connections() > 0 && of.now - begun < 1000_s; ++number) {
    of.rest_until(of.now + 1_s);
    if (of.engine.sequenced().find(of.handle) != nullptr)
      of.says_data(number, octets(100), [](spp_header& header) {
        header.acknowledge = 2;
        header.allocation = 65;
      });
  }
  BOOST_TEST((of.now - begun <= 121_s));
}

BOOST_AUTO_TEST_SUITE_END()
