// What options do, seen from outside: option__NAME... for those that no other test of sockets shows.
#include <boost/test/unit_test.hpp>

#include "tests/protocol/socket/talk.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(options_effect_test)

// Sets one option of a socket.
std::function<void(socket&)> with(socket_option which, const option_value& value) {
  return [=](socket& of) { must(of.set(which, value)); };
}

connection_information information_of(socket& of) {
  const auto known = of.information();
  BOOST_TEST_REQUIRE(known.has_value());
  return *known;
}
spp_statistics statistics_of(socket& of) {
  const auto known = of.statistics();
  BOOST_TEST_REQUIRE(known.has_value());
  return *known;
}
void read_all(socket& from, endpoint&) {
  for (auto got = from.receive({}); got && !got->end;) got = from.receive({});
}

BOOST_AUTO_TEST_CASE(option__allocation_bounds_what_is_held_for_the_program) {
  socket_talk talk;
  talk.before_listening = with(socket_option::allocation, std::int64_t{5});
  talk.run(
      [](socket& to, endpoint& at) {
        for (int i = 0; i < 20; ++i) send_text(to, "x");
        rest(at, 1_s);
        BOOST_TEST(information_of(to).permitted == 0u);
      },
      [](socket& from, endpoint& at) {
        rest(at, 2_s);
        BOOST_TEST(information_of(from).unread_packets == 5u);
        read_all(from, at);
      });
}

BOOST_AUTO_TEST_CASE(option__sender_decides_how_many_packets_leave_at_first) {
  for (const auto& [sender, at_once] : {std::pair{"fixed", 20u}, std::pair{"tahoe", 1u}, std::pair{"newreno", 1u}}) {
    socket_talk talk;
    talk.before_connecting = with(socket_option::sender, std::string(sender));
    talk.run(
        [&](socket& to, endpoint& at) {
          for (int i = 0; i < 20; ++i) send_text(to, "x");
          rest(at, 5_ms);
          BOOST_TEST(information_of(to).in_flight == at_once, sender);
        },
        read_all);
  }
}

BOOST_AUTO_TEST_CASE(option__packet_data_decides_how_many_packets_a_record_takes) {
  for (const auto& [size, packets] : {std::pair{1000, 1u}, std::pair{100, 10u}, std::pair{99, 11u}}) {
    socket_talk talk;
    talk.before_connecting = with(socket_option::packet_data, std::int64_t{size});
    talk.run(
        [&](socket& to, endpoint& at) {
          must(to.send(octets(1000)));
          rest(at, 1_s);
          BOOST_TEST(statistics_of(to).data_packets_sent == packets, size);
        },
        read_all);
  }
}

