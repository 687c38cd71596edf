// Closing: 254, 255, 255 from either side and from both, with data waiting, with packets lost, doubled and late. The
// outcome is one `ended` at each end, and "closed gracefully" only when everything was delivered.
#include <boost/test/unit_test.hpp>

#include "tests/protocol/spp/pair.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(connection_closing_test)

using state = connection_state;
using texts = std::vector<std::string>;
constexpr auto each = boost::test_tools::per_element();

void expect_graceful(spp_pair& pair) {
  for (const side end : {side::a, side::b}) {
    BOOST_TEST((pair[end].status() == end_status::closed_gracefully), name_of(pair[end].status()));
    BOOST_TEST(pair[end].finished());
    BOOST_TEST(pair.at(end).told_times("ended") == 1);
    BOOST_TEST(pair.at(end).told.back() == "ended");
  }
}

BOOST_AUTO_TEST_CASE(close__takes_three_packets_and_an_acknowledgement) {
  spp_pair pair;
  pair.open();
  pair[side::a].close();
  pair.settle();
  BOOST_TEST(pair.take_story() ==
             "   30 a: 254 0 ack 0 alo 63\n"
             "   40 b: 255 0 ack 1 alo 64\n"
             "   50 a: 255 1 ack 1 alo 64\n"
             "   60 b: system 1 ack 2 alo 65\n");
  expect_graceful(pair);
  BOOST_TEST(pair.b.told == (texts{"opened", "peer closing", "ended"}), each);
  BOOST_TEST(pair.a.told == (texts{"opened", "ended"}), each);
}

BOOST_AUTO_TEST_CASE(close__from_the_answering_side) {
  spp_pair pair;
  pair.open();
  pair[side::b].close();
  pair.settle();
  expect_graceful(pair);
  BOOST_TEST(pair.a.told_times("peer closing") == 1);
}

BOOST_AUTO_TEST_CASE(close__twice_is_close_once) {
  spp_pair pair;
  pair.open();
  pair[side::a].close();
  pair[side::a].close();
  pair.settle();
  expect_graceful(pair);
  BOOST_TEST(pair[side::a].statistics().data_packets_sent == 2u);
}

BOOST_AUTO_TEST_CASE(close__both_at_once) {
  spp_pair pair;
  pair.open();
  pair[side::a].close();
  pair[side::b].close();
  pair.settle();
  BOOST_TEST(pair.take_story() ==
             "   30 a: 254 0 ack 0 alo 63\n"
             "   30 b: 254 0 ack 0 alo 63\n"
             "   40 b: 255 1 ack 1 alo 64\n"
             "   40 a: 255 1 ack 1 alo 64\n"
             "   50 a: system 2 ack 2 alo 65\n"
             "   50 b: system 2 ack 2 alo 65\n");
  expect_graceful(pair);
}

BOOST_AUTO_TEST_CASE(close__follows_everything_queued_in_both_directions) {
  spp_config small;
  small.window = 3;
  small.allocation = 4;
  spp_pair pair(small);
  pair.open();
  for (int i = 0; i < 50; ++i) {
    pair.send(side::a, "a" + std::to_string(i));
    pair.send(side::b, "b" + std::to_string(i));
  }
  pair[side::a].close();
  pair.settle();
  expect_graceful(pair);
  BOOST_TEST(pair.a.records.size() == 50u);
  BOOST_TEST(pair.b.records.size() == 50u);
}

BOOST_AUTO_TEST_CASE(close__the_peer_may_still_send_until_it_hears_of_it) {
  spp_pair pair;
  pair.open();
  pair[side::a].close();
  pair.run_for(5_ms);
  BOOST_TEST((pair.send(side::b, "in time") == send_status::accepted));
  pair.settle();
  expect_graceful(pair);
  BOOST_TEST(pair.a.texts() == texts{"in time"}, each);
}

