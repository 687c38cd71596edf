// Datagram and raw sockets as programs see them.
#include "protocol/socket/idp_socket.hpp"

#include <boost/test/unit_test.hpp>

#include "protocol/wire/echo.hpp"
#include "tests/protocol/socket/talk.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(idp_socket_test)

endpoint_config privileged() { return {.privileged = true}; }

octets idp_header_octets(packet_type type, const xns_address& from, const xns_address& to) {
  idp_header header{};
  header.packet_type = type;
  header.source_network = from.network;
  header.source_host = from.host;
  header.source_socket = from.socket;
  header.destination_network = to.network;
  header.destination_host = to.host;
  header.destination_socket = to.socket;
  octets encoded(idp_layout::octets);
  idp_layout::encode(header, encoded.data());
  return encoded;
}

BOOST_AUTO_TEST_CASE(datagram__goes_to_the_address_of_each_send_and_comes_with_its_source) {
  socket_world world(10_ms);
  world.on_b.add([](endpoint& at) {
    const auto server = must(at.open(socket_type::datagram));
    must(server->bind(own(4000)));
    octets buffer;
    const received question = receive_into(*server, buffer, 100);
    BOOST_TEST(std::string(buffer.begin(), buffer.begin() + 8) == "question");
    send_text(*server, "answer", {.to = question.from});
  });
  world.on_a.add([](endpoint& at) {
    const auto client = must(at.open(socket_type::datagram));
    BOOST_TEST((client->send(view_of("x")).error() == std::errc::destination_address_required));
    send_text(*client, "question", {.to = at_b(4000)});
    octets buffer;
    const received answer = receive_into(*client, buffer, 3);
    BOOST_TEST((answer.from == at_b(4000)));
    BOOST_TEST(answer.truncated);
    BOOST_TEST(answer.true_size == 6u);
    BOOST_TEST((client->send(octets(1471), {.to = at_b(4000)}).error() == std::errc::message_size));
  });
  world.run();
}

BOOST_AUTO_TEST_CASE(datagram__connected_gets_errors_and_only_its_peers_packets) {
  socket_world world(10_ms);
  world.on_a.add([](endpoint& at) {
    const auto client = must(at.open(socket_type::datagram, packet_type{20}));
    must(client->connect(at_b(4000)));
    BOOST_TEST((must(client->peer()) == at_b(4000)));
    send_text(*client, "to nobody");
    octet buffer[10];
    BOOST_TEST((client->receive(buffer).error() == std::errc::connection_refused));
    send_text(*client, "again");
    endpoint::poll_entry entry{.of = client.get()};
    BOOST_TEST(must(at.poll({&entry, 1}, 1_s)) == 1u);
    BOOST_TEST(entry.is.error);
    BOOST_TEST(std::get<std::int64_t>(must(client->get(socket_option::pending_error))) ==
               static_cast<int>(std::errc::connection_refused));
    must(client->connect({}));
    BOOST_TEST((client->peer().error() == std::errc::not_connected));
  });
  world.run();
}

BOOST_AUTO_TEST_CASE(datagram__one_destinations_error_keeps_no_packet_from_another) {
  for (const bool all_errors : {false, true}) {
    socket_world world(10_ms);
    std::string arrived;
    world.on_b.add([&](endpoint& at) {
      const auto server = must(at.open(socket_type::datagram));
      must(server->bind(own(4000)));
      arrived = text_from(*server);
    });
    world.on_a.add([&](endpoint& at) {
      const auto client = must(at.open(socket_type::datagram));
      must(client->set(socket_option::all_errors, all_errors));
      send_text(*client, "to nobody", {.to = at_b(4999)});
      rest(at, 1_s);
      BOOST_TEST(client->ready().error == all_errors);
      BOOST_TEST(client->ready().readable == all_errors);
      if (all_errors)
        BOOST_TEST((client->send(view_of("x"), {.to = at_b(4000)}).error() == std::errc::connection_refused));
      send_text(*client, "to the good one", {.to = at_b(4000)});
      BOOST_TEST(std::get<std::int64_t>(must(client->get(socket_option::pending_error))) ==
                 (all_errors ? 0 : static_cast<int>(std::errc::connection_refused)));
      rest(at, 1_s);
    });
    world.run();
    BOOST_TEST(arrived == "to the good one");
  }
}

