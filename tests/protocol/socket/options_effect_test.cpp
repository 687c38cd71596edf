// What options do, seen from outside: option__NAME... for those that no other test of sockets shows.
#include <boost/test/unit_test.hpp>

#include "tests/protocol/socket/talk.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(options_effect_test)

BOOST_AUTO_TEST_CASE(option__window_bounds_what_is_in_flight) {
  socket_talk talk;
  talk.before_connecting = [](socket& of) { must(of.set(socket_option::window, std::int64_t{3})); };
  talk.run(
      [](socket& to, endpoint& at) {
        for (int i = 0; i < 20; ++i) send_text(to, "x");
        rest(at, 5_ms);  // the first acknowledgement takes 20
        const auto now = dynamic_cast<spp_socket&>(to).information();
        BOOST_TEST_REQUIRE(now.has_value());
        BOOST_TEST(now->window == 3u);
        BOOST_TEST(now->in_flight == 3u);
      },
      [](socket& from, endpoint&) {
        while (text_from(from) != "(end)") continue;
      });
}

BOOST_AUTO_TEST_CASE(option__acknowledgement_may_wait_for_a_second_packet) {
  std::uint64_t answers[2];
  for (const bool delayed : {false, true}) {
    socket_talk talk;
    talk.before_listening = [=](socket& of) {
      must(of.set(socket_option::acknowledgement, std::string(delayed ? "delayed" : "immediate")));
    };
    talk.run(
        [&](socket& to, endpoint& at) {
          for (int i = 0; i < 40; ++i) send_text(to, "x");
          rest(at, 1_s);
          answers[delayed] = dynamic_cast<spp_socket&>(to).statistics()->packets_received;
        },
        [](socket& from, endpoint&) {
          while (text_from(from) != "(end)") continue;
        });
  }
  BOOST_TEST(answers[0] >= 40u);
  BOOST_TEST(answers[1] >= 20u);
  BOOST_TEST(answers[1] < 30u);
}

// Numbers are used again after 65,535 minus the window; the sender waits for that however long it takes, and a peer
// that owes nothing meanwhile is not given up.
BOOST_AUTO_TEST_CASE(option__packet_life_holds_back_what_would_use_a_number_again) {
  constexpr std::size_t packets = 66'000;  // of one octet each
  for (const duration life : {0_s, 500_s}) {
    socket_talk talk;
    talk.before_connecting = [=](socket& of) {
      must(of.set(socket_option::packet_life, life));
      must(of.set(socket_option::packet_data, std::int64_t{1}));
    };
    duration took{};
    talk.run([](socket& to, endpoint&) { send_text(to, std::string(packets, 'x')); },
             [&](socket& from, endpoint& at) {
               const instant began = at.waiting().now();
               BOOST_TEST(text_from(from, {}, packets).size() == packets);
               took = at.waiting().now() - began;
               BOOST_TEST(text_from(from) == "(end)");
             });
    BOOST_TEST(took.seconds() < life.seconds() + 30);  // a window of 64 at each round trip of 20 ms
    BOOST_TEST(took.seconds() >= life.seconds());
  }
}

BOOST_AUTO_TEST_SUITE_END()