// The acknowledgement of the 254 does not wait, although everything else is acknowledged late.
BOOST_AUTO_TEST_CASE(close__is_acknowledged_at_once_while_data_goes_before_the_answer) {
  spp_config late;
  late.acknowledgement = "delayed";
  late.allocation = 1;
  spp_pair pair(late);
  pair.open();
  pair.a.reading = false;
  for (const char* text : {"1", "2"}) pair.send(side::b, text);
  pair.run_for(100_ms);  // the second waits for a's window
  pair.take_story();
  pair[side::a].close();
  pair.run_for(30_ms);
  BOOST_TEST(pair.take_story() ==
             "  130 a: 254 0 ack 1 alo 0\n"
             "  140 b: system 1 ack 1 alo 1\n");
  while (!pair[side::a].finished()) {
    static_cast<void>(pair[side::a].take_record());
    pair.run_for(1_s);
    BOOST_TEST_REQUIRE((pair.now() < instant{} + 100_s));
  }
  pair.settle();
  expect_graceful(pair);
  BOOST_TEST(pair[side::a].statistics().records_delivered == 2u);
}

BOOST_AUTO_TEST_CASE(close__waits_for_attentions_that_wait_for_each_other) {
  spp_pair pair;
  pair.open();
  for (const octet value : {octet{1}, octet{2}, octet{3}}) pair[side::a].send_attention(value);
  pair.send(side::a, "record");
  pair[side::a].close();
  pair.settle();
  expect_graceful(pair);
  BOOST_TEST(pair.b.attentions == (std::vector<octet>{1, 2, 3}), each);
  BOOST_TEST(pair.b.texts() == texts{"record"}, each);
  BOOST_TEST(pair.b.told.back() == "ended");
}

BOOST_AUTO_TEST_CASE(close__gets_through_a_closed_window) {
  spp_config one;
  one.allocation = 1;
  spp_pair pair(one);
  pair.open();
  pair.a.reading = pair.b.reading = false;
  pair.send(side::a, "to b");
  pair.send(side::b, "to a");
  pair.run_for(100_ms);  // both windows are closed
  pair[side::a].close();
  pair.settle();
  expect_graceful(pair);
  BOOST_TEST(text_of(pair[side::a].take_record()->flatten().view()) == "to a");
  BOOST_TEST(text_of(pair[side::b].take_record()->flatten().view()) == "to b");
}

BOOST_AUTO_TEST_CASE(close__while_opening_closes_after_the_opening) {
  spp_pair pair;
  pair[side::a].open(pair.now());
  pair.send(side::a, "last words");
  pair[side::a].close();
  BOOST_TEST((pair.send(side::a, "too late") == send_status::closed));
  pair.settle();
  expect_graceful(pair);
  BOOST_TEST(pair.b.texts() == texts{"last words"}, each);
}

BOOST_AUTO_TEST_CASE(close__while_answering_closes_after_the_opening) {
  spp_pair pair;
  pair[side::a].open(pair.now());
  pair.run_for(10_ms);
  BOOST_TEST_REQUIRE((pair[side::b].state() == state::answering));
  pair[side::b].close();
  pair.settle();
  expect_graceful(pair);
}

// Each of the packets of a close lost once, and each lost twice: whoever misses one gets it again.
BOOST_AUTO_TEST_CASE(close__survives_the_loss_of_each_packet) {
  for (const bool both : {false, true})
    for (const std::uint64_t times : {1u, 2u, 3u})
      for (std::uint64_t a_loses = 0; a_loses < 4; ++a_loses)
        for (std::uint64_t b_loses = 0; b_loses < 4; ++b_loses) {
          spp_pair pair;
          pair.open();
          for (std::uint64_t i = 0; i < times; ++i) {
            if (a_loses > 0) pair.lose(side::a, pair.a.sent + a_loses + i);
            if (b_loses > 0) pair.lose(side::b, pair.b.sent + b_loses + i);
          }
          pair.send(side::a, "x");
          pair[side::a].close();
          if (both) pair[side::b].close();
          pair.settle();
          BOOST_TEST_CONTEXT("both " << both << " times " << times << " a loses " << a_loses << " b loses " << b_loses
                                     << "\n"
                                     << pair.take_story()) {
            expect_graceful(pair);
            BOOST_TEST(pair.b.texts() == texts{"x"}, each);
          }
        }
}