BOOST_AUTO_TEST_CASE(datagram__headers_come_with_the_data_when_asked_for) {
  socket_world world(10_ms);
  world.on_b.add([](endpoint& at) {
    const auto server = must(at.open(socket_type::datagram));
    must(server->bind(own(4000)));
    must(server->set(socket_option::headers_on_input, true));
    octets buffer;
    const received one = receive_into(*server, buffer, 100);
    BOOST_REQUIRE(one.size == 33u);
    BOOST_TEST((idp_layout::decode(buffer.data()).packet_type == packet_type{20}));
    BOOST_TEST((idp_layout::decode(buffer.data()).source() == one.from));
  });
  world.on_a.add([](endpoint& at) {
    const auto client = must(at.open(socket_type::datagram));
    must(client->set(socket_option::default_header, idp_header_octets(packet_type{20}, {}, {})));
    const octets header = std::get<octets>(must(client->get(socket_option::default_header)));
    BOOST_TEST((idp_layout::decode(header.data()).packet_type == packet_type{20}));
    send_text(*client, "abc", {.to = at_b(4000)});
  });
  world.run();
}

BOOST_AUTO_TEST_CASE(datagram__headers_on_output_may_claim_any_source_and_need_the_privilege) {
  for (const bool permitted : {false, true}) {
    socket_world world(10_ms, {.privileged = permitted});
    const xns_address claimed{network_number{9}, host_number{0x02000000000c}, socket_number{77}};
    world.on_b.add([&](endpoint& at) {
      const auto server = must(at.open(socket_type::datagram));
      must(server->bind(own(4000)));
      if (!permitted) return;
      octets buffer;
      BOOST_TEST((receive_into(*server, buffer, 100).from == claimed));
    });
    world.on_a.add([&](endpoint& at) {
      const auto client = must(at.open(socket_type::datagram));
      const auto set = client->set(socket_option::headers_on_output, true);
      BOOST_TEST(set.has_value() == permitted);
      if (!permitted) {
        BOOST_TEST((set.error() == std::errc::operation_not_permitted));
        return;
      }
      BOOST_TEST((client->send(octets(29)).error() == std::errc::invalid_argument));
      octets whole = idp_header_octets(packet_type{20}, claimed, at_b(4000));
      whole.push_back('x');
      BOOST_TEST(must(client->send(whole)) == 31u);
    });
    world.run();
  }
}

BOOST_AUTO_TEST_CASE(datagram__exchange_ids_go_up_by_one) {
  socket_world world(10_ms);
  world.on_a.add([](endpoint& at) {
    const auto client = must(at.open(socket_type::datagram));
    const auto first = std::get<std::int64_t>(must(client->get(socket_option::exchange_id)));
    BOOST_TEST(std::get<std::int64_t>(must(client->get(socket_option::exchange_id))) == ((first + 1) & 0xffffffff));
  });
  world.run();
}

BOOST_AUTO_TEST_CASE(datagram__broadcast_reaches_every_host_and_must_be_wanted) {
  socket_world world(10_ms);
  world.on_b.add([](endpoint& at) {
    const auto server = must(at.open(socket_type::datagram));
    must(server->bind(own(4000)));
    BOOST_TEST(text_from(*server) == "everybody");
  });
  world.on_a.add([](endpoint& at) {
    const auto client = must(at.open(socket_type::datagram));
    const send_options to_everybody{.to = xns_address{local_network, broadcast_host, socket_number{4000}}};
    BOOST_TEST((client->send(view_of("x"), to_everybody).error() == std::errc::permission_denied));
    must(client->set(socket_option::broadcast, true));
    send_text(*client, "everybody", to_everybody);
  });
  world.run();
}

