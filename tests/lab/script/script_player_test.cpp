// Whatever the engine does, a script that says so holds and one that says something else fails, at the right line.
#include "lab/script/script_player.hpp"

#include <boost/test/unit_test.hpp>

#include "lab/script/script_parser.hpp"

using namespace seqwire;

namespace {

const std::string opened =
    "socket s sequenced_packet\nbind s 3500\nlisten s 5\n"
    "< spp system send_ack\n> spp system send_ack source=$c dest=0x1111\n< spp system\naccept s as t\n";  // 7 lines

script parsed(const std::string& text) {
  auto made = parse_script(text, "s");
  BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
  return std::move(*made);
}

script_outcome played(const std::string& text, std::uint64_t seed = 1) { return play_script(parsed(text), seed); }

void expect_holds(const std::string& text) {
  const script made = parsed(text);
  const script_outcome outcome = play_script(made, 1);
  BOOST_TEST(!outcome.failure, (outcome.failure ? render_failure(made, outcome) : ""));
}

void expect_fails(const std::string& text, unsigned line, const std::string& saying) {
  const script made = parsed(text);
  const script_outcome outcome = play_script(made, 1);
  BOOST_REQUIRE_MESSAGE(outcome.failure.has_value(), "holds: " << text);
  BOOST_TEST(outcome.failure->at.line == line, render_failure(made, outcome));
  const std::string told = render_failure(made, outcome);
  BOOST_TEST(told.find(saying) != std::string::npos, "expected \"" << saying << "\" in:\n" << told);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(script_player_test)

BOOST_AUTO_TEST_CASE(expect__each_field_that_differs_is_named) {
  const std::string data = opened + "< spp send_ack end_of_message seq=0 \"hello\"\n";
  expect_holds(data + "> spp system ack=1 alloc=63\n");
  expect_fails(data + "> spp system ack=2 alloc=62\n", 9, "acknowledge: expected 2, got 1\n");
  expect_fails(data + "> spp system ack=2 alloc=62\n", 9, "allocation: expected 62, got 63\n");
}

BOOST_AUTO_TEST_CASE(expect__a_flag_that_is_not_written_is_not_set) {
  const std::string send = opened + "send t \"abc\"\n";
  expect_holds(send + "> spp send_ack end_of_message \"abc\"\n");
  expect_fails(send + "> spp send_ack \"abc\"\n", 9, "end_of_message: expected 0, got 1");
  expect_fails(send + "> spp system send_ack end_of_message\n", 9, "system: expected 1, got 0");
  expect_holds(send + "> spp send_ack=* end_of_message=*\n");
}

BOOST_AUTO_TEST_CASE(expect__data_by_octets_and_by_size) {
  const std::string send = opened + "send t \"abc\"\n";
  expect_holds(send + "> spp send_ack end_of_message hex 616263\n");
  expect_holds(send + "> spp send_ack end_of_message size 3\n");
  expect_fails(send + "> spp send_ack end_of_message \"abd\"\n", 9, "data: expected \"abd\", got \"abc\"");
  expect_fails(send + "> spp send_ack end_of_message size 4\n", 9, "data: expected 4 octets, got 3");
}

BOOST_AUTO_TEST_CASE(expect__another_protocol) {
  expect_fails("< spp system destination_socket=9\n> spp system\n", 2,
               "packet_type: expected sequenced_packet, got error");
}

BOOST_AUTO_TEST_CASE(time__has_no_tolerance) {
  const std::string send = opened + "send t \"abc\"\n> spp send_ack end_of_message\n";
  expect_holds(send + "+200ms > spp send_ack end_of_message\n");
  expect_holds(send + "+0..200ms > spp send_ack end_of_message\n");
  expect_holds(send + "* > spp send_ack end_of_message\n");
  expect_fails(send + "+199999999ns > spp send_ack end_of_message\n", 10, "none left until 0.199999999 s");
  expect_fails(send + "+200000001ns > spp send_ack end_of_message\n", 10,
               "time: expected 0.200000001 s, got 0.200000000 s");
  expect_holds(send + "! 200ms\n> spp send_ack end_of_message\n");
  expect_fails(send + "! 200000001ns\n", 10, "a packet that no line expects");
}

BOOST_AUTO_TEST_CASE(unexpected__packets_fail_wherever_they_leave) {
  const std::string send = opened + "send t \"abc\"\n";
  expect_fails(send + "receive t = operation_would_block\n", 9, "a packet that no line expects left before this line");
  expect_fails(send + "< spp system ack=1\n", 9, "a packet that no line expects");
  expect_fails(send, 8, "the script ends, and no line expects this packet");
  expect_holds(send + "ignore\n< spp system ack=1\n");
  expect_holds(send + "+1s ignore\n< spp system ack=1\n! 1s\n");
}

BOOST_AUTO_TEST_CASE(calls__results_are_compared) {
  expect_fails(opened + "receive t = end\n", 8, "result: expected a message, got operation_would_block");
  expect_fails(opened + "send t \"x\" = broken_pipe\n> spp send_ack end_of_message\n", 8,
               "result: expected broken_pipe, got 1");
  expect_fails("socket d datagram\nbind d 3500\nlocal d = 3501\n", 3, "got 1.02000000000b:3500");
  expect_fails("socket d datagram\nget d broadcast = true\n", 2, "value: expected true, got false");
  expect_fails("socket d datagram\npoll d = readable\n", 2, "ready: expected readable, got writable");
  const std::string data = opened + "< spp send_ack end_of_message seq=0 \"hello\"\n> spp system\n";
  expect_fails(data + "receive t = \"hello\"\n", 10, "flags: expected , got end_of_record");
  expect_fails(data + "receive t = \"hallo\" end_of_record\n", 10, "data: expected \"hallo\", got \"hello\"");
  expect_fails(data + "receive t = \"hello\" end_of_record type=1\n", 10, "type: expected 1, got 0");
}

BOOST_AUTO_TEST_CASE(calls__on_a_socket_that_was_closed) {
  expect_fails("socket d datagram\nclose d\nbind d 3500\n", 3, "the socket d is not open");
}

BOOST_AUTO_TEST_CASE(checks__counter_state_and_status) {
  expect_fails(opened + "counter t.in_flight == 1\n", 8, "counter: got 0");
  expect_holds(opened + "counter t.in_flight < 1\ncounter received >= 2\ncounter dropped != 3\n");
  expect_fails(opened + "state t == closed\n", 8, "state: expected closed, got open");
  expect_fails(opened + "status $c == timed_out\n", 8, "status: expected timed_out, got none");
  expect_holds(opened + "set t linger 0s\nclose t\nstate $c == none\n");
}

BOOST_AUTO_TEST_CASE(defaults__follow_the_conversation) {
  expect_holds(opened +
               "< spp send_ack end_of_message \"first\"\n> spp system dest=0x1111 ack=1\n"
               "< spp send_ack end_of_message \"second\"\n> spp system ack=2\n"
               "send t \"x\"\n> spp send_ack end_of_message seq=0\n"
               "< spp system\ncounter t.in_flight == 0\ncounter t.permitted == 8\n");
  expect_holds(opened + "default spp alloc=3\n< spp system\ncounter t.permitted == 8\n");
  expect_holds(
      "default spp source=0x2222\nsocket s sequenced_packet\nbind s 3500\nlisten s 1\n"
      "< spp system send_ack\n> spp system send_ack dest=0x2222\n");
}

BOOST_AUTO_TEST_CASE(frames__may_be_wrong_in_any_way) {
  expect_holds("< hex 00\ncounter drop.frame_too_short == 1\n");
  expect_holds("< idp checksum=bad\ncounter drop.bad_checksum == 1\n");
  expect_holds("< idp length=29\ncounter drop.length_too_small == 1\n");
  expect_holds("< idp \"abcd\" cut 33\ncounter drop.frame_shorter_than_length == 1\n");
  expect_holds("< idp \"abcd\" flip 33\ncounter drop.bad_checksum == 1\n");
  expect_holds("< idp destination_host=$broadcast checksum=none pad 9\ncounter drop.no_such_socket == 1\n");
}

BOOST_AUTO_TEST_CASE(lose__packets_by_their_order) {
  expect_holds(opened +
               "lose 1 3\nsend t \"a\"\nsend t \"b\"\n> spp send_ack end_of_message seq=1 \"b\"\n"
               "+600ms > spp send_ack end_of_message seq=0 \"a\"\n");
}

BOOST_AUTO_TEST_CASE(quote__is_the_packet_with_that_name) {
  expect_holds("< spp system destination_socket=9 as one\n> xns_error number=2 quote one\n");
  expect_fails(
      "< spp system destination_socket=9 as one\n> xns_error number=2\n"
      "< spp system destination_socket=10\n> xns_error number=2 quote one\n",
      4, "data: expected hex");
}

BOOST_AUTO_TEST_CASE(seeds__give_other_ids_and_the_same_outcome) {
  const auto first = played(opened, 1);
  const auto second = played(opened, 2);
  const auto again = played(opened, 1);
  BOOST_TEST((!first.failure && !second.failure));
  BOOST_TEST(first.frames[1].contents != second.frames[1].contents);
  BOOST_TEST(first.frames[1].contents == again.frames[1].contents);
}

BOOST_AUTO_TEST_CASE(timers__that_never_end_end_the_script) {
  expect_fails("spp keepalive=1us\n" + opened + "+24h ignore\n", 9, "a million timers");
}

BOOST_AUTO_TEST_CASE(render_failure__tells_the_story_in_the_words_of_the_language) {
  const script made = parsed("# Something.\n" + opened + "+1s > spp system\n");
  const script_outcome outcome = play_script(made, 1);
  BOOST_REQUIRE(outcome.failure.has_value());
  const std::string told = render_failure(made, outcome);
  for (const char* part :
       {"s:9: does not hold (seed 1)\n", "about     Something.\n", "expected  +1s > spp system\n",
        "actual    no packet\n", "0.000000000  bind s 3500 = ok\n",
        "0.000000000  < spp system send_acknowledgement datastream_type=0 source_connection=0x1111 "})
    BOOST_TEST(told.find(part) != std::string::npos, "expected \"" << part << "\" in:\n" << told);
}

BOOST_AUTO_TEST_CASE(render_failure__a_long_story_is_cut_in_front) {
  std::string text = opened;
  for (int i = 0; i < 150; ++i) text += "receive t = operation_would_block\n";
  const script made = parsed(text + "receive t = end\n");
  const std::string told = render_failure(made, play_script(made, 1));
  BOOST_TEST(told.find("lines before\n") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