BOOST_AUTO_TEST_CASE(close__survives_a_path_that_doubles_everything) {
  spp_pair pair;
  pair.open();
  pair.weather = [](side, std::uint64_t ordinal, const spp_header&) {
    return fate{.twice = true, .held = duration{static_cast<std::int64_t>(ordinal % 3) * 7'000'000}};
  };
  pair.send(side::a, "x");
  pair[side::a].close();
  pair[side::b].close();
  pair.settle();
  expect_graceful(pair);
}

// The one that asked first has its 255 confirmed and goes; the other stays a while for a late duplicate.
BOOST_AUTO_TEST_CASE(linger__answers_a_late_duplicate_of_255) {
  spp_pair pair;
  pair.open();
  pair[side::a].close();
  pair.run_for(500_ms);
  BOOST_TEST(pair[side::a].finished());
  BOOST_TEST((pair[side::b].state() == state::lingering));
  pair.take_story();
  spp_header late{};
  late.source_connection = id_a;
  late.destination_connection = id_b;
  late.datastream_type = 255;
  late.sequence = 1;
  late.acknowledge = 1;
  late.allocation = 64;
  late.send_acknowledgement = true;
  BOOST_TEST((pair.inject(side::b, late).error() == drop_reason::duplicate));
  BOOST_TEST(pair.take_story() == "  530 b: system 1 ack 2 alo 65\n");
  pair.run_for(999_ms);
  BOOST_TEST((pair[side::b].state() == state::lingering));  // the duplicate made it wait anew
  pair.settle();
  expect_graceful(pair);
}

BOOST_AUTO_TEST_CASE(linger__ends_after_ten_seconds_when_the_last_255_is_never_confirmed) {
  spp_pair pair;
  pair.open();
  pair.lose(side::a, 4);
  pair[side::a].close();
  pair.run_for(25_ms);  // a has the 255 of b and sent its own in vain
  BOOST_TEST((pair[side::a].state() == state::lingering));
  pair.lose_next(side::a, 1000);
  pair.lose_next(side::b, 1000);
  pair.run_for(9_s);
  BOOST_TEST((pair[side::a].state() == state::lingering));
  pair.run_for(1_s);
  BOOST_TEST(pair[side::a].finished());
  BOOST_TEST((pair[side::a].status() == end_status::closed_gracefully));
}

BOOST_AUTO_TEST_CASE(linger__nothing_is_told_after_the_end) {
  spp_pair pair;
  pair.open();
  pair[side::a].close();
  pair.run_for(500_ms);
  BOOST_TEST((pair[side::b].state() == state::lingering));
  spp_header data{};
  data.source_connection = id_a;
  data.destination_connection = id_b;
  data.end_of_message = true;
  data.sequence = 2;
  data.acknowledge = 1;
  data.allocation = 64;
  BOOST_TEST(!pair.inject(side::b, data, view_of("a peer that goes on after its close")).has_value());
  data.attention = true;
  BOOST_TEST(!pair.inject(side::b, data, view_of("!")).has_value());
  pair.settle();
  expect_graceful(pair);
  BOOST_TEST(pair.b.records.empty());
  BOOST_TEST(pair.b.attentions.empty());
}

// Everything was delivered both ways and both ends were done; only the confirmation of that was lost too often.
BOOST_AUTO_TEST_CASE(linger__an_error_from_a_peer_that_has_gone_after_its_254_is_a_graceful_end) {
  spp_pair pair;
  pair.open();
  pair.send(side::b, "delivered");
  pair.send(side::a, "delivered too");
  pair.run_for(1_s);
  pair[side::a].close();
  pair.run_for(5_ms);
  pair.lose_next(side::a, 1000);
  pair.run_for(8_s);
  BOOST_TEST((pair[side::b].status() == end_status::none));
  spp_header quoted{};
  quoted.source_connection = id_b;
  quoted.destination_connection = id_a;
  quoted.sequence = 1;
  BOOST_TEST(pair[side::b].on_error(error_number::no_such_socket, quoted).has_value());
  pair.settle();
  expect_graceful(pair);
}

