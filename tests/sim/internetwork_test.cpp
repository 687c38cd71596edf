// Hosts beyond routers, in virtual time: routes are learned, connections cross them, and find another way when one
// goes.
#include "sim/internetwork.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/sim/socket_world.hpp"

using namespace seqwire;
using namespace seqwire::test;

namespace {

constexpr duration learning = 20_s;  // two routers have told each other by then

host_number number(std::uint64_t last) { return host_number{0x020000000000 + last}; }

xns_address address(std::uint32_t network, std::uint64_t host) {
  return {network_number{network}, number(host), socket_number{2}};
}

simulated_connection wire(std::size_t a, std::size_t b, std::uint32_t network) {
  simulated_connection link{.a = a, .b = b, .network = network_number{network}, .a_to_b = {}, .b_to_a = {}};
  link.a_to_b.delay = link.b_to_a.delay = 5_ms;
  return link;
}

// a -1- r -2- s -3- b
struct chain {
  chain() {
    net.add({.name = "a", .number = number(0xa), .program = &on_a});
    net.add({.name = "r", .number = number(1), .forwards = true});
    net.add({.name = "s", .number = number(2), .forwards = true});
    net.add({.name = "b", .number = number(0xb), .program = &on_b});
    for (std::uint32_t network = 1; network <= 3; ++network) net.add(wire(network - 1, network, network));
    net.build();
  }
  const xns_address b{network_number{3}, number(0xb), socket_number{3000}};
  internetwork net{1, nullptr};
  simulated_programs on_a, on_b;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(internetwork_test)

BOOST_AUTO_TEST_CASE(run__routers_learn_every_network_and_hosts_hear_of_them) {
  chain of;
  of.on_a.add([](endpoint&) {});
  of.on_b.add([](endpoint&) {});
  of.net.run(learning);
  const auto routes_of = [&](std::size_t host) {
    std::string text;
    for (const route& each : of.net.on(host).routing().routes())
      text += std::to_string(static_cast<std::uint32_t>(each.network)) + ":" + std::to_string(each.metric) + " ";
    return text;
  };
  BOOST_TEST(routes_of(0) == "1:0 2:1 3:2 ");
  BOOST_TEST(routes_of(1) == "1:0 2:0 3:1 ");
  BOOST_TEST(routes_of(2) == "2:0 3:0 1:1 ");
  BOOST_TEST(routes_of(3) == "3:0 1:2 2:1 ");
}

BOOST_AUTO_TEST_CASE(run__records_cross_two_routers_that_lose) {
  chain of;
  std::string got;
  of.on_b.add([&](endpoint& at) {
    const auto listening = listener(at, 3000);
    const auto talk = must(listening->accept());
    for (std::string text = text_from(*talk); text != "(end)"; text = text_from(*talk)) got += '[' + text + ']';
  });
  of.on_a.add([&](endpoint& at) {
    rest(at, learning);
    const auto talk = must(at.open(socket_type::sequenced_packet));
    must(talk->connect(of.b));
    // Beyond routers packets are of the classic size.
    BOOST_TEST(std::get<std::int64_t>(must(talk->get(socket_option::packet_data))) == 534);
    for (const std::string text : {"one", "two", "three"}) send_text(*talk, text);
  });
  BOOST_TEST(of.net.run_until_finished(200_s));
  BOOST_TEST(got == "[one][two][three]");
  BOOST_TEST(of.net.on(1).statistics().forwarded > 6u);
}

BOOST_AUTO_TEST_CASE(run__a_network_that_nobody_knows_is_unreachable_here_and_beyond) {
  chain of;
  of.on_b.add([](endpoint&) {});
  of.on_a.add([&](endpoint& at) {
    const auto too_early = must(at.open(socket_type::sequenced_packet));
    BOOST_TEST((too_early->connect(of.b).error() == std::errc::network_unreachable));
    rest(at, learning);
    xns_address nowhere = of.b;
    nowhere.network = network_number{77};
    const auto talk = must(at.open(socket_type::sequenced_packet));
    BOOST_TEST((talk->connect(nowhere).error() == std::errc::network_unreachable));
    const auto datagram = must(at.open(socket_type::datagram));
    BOOST_TEST((datagram->send(view_of("x"), {.to = nowhere}).error() == std::errc::network_unreachable));
  });
  BOOST_TEST(of.net.run_until_finished(200_s));
}

// What an Error quotes has passed routers: neither its hop count nor its checksum is what was sent.
BOOST_AUTO_TEST_CASE(run__errors_from_afar_come_back_as_errors_of_the_socket) {
  chain of;
  of.on_b.add([](endpoint&) {});
  of.on_a.add([&](endpoint& at) {
    rest(at, learning);
    const auto datagram = must(at.open(socket_type::datagram));
    must(datagram->set(socket_option::receive_timeout, 1_s));
    must(datagram->connect(of.b));
    must(datagram->send(view_of("nobody listens there")));
    BOOST_TEST(text_from(*datagram) == "(" + std::make_error_code(std::errc::connection_refused).message() + ")");
  });
  BOOST_TEST(of.net.run_until_finished(200_s));
}

BOOST_AUTO_TEST_CASE(run__hop_limit_ends_what_sixteen_routers_would_carry) {
  internetwork net(1, nullptr);
  simulated_programs on_a, on_b;
  net.add({.name = "a", .number = number(0xa), .program = &on_a});
  for (std::uint64_t i = 1; i <= 16; ++i)
    net.add({.name = "r" + std::to_string(i), .number = number(i), .forwards = true});
  net.add({.name = "b", .number = number(0xb), .program = &on_b});
  for (std::uint32_t network = 1; network <= 17; ++network) net.add(wire(network - 1, network, network));
  net.build();
  on_b.add([](endpoint&) {});
  on_a.add([](endpoint& at) {
    rest(at, 300_s);
    const auto probe = must(at.open(socket_type::datagram));
    must(probe->set(socket_option::receive_timeout, 1_s));
    // Fifteen routers away is as far as routes are told; the sixteenth's network is beyond infinity.
    BOOST_TEST((probe->send(view_of("x"), {.to = address(17, 0xb)}).error() == std::errc::network_unreachable));
    BOOST_TEST(probe->send(view_of("x"), {.to = address(16, 16)}).has_value());
  });
  BOOST_TEST(net.run_until_finished(400_s));
}

// a -1- r -2- s -5- b, and a longer way from r to s over t.
BOOST_AUTO_TEST_CASE(run__a_connection_follows_the_routes_when_a_router_goes) {
  internetwork net(1, nullptr);
  simulated_programs on_a, on_b;
  const std::size_t a = net.add({.name = "a", .number = number(0xa), .program = &on_a});
  const std::size_t r = net.add({.name = "r", .number = number(1), .forwards = true});
  const std::size_t s = net.add({.name = "s", .number = number(2), .forwards = true});
  const std::size_t t = net.add({.name = "t", .number = number(3), .forwards = true});
  const std::size_t b = net.add({.name = "b", .number = number(0xb), .program = &on_b});
  net.add(wire(a, r, 1));
  const std::size_t short_way = net.add(wire(r, s, 2));
  net.add(wire(r, t, 3));
  net.add(wire(t, s, 4));
  net.add(wire(s, b, 5));
  net.build();
  std::string got;
  on_b.add([&](endpoint& at) {
    const auto listening = listener(at, 3000);
    const auto talk = must(listening->accept());
    for (std::string text = text_from(*talk); text != "(end)"; text = text_from(*talk)) got += '[' + text + ']';
  });
  on_a.add([&](endpoint& at) {
    rest(at, 40_s);
    const auto talk = must(at.open(socket_type::sequenced_packet));
    must(talk->set(socket_option::give_up, 1000_s));
    must(talk->connect({network_number{5}, number(0xb), socket_number{3000}}));
    send_text(*talk, "before");
    rest(at, 1_s);
    BOOST_TEST(net.on(t).statistics().forwarded == 0u);
    net.a_to_b(short_way).set_down(true);
    net.b_to_a(short_way).set_down(true);
    send_text(*talk, "after");
    rest(at, 300_s);
    BOOST_TEST(net.on(t).statistics().forwarded > 0u);
  });
  BOOST_TEST(net.run_until_finished(1000_s));
  BOOST_TEST(got == "[before][after]");
}

BOOST_AUTO_TEST_SUITE_END()