BOOST_AUTO_TEST_CASE(option__keepalive_asks_a_peer_that_is_silent) {
  for (const duration interval : {0_s, 1_s}) {
    socket_talk talk;
    talk.before_connecting = with(socket_option::keepalive, interval);
    talk.run(
        [&](socket& to, endpoint& at) {
          rest(at, 10'500_ms);
          BOOST_TEST(statistics_of(to).keepalives == (interval == 0_s ? 0u : 10u));
        },
        read_all);
  }
}

// Nobody hears it any more: without progress the connection ends when the option says so.
BOOST_AUTO_TEST_CASE(option__give_up_ends_a_connection_without_progress) {
  for (const duration limit : {5_s, 50_s}) {
    socket_talk talk;
    talk.before_connecting = with(socket_option::give_up, limit);
    talk.run(
        [&](socket& to, endpoint& at) {
          rest(at, 1_s);
          talk.world.world->a_to_b().set_down(true);
          const instant began = at.waiting().now();
          send_text(to, "never heard");
          BOOST_TEST(text_from(to) == "(Connection timed out)");
          BOOST_TEST((at.waiting().now() - began >= limit));
          BOOST_TEST((at.waiting().now() - began < limit + 5_s));
        },
        [](socket&, endpoint& at) { rest(at, 100_s); });
  }
}

BOOST_AUTO_TEST_CASE(option__open_timeout_bounds_an_opening) {
  for (const duration limit : {5_s, 50_s}) {
    socket_world world(10_ms);
    world.settings.a_to_b.loss = 1;
    world.on_a.add([&](endpoint& at) {
      const auto of = must(at.open(socket_type::stream));
      must(of->set(socket_option::open_timeout, limit));
      const instant began = at.waiting().now();
      BOOST_TEST((of->connect(at_b(3000)).error() == std::errc::timed_out));
      BOOST_TEST((at.waiting().now() - began == limit));
    });
    world.run();
  }
}

// The receiving end's own bound: what its peer would send does not count.
BOOST_AUTO_TEST_CASE(option__maximum_record_ends_a_connection_that_brings_a_longer_one) {
  socket_talk talk;
  talk.before_listening = with(socket_option::maximum_record, std::int64_t{5000});
  talk.run(
      [](socket& to, endpoint& at) {
        must(to.send(octets(5000)));
        must(to.send(octets(5001)));
        rest(at, 1_s);
      },
      [](socket& from, endpoint&) {
        BOOST_TEST(text_from(from).size() == 5000u);
        BOOST_TEST(text_from(from) == "(Message too long)");
      });
}

BOOST_AUTO_TEST_CASE(option__send_buffer_bounds_what_waits_to_be_sent) {
  for (const std::size_t most : {10'000u, 100'000u}) {
    socket_talk talk;
    talk.before_connecting = with(socket_option::send_buffer, static_cast<std::int64_t>(most));
    talk.run(
        [&](socket& to, endpoint&) {
          while (to.send(octets(1000), {.do_not_wait = true})) continue;
          BOOST_TEST(information_of(to).queued_octets <= most);
          BOOST_TEST(information_of(to).queued_octets + 1000 + 1000 * most / 10'000 >= most);  // records cost something
        },
        read_all);
  }
}

BOOST_AUTO_TEST_CASE(option__receive_buffer_bounds_the_datagrams_that_wait) {
  socket_world world(10_ms);
  world.on_b.add([](endpoint& at) {
    const auto small = must(at.open(socket_type::datagram)), large = must(at.open(socket_type::datagram));
    must(small->set(socket_option::receive_buffer, std::int64_t{5000}));
    must(small->bind(own(4000)));
    must(large->bind(own(4001)));
    rest(at, 1_s);
    for (const auto& [of, waiting] : {std::pair{small.get(), 5000 / (512 + 130)}, std::pair{large.get(), 50}}) {
      int count = 0;
      octet room[200];
      while (of->receive(room, {.do_not_wait = true})) ++count;
      BOOST_TEST(count == waiting);
    }
  });
  world.on_a.add([](endpoint& at) {
    const auto from = must(at.open(socket_type::datagram));
    for (int i = 0; i < 50; ++i)
      for (const std::uint16_t number : std::initializer_list<std::uint16_t>{4000, 4001})
        must(from->send(octets(100), {.to = at_b(number)}));
  });
  world.run();
}

// An opening is a packet like any other for such a socket, and nobody answers it.
BOOST_AUTO_TEST_CASE(option__all_packets_brings_those_of_protocols_too) {
  for (const bool all : {false, true}) {
    socket_world world(10_ms);
    world.on_b.add([=](endpoint& at) {
      const auto of = must(at.open(socket_type::datagram));
      must(of->set(socket_option::all_packets, all));
      must(of->set(socket_option::receive_timeout, 500_ms));
      must(of->bind(own(4000)));
      octet room[100];
      BOOST_TEST(of->receive(room).has_value() == all);
    });
    world.on_a.add([=](endpoint& at) {
      const auto opening = must(at.open(socket_type::sequenced_packet));
      must(opening->set(socket_option::open_timeout, 800_ms));
      BOOST_TEST(
          (opening->connect(at_b(4000)).error() == (all ? std::errc::timed_out : std::errc::connection_refused)));
    });
    world.run();
  }
}

BOOST_AUTO_TEST_CASE(option__window_bounds_what_is_in_flight) {
  socket_talk talk;
  talk.before_connecting = [](socket& of) { must(of.set(socket_option::window, std::int64_t{3})); };
  talk.run(
      [](socket& to, endpoint& at) {
        for (int i = 0; i < 20; ++i) send_text(to, "x");
        rest(at, 5_ms);  // the first acknowledgement takes 20
        const auto now = to.information();
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
          answers[delayed] = to.statistics()->packets_received;
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