BOOST_AUTO_TEST_CASE(end__leaves_records_that_can_still_be_taken) {
  spp_pair pair;
  pair.open();
  pair.b.reading = false;
  pair.send(side::a, "1");
  pair.send(side::a, "2");
  pair[side::a].close();
  pair.settle();
  expect_graceful(pair);
  BOOST_TEST(pair[side::b].take_record().has_value());
  BOOST_TEST(!pair[side::b].poll_notice().has_value());
  BOOST_TEST(pair[side::b].take_record().has_value());
  BOOST_TEST(!pair[side::b].take_record().has_value());
}

BOOST_AUTO_TEST_CASE(close__never_answered_gives_up) {
  spp_pair pair;
  pair.open();
  pair.lose_next(side::b, 100'000);
  pair[side::a].close();
  pair.settle();
  BOOST_TEST((pair[side::a].status() == end_status::timed_out));
  BOOST_TEST(pair.a.told == (texts{"opened", "ended"}), each);
}

// Acknowledged, but the answering 255 never comes: the peer is waiting for its application, or gone.
BOOST_AUTO_TEST_CASE(close__acknowledged_and_then_silence_gives_up) {
  spp_pair pair;
  pair.open();
  pair[side::a].close();
  pair.lose_next(side::b, 100'000);
  pair.run_for(10_ms);
  spp_header acknowledgement{};
  acknowledgement.system = true;
  acknowledgement.source_connection = id_b;
  acknowledgement.destination_connection = id_a;
  acknowledgement.acknowledge = 1;
  acknowledgement.allocation = 64;
  pair.inject(side::a, acknowledgement);
  pair.run_for(119'999_ms);
  BOOST_TEST((pair[side::a].status() == end_status::none));
  pair.run_for(1_ms);
  BOOST_TEST((pair[side::a].status() == end_status::timed_out));
}

// The peer said that it was done, has all we sent, and went without waiting for our 255: nothing is lost.
BOOST_AUTO_TEST_CASE(close__a_peer_that_goes_before_our_reply_arrives_has_closed_gracefully) {
  spp_pair pair;
  pair.open();
  pair.send(side::b, "all there is");
  pair.run_for(1_s);
  pair.lose_next(side::b, 100'000);
  pair[side::a].close();
  pair.run_for(9_s);
  BOOST_TEST((pair[side::b].status() == end_status::none));
  pair.run_for(2_s);
  BOOST_TEST((pair[side::b].status() == end_status::closed_gracefully));
  BOOST_TEST(pair.b.told == (texts{"opened", "peer closing", "ended"}), each);
}

// The same with data of ours on the way: nobody knows whether it arrived.
BOOST_AUTO_TEST_CASE(close__a_peer_that_goes_with_our_data_unacknowledged_has_timed_out) {
  spp_pair pair;
  pair.open();
  pair.lose_next(side::b, 100'000);
  pair.send(side::b, "lost");
  pair[side::a].close();
  pair.run_for(130_s);
  BOOST_TEST((pair[side::b].status() == end_status::timed_out));
}

// A 255 that nobody asked for, before our 254 can have arrived, must not make a graceful end of unsent data.
BOOST_AUTO_TEST_CASE(close__an_unasked_255_closes_nothing) {
  spp_pair pair;
  pair.open();
  pair.lose_next(side::a, 1000);
  spp_header unasked{};
  unasked.source_connection = id_b;
  unasked.destination_connection = id_a;
  unasked.datastream_type = 255;
  unasked.allocation = 63;
  BOOST_TEST(pair.inject(side::a, unasked).has_value());
  BOOST_TEST((pair[side::a].state() == state::open));
  for (int i = 0; i < 3; ++i) pair.send(side::a, "lost");
  pair[side::a].close();
  pair.run_for(1_s);
  unasked.sequence = 1;
  BOOST_TEST(pair.inject(side::a, unasked).has_value());
  BOOST_TEST((pair[side::a].status() == end_status::none));
}

BOOST_AUTO_TEST_SUITE_END()
