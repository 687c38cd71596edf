// Stream sockets: the same connection as octets in order, without boundaries.
#include <boost/test/unit_test.hpp>

#include "tests/protocol/socket/talk.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(spp_socket_stream_test)

BOOST_AUTO_TEST_CASE(stream__a_b_c_arrive_in_that_order_however_they_are_read) {
  for (const std::size_t room : {1u, 2u, 7u, 1000u}) {
    socket_talk talk(socket_type::stream);
    talk.world.settings.a_to_b.loss = talk.world.settings.b_to_a.loss = 0.1;
    std::string all;
    talk.run(
        [](socket& to, endpoint&) {
          for (const std::string_view each : {"A", "", "BB", "CCC"}) send_text(to, each);
          must(to.send(octets(3000, 'D')));
        },
        [&](socket& from, endpoint&) {
          for (std::string part = text_from(from, {}, room); part != "(end)"; part = text_from(from, {}, room))
            all += part;
        });
    BOOST_TEST(all == "ABBCCC" + std::string(3000, 'D'));
  }
}

BOOST_AUTO_TEST_CASE(stream__wait_all_fills_the_buffer_or_reaches_the_end) {
  socket_talk talk(socket_type::stream);
  talk.run(
      [](socket& to, endpoint& at) {
        for (const std::string_view each : {"four", "more", "end"}) {
          send_text(to, each);
          rest(at, 1_s);
        }
      },
      [](socket& from, endpoint&) {
        BOOST_TEST(text_from(from, {}, 6) == "four");
        BOOST_TEST(text_from(from, {.wait_all = true}, 6) == "moreen");
        BOOST_TEST(text_from(from, {.wait_all = true}, 6) == "d");
        BOOST_TEST(text_from(from) == "(end)");
      });
}

BOOST_AUTO_TEST_CASE(stream__does_not_read_over_the_mark_of_an_attention) {
  socket_talk talk(socket_type::stream);
  talk.run(
      [](socket& to, endpoint& at) {
        send_text(to, "before");
        rest(at, 100_ms);
        must(to.send(view_of("!"), {.out_of_band = true}));
        send_text(to, "after");
      },
      [](socket& from, endpoint& at) {
        rest(at, 1_s);
        octets buffer;
        const received first = receive_into(from, buffer, 100);
        BOOST_TEST(first.size == 6u);
        BOOST_TEST(!first.at_mark);
        const received second = receive_into(from, buffer, 100);
        BOOST_TEST(second.size == 5u);
        BOOST_TEST(second.at_mark);
        BOOST_TEST(text_from(from, {.out_of_band = true}) == "!");
      });
}

BOOST_AUTO_TEST_CASE(stream__a_read_ends_where_the_datastream_type_changes) {  // (11)
  socket_talk talk(socket_type::stream);
  talk.run(
      [](socket& to, endpoint&) {
        send_text(to, "aaa", {.datastream_type = std::uint8_t{1}});
        send_text(to, "AAA", {.datastream_type = std::uint8_t{1}});
        send_text(to, "bbb", {.datastream_type = std::uint8_t{2}});
      },
      [](socket& from, endpoint& at) {
        rest(at, 1_s);
        octets buffer;
        for (const bool peek : {true, false}) {
          const received first = receive_into(from, buffer, 100, {.peek = peek, .wait_all = true});
          BOOST_TEST(first.size == 6u);
          BOOST_TEST((first.datastream_type == std::uint8_t{1}));
        }
        const received second = receive_into(from, buffer, 2, {.wait_all = true});
        BOOST_TEST(second.size == 2u);
        BOOST_TEST((second.datastream_type == std::uint8_t{2}));
        BOOST_TEST(text_from(from) == "b");
      });
}

// Sends until it is told; once, and from then on there is nobody to send to.
std::error_code told_while_sending(socket& to) {
  std::error_code told;
  for (int i = 0; i < 1000 && !told; ++i) {
    const auto sent = to.send(octets(100'000));
    if (!sent) told = sent.error();
  }
  BOOST_TEST((to.send(view_of("x")).error() == std::errc::broken_pipe));
  return told;
}

BOOST_AUTO_TEST_CASE(stream__sender_is_told_that_the_peer_is_gone) {  // (13)
  socket_talk talk(socket_type::stream);
  talk.run([](socket& to, endpoint&) { BOOST_TEST((told_while_sending(to) == std::errc::connection_reset)); },
           [](socket& from, endpoint& at) {
             must(from.set(socket_option::linger, 0_ns));
             rest(at, 1_ms);
           });
}

BOOST_AUTO_TEST_CASE(stream__sender_is_told_that_nobody_answers_any_more) {  // (13)
  socket_talk talk(socket_type::stream);
  for (std::uint64_t i = 10; i < 20'000; ++i) talk.world.settings.b_to_a.drop.push_back(i);
  talk.before_connecting = [](socket& of) { must(of.set(socket_option::give_up, 10_s)); };
  talk.run([](socket& to, endpoint&) { BOOST_TEST((told_while_sending(to) == std::errc::timed_out)); },
           [](socket& from, endpoint&) {
             must(from.set(socket_option::receive_timeout, 60_s));
             while (text_from(from).size() > 100) continue;
           });
}

BOOST_AUTO_TEST_SUITE_END()
