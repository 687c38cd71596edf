// An endpoint: which sockets it opens, waiting for several at once, and what it does in the background.
#include "protocol/socket/endpoint.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/protocol/host/hosts.hpp"
#include "tests/sim/socket_world.hpp"

using namespace seqwire;
using namespace seqwire::test;

namespace {

// An endpoint on a link that is full; it takes `room_later` packets from an instant on.
struct stuck_endpoint final : waiter {
  instant now() override { return time; }
  bool wait(instant until) override {
    time = until;
    if (time >= room_at) on.room = std::exchange(room_later, 0);
    flush();
    return true;
  }
  void flush() override {
    driving.drive(time, [this] { return at.step(time, under); });
  }
  std::size_t held() const override { return driving.held(); }

  instant time{};
  instant room_at = instant::never();
  std::size_t room_later = 0;
  memory_link on;
  host under{settings(number_a)};
  seqwire::link* links[1]{&on};
  driver driving{under, links};
  endpoint at{*this};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(endpoint_test)

BOOST_AUTO_TEST_CASE(open__up_to_the_limit_and_again_when_one_was_closed) {
  socket_world world(10_ms, {.maximum_sockets = 2});
  world.on_a.add([](endpoint& at) {
    auto first = must(at.open(socket_type::datagram));
    const auto second = must(at.open(socket_type::stream));
    BOOST_TEST((at.open(socket_type::datagram).error() == std::errc::too_many_files_open));
    first.reset();
    must(at.open(socket_type::datagram));
  });
  world.run();
}

// What cannot be accepted waits until it can.
BOOST_AUTO_TEST_CASE(accept__counts_for_the_limit_too) {
  socket_world world(10_ms, {.maximum_sockets = 2});
  world.on_b.add([](endpoint& at) {
    const auto listening = listener(at, 3000);
    auto other = must(at.open(socket_type::datagram));
    BOOST_TEST((listening->accept().error() == std::errc::too_many_files_open));
    other.reset();
    BOOST_TEST(text_from(*must(listening->accept())) == "patient");
  });
  world.on_a.add([](endpoint& at) { send_text(*connected(at, socket_type::sequenced_packet, 3000), "patient"); });
  world.run();
}

BOOST_AUTO_TEST_CASE(poll__tells_which_of_several_are_ready_and_how) {
  socket_world world(10_ms);
  world.on_b.add([](endpoint& at) {
    const auto listening = listener(at, 3000);
    const auto datagrams = must(at.open(socket_type::datagram));
    must(datagrams->bind(own(4000)));
    endpoint::poll_entry entries[] = {{.of = listening.get(), .wanted = {.readable = true}},
                                      {.of = datagrams.get(), .wanted = {.readable = true}}};
    BOOST_TEST(must(at.poll(entries, 1_ms)) == 0u);
    BOOST_TEST(must(at.poll(entries, std::nullopt)) == 1u);
    BOOST_TEST(!entries[0].is.readable);
    BOOST_TEST(entries[1].is.readable);
    BOOST_TEST(text_from(*datagrams) == "first");
    BOOST_TEST(must(at.poll(entries, std::nullopt)) == 1u);
    BOOST_TEST(entries[0].is.readable);
    const auto talk = must(listening->accept());
    BOOST_TEST(text_from(*talk) == "(end)");
  });
  world.on_a.add([](endpoint& at) {
    const auto datagrams = must(at.open(socket_type::datagram));
    send_text(*datagrams, "first", {.to = at_b(4000)});
    rest(at, 1_s);
    connected(at, socket_type::sequenced_packet, 3000);
  });
  world.run();
}

BOOST_AUTO_TEST_CASE(drain__waits_for_what_closed_sockets_still_send) {
  socket_world world(10_ms);
  std::size_t arrived = 0;
  bool drained = false;
  world.on_b.add([&](endpoint& at) {
    const auto listening = listener(at, 3000);
    const auto talk = must(listening->accept());
    arrived = text_from(*talk, {}, 100'000).size();
  });
  world.on_a.add([&](endpoint& at) {
    auto talk = connected(at, socket_type::sequenced_packet, 3000);
    must(talk->send(octets(100'000)));
    talk.reset();
    BOOST_TEST(!at.drain(1_ms));
    const instant before = at.waiting().now();
    drained = at.drain(60_s);
    BOOST_TEST((at.waiting().now() - before < 30_s));
  });
  world.run();
  BOOST_TEST(arrived == 100'000u);
  BOOST_TEST(drained);
}

// More of them than one batch: some wait with the host, some with whoever drives it.
BOOST_AUTO_TEST_CASE(drain__waits_for_datagrams_that_a_full_link_has_not_taken) {
  for (const std::size_t taken : {0u, 70u, 100u}) {
    stuck_endpoint stuck;
    stuck.flush();
    stuck.on.room = 0;
    stuck.room_at = instant{} + 300_ms;
    stuck.room_later = taken;
    {
      const auto datagrams = must(stuck.at.open(socket_type::datagram));
      for (int i = 0; i < 100; ++i)
        send_text(*datagrams, "one", {.to = xns_address{network_number{1}, number_b, service}});
    }
    BOOST_TEST(stuck.at.unsent() == 100u);
    BOOST_TEST(stuck.at.drain(1_s) == (taken == 100));
    BOOST_TEST(stuck.at.unsent() == 100 - taken);
    BOOST_TEST(stuck.on.sent.size() == taken);
    BOOST_TEST((stuck.time == instant{} + (taken == 100 ? 300_ms : 1_s)));
  }
}

// A program that closes its listener leaves those outside with an answer, and nothing behind.
// A socket that was accepted and closed goes on sending in the background, also without its listener.
BOOST_AUTO_TEST_CASE(step__a_closed_child_outlives_its_listener) {
  socket_world world(10_ms);
  std::size_t arrived = 0;
  world.on_b.add([](endpoint& at) {
    auto listening = listener(at, 3000);
    auto talk = must(listening->accept());
    listening.reset();
    must(talk->send(octets(1'000'000)));
    talk.reset();
    BOOST_TEST(at.drain(60_s));
  });
  world.on_a.add([&](endpoint& at) {
    const auto talk = connected(at, socket_type::sequenced_packet, 3000);
    send_text(*talk, "meanwhile");
    arrived = text_from(*talk, {}, 1'000'000).size();
    BOOST_TEST(text_from(*talk) == "(end)");
  });
  world.run();
  BOOST_TEST(arrived == 1'000'000u);
}

BOOST_AUTO_TEST_CASE(step__connections_that_nobody_accepted_are_ended) {
  socket_world world(10_ms);
  world.on_b.add([](endpoint& at) {
    auto listening = listener(at, 3000);
    rest(at, 1_s);
    listening.reset();
    BOOST_TEST(at.drain(10_s));
  });
  world.on_a.add([](endpoint& at) {
    const auto talk = connected(at, socket_type::sequenced_packet, 3000);
    rest(at, 2_s);
    send_text(*talk, "anybody?");
    BOOST_TEST(text_from(*talk) == "(Connection reset by peer)");
  });
  world.run();
}

BOOST_AUTO_TEST_SUITE_END()
