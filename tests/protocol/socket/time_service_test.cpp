// Time: asked of a host and of everybody, answered from a clock that the test holds.
#include "protocol/socket/time_service.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/sim/socket_world.hpp"

using namespace seqwire;
using namespace seqwire::test;

namespace {

// 2026-01-01 00:00 UTC, an hour east.
const time_of_day new_year = [] {
  time_of_day time = utc_time_of_day(1'767'225'600);
  time.offset_hours = 1;
  return time;
}();

}  // namespace

BOOST_AUTO_TEST_SUITE(time_service_test)

BOOST_AUTO_TEST_CASE(unix_seconds__of_1901_1970_and_2037) {
  BOOST_TEST(utc_time_of_day(0).seconds == 0x81c94b00u);
  BOOST_TEST(utc_time_of_day(-2177452800).seconds == 0u);
  BOOST_TEST(utc_time_of_day(2117514495).seconds == 0xffffffffu);  // 2037-02-06 06:28:15 UTC, the last second
  BOOST_TEST(unix_seconds(new_year) == 1'767'225'600u);
}

BOOST_AUTO_TEST_CASE(ask_time__a_host_and_everybody) {
  socket_world world(10_ms, {.privileged = true});
  world.on_b.add([](endpoint& at) {
    time_server server(at, [] { return new_year; });
    must(server.answer_next());
    must(server.answer_next());
  });
  world.on_a.add([](endpoint& at) {
    const auto told = must(ask_time(at, at_b(8)));
    BOOST_TEST((told.time == new_year));
    BOOST_TEST((told.from == at_b(8)));
    BOOST_TEST(told.round_trip.nanoseconds == (20_ms).nanoseconds);
    BOOST_TEST((must(ask_time(at, {simulation::network, broadcast_host, time_socket})).time == new_year));
  });
  world.run();
}

BOOST_AUTO_TEST_CASE(answer_next__passes_over_other_questions) {
  socket_world world(10_ms, {.privileged = true});
  int answered = 0;
  world.on_b.add([&](endpoint& at) {
    time_server server(at, [] { return new_year; });
    must(server.answer_next());
    ++answered;
  });
  world.on_a.add([](endpoint& at) {
    const exchange_policy once{.attempts = 1, .first_wait = 1_s};
    exchange_requester requester(at, once);
    const auto ask = [&](exchange_client client, octets_view data) {
      return requester.request(at_b(8), client, data).has_value();
    };
    BOOST_TEST(!ask(exchange_client::clearinghouse, time_request()));
    BOOST_TEST(!ask(exchange_client::time, time_response(new_year)));
    BOOST_TEST(!ask(exchange_client::time, view_of("odd")));
    BOOST_TEST(ask(exchange_client::time, time_request()));
  });
  world.run();
  BOOST_TEST(answered == 1);
}

BOOST_AUTO_TEST_CASE(ask_time__an_answer_that_is_none) {
  socket_world world(10_ms, {.privileged = true});
  world.on_b.add([](endpoint& at) {
    exchange_responder responder(at, time_socket);
    must(responder.reply(must(responder.next()), view_of("noon")));
  });
  world.on_a.add([](endpoint& at) { BOOST_TEST((ask_time(at, at_b(8)).error() == std::errc::bad_message)); });
  world.run();
}

BOOST_AUTO_TEST_SUITE_END()
