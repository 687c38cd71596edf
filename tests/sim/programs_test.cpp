// Programs that block, in virtual time: they wait for each other, for the clock, and are ended when the run is over.
#include "sim/programs.hpp"

#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <string>

#include "tests/sim/socket_world.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(programs_test)

BOOST_AUTO_TEST_CASE(wait__programs_exchange_records_and_time_passes_only_on_the_link) {
  std::string story;
  socket_world world(10_ms);
  world.on_b.add([&](endpoint& at) {
    auto listening = listener(at, 3000);
    auto talk = must(listening->accept());
    story += "b accepted; ";
    story += "b got " + text_from(*talk) + "; ";
    send_text(*talk, "pong");
  });
  world.on_a.add([&](endpoint& at) {
    auto talk = connected(at, socket_type::sequenced_packet, 3000);
    story += "a connected; ";
    send_text(*talk, "ping");
    story += "a got " + text_from(*talk) + "; ";
  });
  world.run();
  BOOST_TEST(story == "a connected; b accepted; b got ping; a got pong; ");
}

BOOST_AUTO_TEST_CASE(wait__a_timeout_takes_its_time_and_no_more) {
  duration waited{};
  socket_world world(10_ms);
  world.on_a.add([&](endpoint& at) {
    const auto socket = must(at.open(socket_type::datagram));
    BOOST_TEST(socket->set(socket_option::receive_timeout, 1500_ms).has_value());
    const instant before = at.waiting().now();
    octet nothing[1];
    BOOST_TEST((socket->receive(nothing).error() == std::errc::operation_would_block));
    waited = at.waiting().now() - before;
  });
  world.run();
  BOOST_TEST((waited == 1500_ms));
}

BOOST_AUTO_TEST_CASE(leave__a_program_that_waits_for_ever_is_interrupted) {
  std::error_code told;
  {
    socket_world world(10_ms);
    world.on_a.add([&](endpoint& at) {
      auto listening = listener(at, 3000);
      told = listening->accept().error();
    });
    world.run();
    BOOST_TEST(!told);
  }
  BOOST_TEST((told == std::errc::interrupted));
}

BOOST_AUTO_TEST_CASE(run__what_a_program_throws_comes_out) {
  socket_world world(10_ms);
  world.on_a.add([](endpoint&) { throw std::runtime_error("from a program"); });
  BOOST_CHECK_THROW(world.run(), std::runtime_error);
}

// The others are told that it is over. One that does not care is ended, with what it holds.
BOOST_AUTO_TEST_CASE(run__what_a_program_throws_comes_out_whatever_the_others_do) {
  bool gone = false;
  struct notes_its_end {
    bool& noted;
    ~notes_its_end() { noted = true; }
  };
  {
    socket_world world(10_ms);
    world.on_b.add([&](endpoint& at) {
      const notes_its_end on_the_stack{gone};
      auto talk = must(listener(at, 3000)->accept());
      must(talk->set(socket_option::linger, 10_s));  // waits once more when it goes
      while (text_from(*talk) != "what nobody says") continue;
    });
    world.on_a.add([](endpoint& at) {
      auto talk = connected(at, socket_type::sequenced_packet, 3000);
      rest(at, 1_s);
      throw std::runtime_error("from a program");
    });
    BOOST_CHECK_THROW(world.run(), std::runtime_error);
  }
  BOOST_TEST(gone);
}

BOOST_AUTO_TEST_SUITE_END()
