// Packet Exchange: requests are repeated until the reply comes, whatever is lost; the responder answers each.
#include "protocol/socket/exchange.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/sim/socket_world.hpp"

using namespace seqwire;
using namespace seqwire::test;

namespace {

const socket_number service{4000};
constexpr exchange_client own_client{77};

std::string text_of(const octets& data) { return {data.begin(), data.end()}; }

// Answers each request with its own data in brackets, `times` times.
void answer(socket_world& world, int times, int& answered) {
  world.on_b.add([times, &answered](endpoint& at) {
    exchange_responder responder(at, service);
    must(responder.below().set(socket_option::receive_timeout, 60_s));
    for (; answered < times; ++answered) {
      const auto request = responder.next();
      if (!request) return;
      must(responder.reply(*request, view_of("[" + text_of(request->data) + "]")));
    }
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exchange_test)

BOOST_AUTO_TEST_CASE(request__reply_has_the_requests_id_and_client_type) {
  socket_world world(10_ms);
  int answered = 0;
  answer(world, 2, answered);
  world.on_a.add([](endpoint& at) {
    exchange_requester requester(at);
    const auto first = must(requester.request(at_b(4000), own_client, view_of("one")));
    BOOST_TEST(text_of(first.data) == "[one]");
    BOOST_TEST((first.from == at_b(4000)));
    BOOST_TEST((first.header.client_type == own_client));
    const auto second = must(requester.request(at_b(4000), own_client, view_of("")));
    BOOST_TEST(text_of(second.data) == "[]");
    BOOST_TEST(second.header.id == first.header.id + 1);
    BOOST_TEST(requester.attempts() == 1);
    BOOST_TEST(at.waiting().now().nanoseconds == (40_ms).nanoseconds);
  });
  world.run();
  BOOST_TEST(answered == 2);
}

BOOST_AUTO_TEST_CASE(request__is_repeated_with_the_same_id_until_a_reply_comes) {
  socket_world world(10_ms);
  world.settings.a_to_b.drop = {0};  // the first request
  world.settings.b_to_a.drop = {0};  // the reply to the second
  int answered = 0;
  answer(world, 2, answered);
  world.on_a.add([](endpoint& at) {
    exchange_requester requester(at, {.attempts = 3, .first_wait = 1_s});
    BOOST_TEST(text_of(must(requester.request(at_b(4000), own_client, view_of("x"))).data) == "[x]");
    BOOST_TEST(requester.attempts() == 3);
    BOOST_TEST(at.waiting().now().nanoseconds == (3_s + 20_ms).nanoseconds);  // after 1 s, after 2 s more
  });
  world.run();
  BOOST_TEST(answered == 2);
}

BOOST_AUTO_TEST_CASE(request__gives_up_after_its_attempts) {
  socket_world world(10_ms);
  world.settings.a_to_b.loss = 1;
  world.on_a.add([](endpoint& at) {
    exchange_requester requester(at, {.attempts = 3, .first_wait = 1_s});
    const auto reply = requester.request(at_b(4000), own_client, view_of("x"));
    BOOST_TEST((reply.error() == std::errc::timed_out));
    BOOST_TEST(at.waiting().now().nanoseconds == (7_s).nanoseconds);
  });
  world.on_b.add([](endpoint&) {});
  world.run();
  BOOST_TEST(world.world->a_to_b().statistics().offered == 3u);
}

BOOST_AUTO_TEST_CASE(request__to_a_number_that_nobody_has_is_refused_at_once) {
  socket_world world(10_ms);
  world.on_a.add([](endpoint& at) {
    exchange_requester requester(at);
    BOOST_TEST((requester.request(at_b(4001), own_client, {}).error() == std::errc::connection_refused));
    BOOST_TEST(at.waiting().now().nanoseconds == (20_ms).nanoseconds);
  });
  world.on_b.add([](endpoint&) {});
  world.run();
}

// A late reply to an earlier request, and a stranger's with the right id, answer nothing.
BOOST_AUTO_TEST_CASE(request__believes_only_its_own_id) {
  socket_world world(10_ms);
  world.on_b.add([](endpoint& at) {
    exchange_responder responder(at, service);
    auto request = must(responder.next());
    --request.header.id;
    must(responder.reply(request, view_of("late")));
    ++request.header.id;
    must(responder.reply(request, view_of("right")));
  });
  world.on_a.add([](endpoint& at) {
    exchange_requester requester(at);
    BOOST_TEST(text_of(must(requester.request(at_b(4000), own_client, {})).data) == "right");
  });
  world.run();
}

BOOST_AUTO_TEST_CASE(request__to_everybody_takes_the_first_answer) {
  socket_world world(10_ms);
  int answered = 0;
  answer(world, 1, answered);
  world.on_a.add([](endpoint& at) {
    exchange_requester requester(at);
    const xns_address everybody{simulation::network, broadcast_host, service};
    const auto reply = must(requester.request(everybody, own_client, view_of("who")));
    BOOST_TEST((reply.from == at_b(4000)));
  });
  world.run();
}

BOOST_AUTO_TEST_CASE(next__passes_over_what_is_no_packet_exchange) {
  socket_world world(10_ms);
  std::string got;
  world.on_b.add([&](endpoint& at) {
    exchange_responder responder(at, service);
    got = text_of(must(responder.next()).data);
  });
  world.on_a.add([](endpoint& at) {
    const auto plain = must(at.open(socket_type::datagram, packet_type::packet_exchange));
    must(plain->send(view_of("short"), {.to = at_b(4000)}));
    must(plain->send(view_of("\1\2\3\4\1\2whole"), {.to = at_b(4000)}));
  });
  world.run();
  BOOST_TEST(got == "whole");
}

BOOST_AUTO_TEST_CASE(exchange_responder__needs_a_number_that_is_free_and_permitted) {
  socket_world world(10_ms);
  world.on_a.add([](endpoint& at) {
    exchange_responder first(at, service);
    BOOST_CHECK_THROW(exchange_responder(at, service), std::system_error);
    BOOST_CHECK_THROW(exchange_responder(at, socket_number{8}), std::system_error);
  });
  world.on_b.add([](endpoint&) {});
  world.run();
}

BOOST_AUTO_TEST_SUITE_END()