// Packets to a group reach the sockets that joined it, by their number, and nobody else.
BOOST_AUTO_TEST_CASE(datagram__multicast_reaches_those_who_joined) {
  const host_number group{0x090000000007};
  socket_world world(10_ms);
  world.on_b.add([&](endpoint& at) {
    const auto member = must(at.open(socket_type::datagram));
    const auto other = must(at.open(socket_type::datagram));
    must(member->set(socket_option::groups, "090000000007,090000000008"));
    must(member->bind(own(4000)));
    must(other->bind(own(4001)));
    must(other->set(socket_option::receive_timeout, 1_s));
    BOOST_TEST(text_from(*member) == "first");
    BOOST_TEST(std::get<std::string>(must(member->get(socket_option::groups))) == "090000000007,090000000008");
    must(member->set(socket_option::groups, "090000000008"));
    BOOST_TEST(!other->receive({}).has_value());
    must(member->set(socket_option::receive_timeout, 1_s));
    BOOST_TEST(!member->receive({}).has_value());
    BOOST_TEST(at.on().statistics().drops[drop_reason::not_for_this_host] == 2u);
  });
  world.on_a.add([&](endpoint& at) {
    const auto client = must(at.open(socket_type::datagram));
    const auto to = [&](std::uint16_t number) {
      return send_options{.to = xns_address{local_network, group, socket_number{number}}};
    };
    send_text(*client, "first", to(4000));
    send_text(*client, "not a member", to(4001));
    rest(at, 500_ms);
    send_text(*client, "no longer", to(4000));
  });
  world.run();
}

BOOST_AUTO_TEST_CASE(datagram__groups_are_multicast_hosts) {
  socket_world world(10_ms);
  world.on_a.add([](endpoint& at) {
    const auto of = must(at.open(socket_type::datagram));
    for (const char* bad : {"020000000001", "ffffffffffff", "0900", "090000000007,,", "090000000007 090000000008"})
      BOOST_TEST((of->set(socket_option::groups, bad).error() == std::errc::invalid_argument), bad);
    std::string many;
    for (int i = 0; i < 65; ++i) many += (i == 0 ? "0900000000" : ",0900000000") + std::to_string(10 + i);
    BOOST_TEST((of->set(socket_option::groups, many).error() == std::errc::invalid_argument));
    BOOST_TEST(std::get<std::string>(must(of->get(socket_option::groups))).empty());
    many.resize(many.size() - 13);
    must(of->set(socket_option::groups, many));  // 64 of them
    BOOST_TEST(std::get<std::string>(must(of->get(socket_option::groups))) == many);
  });
  world.run();
}

BOOST_AUTO_TEST_CASE(raw__needs_the_privilege) {
  socket_world world(10_ms);
  world.on_a.add(
      [](endpoint& at) { BOOST_TEST((at.open(socket_type::raw).error() == std::errc::operation_not_permitted)); });
  world.run();
}

BOOST_AUTO_TEST_CASE(raw__gets_every_packet_with_its_header_or_those_of_one_type) {
  socket_world world(10_ms, privileged());
  world.on_b.add([](endpoint& at) {
    const auto everything = must(at.open(socket_type::raw));
    const auto echoes = must(at.open(socket_type::raw, packet_type::echo));
    octets buffer;
    BOOST_TEST(receive_into(*everything, buffer, 100).size == 31u);
    BOOST_TEST((idp_layout::decode(buffer.data()).packet_type == packet_type{20}));
    receive_into(*echoes, buffer, 100);
    BOOST_TEST((idp_layout::decode(buffer.data()).packet_type == packet_type::echo));
    BOOST_TEST((everything->bind(own(4000)).error() == std::errc::operation_not_supported));
  });
  world.on_a.add([](endpoint& at) {
    const auto other = must(at.open(socket_type::datagram, packet_type{20}));
    send_text(*other, "x", {.to = at_b(4000)});
    const auto echo = must(at.open(socket_type::raw));
    octets whole = idp_header_octets(packet_type::echo, other->local(), at_b(2));
    for (const int each : {0, 1, 0x68, 0x69}) whole.push_back(static_cast<octet>(each));
    must(echo->send(whole));
    octets buffer;
    for (;;) {  // the Error for the first packet comes as well
      const received one = receive_into(*echo, buffer, 100);
      if (idp_layout::decode(buffer.data()).packet_type != packet_type::echo) continue;
      BOOST_TEST(one.size == 34u);
      BOOST_TEST((echo_layout::decode(&buffer[30]).operation == echo_operation::reply));
      break;
    }
  });
  world.run();
}

BOOST_AUTO_TEST_SUITE_END()
