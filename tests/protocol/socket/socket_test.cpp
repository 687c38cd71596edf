// What all sockets have in common: options by the table, and calls that wait or say that they would.
#include "protocol/socket/socket.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/sim/socket_world.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(socket_test)

BOOST_AUTO_TEST_CASE(set__refuses_the_wrong_kind_and_what_is_out_of_range) {
  socket_world world(10_ms);
  world.on_a.add([](endpoint& at) {
    const auto of = must(at.open(socket_type::sequenced_packet));
    for (const option_description& row : option_table()) {
      if (!row.settable || row.sockets.find('q') == std::string_view::npos) continue;
      const option_value wrong = row.kind == option_kind::boolean ? option_value(std::int64_t{1}) : option_value(true);
      BOOST_TEST((of->set(row.which, wrong).error() == std::errc::argument_out_of_domain), row.name);
      if (row.kind == option_kind::number)
        for (const std::int64_t outside : {row.least - 1, row.most + 1})
          BOOST_TEST((of->set(row.which, outside).error() == std::errc::invalid_argument), row.name);
      if (row.kind == option_kind::time)
        for (const std::int64_t outside : {row.least - 1, row.most + 1})
          BOOST_TEST((of->set(row.which, duration{outside}).error() == std::errc::invalid_argument), row.name);
    }
    BOOST_TEST((of->set(socket_option::sender, std::string("westwood")).error() == std::errc::invalid_argument));
    must(of->set(socket_option::sender, std::string("newreno")));
  });
  world.run();
}

BOOST_AUTO_TEST_CASE(get__pending_error_is_told_once) {
  socket_world world(10_ms);
  world.on_a.add([](endpoint& at) {
    const auto of = must(at.open(socket_type::sequenced_packet));
    must(of->set(socket_option::non_blocking, true));
    BOOST_TEST((of->connect(at_b(99)).error() == std::errc::operation_in_progress));
    rest(at, 1_s);
    BOOST_TEST(of->ready().error);
    BOOST_TEST(std::get<std::int64_t>(must(of->get(socket_option::pending_error))) ==
               static_cast<int>(std::errc::connection_refused));
    BOOST_TEST(std::get<std::int64_t>(must(of->get(socket_option::pending_error))) == 0);
  });
  world.run();
}

BOOST_AUTO_TEST_CASE(wait_until__each_way_of_not_waiting) {
  socket_world world(10_ms);
  world.on_a.add([](endpoint& at) {
    const auto of = must(at.open(socket_type::datagram));
    octet buffer[1];
    const instant before = at.waiting().now();
    BOOST_TEST((of->receive(buffer, {.do_not_wait = true}).error() == std::errc::operation_would_block));
    must(of->set(socket_option::non_blocking, true));
    BOOST_TEST((of->receive(buffer).error() == std::errc::operation_would_block));
    BOOST_TEST((at.waiting().now() == before));
    must(of->set(socket_option::non_blocking, false));
    must(of->set(socket_option::receive_timeout, 7_ms));
    BOOST_TEST((of->receive(buffer).error() == std::errc::operation_would_block));
    BOOST_TEST((at.waiting().now() - before == 7_ms));
  });
  world.run();
}

BOOST_AUTO_TEST_SUITE_END()
