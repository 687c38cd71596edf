// SPP on a host: which packet goes to which connection, who is told of it, and connection ids, which are never used
// again too soon.
#include "protocol/host/spp_protocol.hpp"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <set>

#include "tests/protocol/host/hosts.hpp"
#include "tests/protocol/wire/turned_profile.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(spp_protocol_test)

// --- connections find their packets ---

BOOST_AUTO_TEST_CASE(connect__each_connection_has_its_own_records) {
  two_hosts net;
  BOOST_TEST(net.b.sequenced().listen(service, {}));
  BOOST_TEST(net.b.sequenced().listen(socket_number{101}, {}));
  std::vector<connection_handle> handles;
  for (const socket_number socket : {service, service, socket_number{101}})
    handles.push_back(net.a.sequenced().connect(net.now, net.b.address(socket), {}).value());
  for (std::size_t i = 0; i < handles.size(); ++i)
    net.a.sequenced().find(handles[i])->send(slice::copy_of(view_of(std::string(1, static_cast<char>('0' + i)))));
  net.run_for(1_s);
  const auto accepted = two_hosts::opened(net.events_b);
  BOOST_TEST_REQUIRE(accepted.size() == 3u);
  for (std::size_t i = 0; i < 3; ++i) BOOST_TEST(taken(net.b, accepted[i]) == '[' + std::to_string(i) + ']');
  BOOST_TEST((net.events_b.front().listener == service));
  BOOST_TEST(net.a.statistics().drops.total() == 0u);
  BOOST_TEST(net.b.statistics().drops.total() == 0u);
  BOOST_TEST(net.b.statistics().received == net.a.statistics().sent);
}

BOOST_AUTO_TEST_CASE(connect__to_a_socket_that_nobody_has_is_refused) {
  two_hosts net;
  const auto handle = net.a.sequenced().connect(net.now, net.b.address(service), {});
  net.run_for(1_s);
  BOOST_TEST((net.a.sequenced().find(*handle)->status() == end_status::refused));
  BOOST_TEST_REQUIRE(net.events_a.size() == 1u);
  BOOST_TEST((net.events_a[0].what == connection_notice::ended));
  net.a.sequenced().release(*handle);
  net.run_for(1_s);
  BOOST_TEST(net.a.sequenced().find(*handle) == nullptr);
}

BOOST_AUTO_TEST_CASE(connect__two_that_open_to_each_other_meet) {
  two_hosts net;
  const auto from_a = net.a.sequenced().connect(net.now, net.b.address(service), {}, service);
  const auto from_b = net.b.sequenced().connect(net.now, net.a.address(service), {}, service);
  net.run_for(1_s);
  BOOST_TEST((net.a.sequenced().find(*from_a)->state() == connection_state::open));
  BOOST_TEST((net.b.sequenced().find(*from_b)->state() == connection_state::open));
  BOOST_TEST(net.a.sequenced().find(*from_a)->peer_id() == net.b.sequenced().find(*from_b)->local_id());
}

BOOST_AUTO_TEST_CASE(connect__fresh_sockets_skip_3004) {
  lone_host of;
  std::set<int> sockets;
  for (int i = 0; i < 10; ++i) {
    const auto handle = of.engine.sequenced().connect(of.now, peer, {});
    sockets.insert(static_cast<int>(of.engine.sequenced().find(*handle)->local().socket));
  }
  BOOST_TEST(sockets == (std::set<int>{3000, 3001, 3002, 3003, 3005, 3006, 3007, 3008, 3009, 3010}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(listen__a_socket_once) {
  lone_host of;
  BOOST_TEST(of.engine.sequenced().listen(service, {}));
  BOOST_TEST(!of.engine.sequenced().listen(service, {}));
}

BOOST_AUTO_TEST_CASE(opening__repeated_is_answered_by_the_same_connection) {
  lone_host of;
  of.engine.sequenced().listen(service, {});
  const std::uint16_t given = of.open_from_peer(7);
  BOOST_TEST(of.open_from_peer(7) == given);
  BOOST_TEST(of.open_from_peer(8) != given);  // the peer started again on the same socket
  of.confirm(7, given);
  int opened = 0;
  while (const auto event = of.engine.sequenced().poll_event()) opened += event->what == connection_notice::opened;
  BOOST_TEST(opened == 1);
}

BOOST_AUTO_TEST_CASE(opening__is_told_only_when_the_peer_has_shown_our_id) {
  lone_host of;
  of.engine.sequenced().listen(service, {});
  of.open_from_peer(7);
  BOOST_TEST(!of.engine.sequenced().poll_event().has_value());
}

BOOST_AUTO_TEST_CASE(poll_event__an_application_that_never_asks_is_told_once_for_each_connection) {
  two_hosts of;
  of.b.sequenced().listen(service, {});
  const auto handle = *of.a.sequenced().connect(of.now, of.b.address(service), {});
  of.run_for(1_s);
  BOOST_REQUIRE(two_hosts::opened(of.events_b).size() == 1u);
  const connection_handle accepted = two_hosts::opened(of.events_b)[0];
  const auto exchange = [&] {
    do {
      of.joint_a.drive(of.now);
      of.joint_b.drive(of.now);
    } while (!of.wire_a.arriving.empty() || !of.wire_b.arriving.empty());
  };
  for (int i = 0; i < 100; ++i) {
    of.a.sequenced().find(handle)->send(slice::copy_of(view_of("x")));
    exchange();
    static_cast<void>(of.b.sequenced().find(accepted)->take_record());
    exchange();
  }
  int told = 0;
  while (of.b.sequenced().poll_event()) ++told;
  BOOST_TEST(told == 1);
}

BOOST_AUTO_TEST_CASE(poll_event__a_connection_that_was_released_tells_nothing_more) {
  two_hosts of;
  of.b.sequenced().listen(service, {});
  const auto first = *of.a.sequenced().connect(of.now, of.b.address(service), {});
  const auto second = *of.a.sequenced().connect(of.now, of.b.address(service), {});
  of.run_for(1_s);
  for (const auto handle : {first, second}) of.a.sequenced().find(handle)->abort();
  packet none[1];
  of.a.sequenced().release(first);
  of.a.poll_transmit(of.now, none);
  const auto event = of.a.sequenced().poll_event();
  BOOST_REQUIRE(event.has_value());
  BOOST_TEST(event->connection == second);
  BOOST_TEST(!of.a.sequenced().poll_event().has_value());
}

BOOST_AUTO_TEST_CASE(opening__half_open_connections_are_limited_for_each_listener) {
  host_config config = settings(number_b);
  config.maximum_half_open = 4;  // of which one host has half
  lone_host of(config);
  of.engine.sequenced().listen(service, {});
  const std::uint16_t given = of.open_from_peer(1);
  of.open_from_peer(2);
  spp_header third{};
  third.system = true;
  third.source_connection = 3;
  of.arrive(of.frame(third));
  BOOST_TEST(of.drops(drop_reason::listener_full) == 1u);
  const auto answers = of.leaving();
  BOOST_TEST_REQUIRE(answers.size() == 1u);
  BOOST_TEST((parse_error(parse_idp(answers[0])->data)->header.number == error_number::resource_limit));
  of.confirm(1, given);
  of.open_from_peer(3);  // there is a place again
  of.now += 76_s;        // and all those that were never confirmed are forgotten
  of.engine.on_timeout(of.now);
  of.leaving();
  of.open_from_peer(4);
  of.open_from_peer(5);
}

BOOST_AUTO_TEST_CASE(release__forgets_at_once_what_has_ended_and_later_what_has_not) {
  two_hosts net;
  net.b.sequenced().listen(service, {});
  const auto handle = net.a.sequenced().connect(net.now, net.b.address(service), {});
  net.run_for(1_s);
  net.a.sequenced().find(*handle)->close();
  net.a.sequenced().release(*handle);
  net.run_for(1_ms);
  net.run_for(30_s);
  BOOST_TEST(net.a.sequenced().find(*handle) == nullptr);
  const auto accepted = two_hosts::opened(net.events_b).front();
  BOOST_TEST((net.b.sequenced().find(accepted)->status() == end_status::closed_gracefully));
  net.b.sequenced().release(accepted);
  net.run_for(1_ms);
  BOOST_TEST(net.b.sequenced().find(accepted) == nullptr);
}

// Nobody reads any more: what arrives is dropped, so that the peer can finish.
BOOST_AUTO_TEST_CASE(release__drops_what_nobody_has_read) {
  two_hosts net;
  net.b.sequenced().listen(service, {});
  const auto handle = *net.a.sequenced().connect(net.now, net.b.address(service), {});
  net.run_for(1_s);
  const connection_handle accepted = two_hosts::opened(net.events_b).at(0);
  for (int i = 0; i < 200; ++i) net.b.sequenced().find(accepted)->send(slice::owning(octets(534)));
  net.run_for(1_s);
  net.a.sequenced().find(handle)->close();
  net.a.sequenced().release(handle);
  net.b.sequenced().find(accepted)->close();
  net.run_for(20_s);
  BOOST_TEST(net.a.sequenced().find(handle) == nullptr);
  BOOST_TEST((net.b.sequenced().find(accepted)->status() == end_status::closed_gracefully));
}

BOOST_AUTO_TEST_CASE(unbind__leaves_open_connections_and_frees_the_number) {
  two_hosts net;
  net.b.sequenced().listen(service, {});
  const auto handle = *net.a.sequenced().connect(net.now, net.b.address(service), {});
  net.run_for(1_s);
  net.b.sequenced().unbind(service);
  net.a.sequenced().find(handle)->send(slice::copy_of(view_of("still here")));
  net.run_for(1_s);
  BOOST_TEST(taken(net.b, two_hosts::opened(net.events_b).at(0)) == "[still here]");
  const auto late = *net.a.sequenced().connect(net.now, net.b.address(service), {});
  net.run_for(1_s);
  BOOST_TEST((net.a.sequenced().find(late)->status() == end_status::refused));
  BOOST_TEST(net.b.sequenced().listen(service, {}));
}

BOOST_AUTO_TEST_CASE(unbind__forgets_half_open_connections) {
  lone_host of;
  of.engine.sequenced().listen(service, {});
  of.open_from_peer(7);
  of.engine.sequenced().unbind(service);
  of.leaving();
  BOOST_TEST(of.engine.sequenced().connections() == 0u);
}

// --- connection ids ---

BOOST_AUTO_TEST_CASE(ids__are_never_zero_and_differ_for_every_live_connection) {
  lone_host of;
  std::set<std::uint16_t> ids;
  for (int i = 0; i < 1000; ++i) {
    const auto handle = of.engine.sequenced().connect(of.now, peer, {});
    BOOST_TEST_REQUIRE(handle.has_value());
    ids.insert(of.engine.sequenced().find(*handle)->local_id());
  }
  BOOST_TEST(ids.size() == 1000u);
  BOOST_TEST(!ids.contains(0));
}

BOOST_AUTO_TEST_CASE(ids__depend_on_the_secret) {
  host_config other = settings(number_b);
  other.secret = make_hash_key(random_stream(99));
  lone_host one, two(other);
  int same = 0;
  for (int i = 0; i < 100; ++i)
    same += one.engine.sequenced().find(*one.engine.sequenced().connect({}, peer, {}))->local_id() ==
            two.engine.sequenced().find(*two.engine.sequenced().connect({}, peer, {}))->local_id();
  BOOST_TEST(same < 5);
}

BOOST_AUTO_TEST_CASE(ids__rest_before_they_are_used_again_and_run_out_with_an_answer) {
  host_config config = settings(number_b);
  config.id_quarantine = 60_s;
  lone_host of(config);
  std::set<std::uint16_t> used;
  for (;;) {
    const auto handle = of.engine.sequenced().connect(of.now, peer, {});
    if (!handle) break;
    BOOST_REQUIRE(used.insert(of.engine.sequenced().find(*handle)->local_id()).second);
    of.engine.sequenced().find(*handle)->abort();
    of.engine.sequenced().release(*handle);
    of.leaving();
  }
  BOOST_TEST(used.size() == 65'535u);
  of.now += 59_s;
  BOOST_TEST(!of.engine.sequenced().connect(of.now, peer, {}).has_value());
  of.now += 1_s;
  BOOST_TEST(of.engine.sequenced().connect(of.now, peer, {}).has_value());
}

// --- living implementations differ (protocol sheet 4.3; behaviour 15 of its section 11) ---

// Our host has opened to the peer's well-known socket; the peer's packets are made by hand.
struct foreign_peer : lone_host {
  foreign_peer() : handle(*engine.sequenced().connect(now, peer, {})) {
    const auto opening = leaving();
    BOOST_REQUIRE(opening.size() == 1u);
    ours = parse_spp(parse_idp(opening[0])->data)->header.source_connection;
    from = parse_idp(opening[0])->header.source_socket;
  }
  // A packet of the peer's connection 77, from this socket of the peer.
  void say(socket_number source, const std::function<void(spp_header&)>& change, octets_view data = {}) {
    spp_header header{};
    header.system = data.empty();
    header.source_connection = 77;
    header.destination_connection = ours;
    header.allocation = 10;
    change(header);
    xns_address sender = peer;
    sender.socket = source;
    arrive(spp_frame(sender, engine.address(from), header, data));
  }
  void answer(socket_number source) {
    say(source, [](spp_header&) {});
    leaving();
  }
  spp_connection& connection() { return *engine.sequenced().find(handle); }
  static idp_header addresses(const octets& frame) { return parse_idp(frame)->header; }

  connection_handle handle;
  std::uint16_t ours = 0;
  socket_number from{};
};

const socket_number fresh{3777};

BOOST_AUTO_TEST_CASE(foreign__an_answer_from_a_fresh_socket_is_where_everything_goes_from_then_on) {
  foreign_peer of;
  of.answer(fresh);
  of.connection().send(slice::copy_of(view_of("x")));
  of.now += 1_s;
  of.engine.on_timeout(of.now);
  const auto sent = of.leaving();
  BOOST_TEST(!sent.empty());
  for (const octets& each : sent) BOOST_TEST((of.addresses(each).destination_socket == fresh));
  BOOST_TEST((of.connection().peer().socket == fresh));
}

BOOST_AUTO_TEST_CASE(foreign__an_acknowledgement_of_one_too_many_costs_nothing) {
  foreign_peer of;
  of.answer(fresh);
  of.say(fresh, [](spp_header& header) { header.acknowledge = 1; });  // of nothing
  of.connection().send(slice::copy_of(view_of("x")));
  BOOST_TEST(of.leaving().size() == 1u);
  of.say(fresh, [](spp_header& header) { header.acknowledge = 2; });  // of one packet
  of.say(
      fresh, [](spp_header& header) { header.acknowledge = 2; }, view_of("and data"));
  BOOST_TEST(of.connection().statistics().excess_acknowledgements == 3u);
  BOOST_TEST((of.connection().state() == connection_state::open));
  BOOST_TEST(of.connection().take_record().has_value() == false);  // its end has not come
  BOOST_TEST(of.connection().information().in_flight == 1u);
}

BOOST_AUTO_TEST_CASE(foreign__errors_come_to_any_socket_and_from_any) {
  foreign_peer of;
  octets body(error_layout::octets);
  error_layout::encode({error_number::listener_rejects, 0}, body.data());
  spp_header opening{};
  opening.system = opening.send_acknowledgement = true;
  opening.source_connection = of.ours;
  const octets quoted = spp_frame(of.engine.address(of.from), peer, opening);
  body.insert(body.end(), quoted.begin(), quoted.end());
  xns_address anywhere = peer;
  anywhere.socket = socket_number{3};
  of.arrive(idp_frame(packet_type::error, anywhere, of.engine.address(socket_number{3}), body));
  BOOST_TEST((of.connection().status() == end_status::refused));
}

BOOST_AUTO_TEST_CASE(foreign__probes_that_nobody_answers_do_not_prove_a_dead_peer) {
  foreign_peer of;
  of.say(fresh, [](spp_header& header) { header.allocation = 0xffff; });  // not even one packet: allocation below ack
  of.connection().send(slice::copy_of(view_of("x")));
  std::size_t probes = 0;
  while (of.now < instant{} + 60_s) {
    of.now = std::max(of.now, of.engine.next_timeout().value_or(of.now + 1_s));
    of.engine.on_timeout(of.now);
    probes += of.leaving().size();
  }
  BOOST_TEST(probes > 3u);
  BOOST_TEST((of.connection().status() == end_status::none));
  of.say(fresh, [](spp_header&) {});
  const auto sent = of.leaving();
  BOOST_TEST_REQUIRE(sent.size() == 1u);
  BOOST_TEST(parse_spp(parse_idp(sent[0])->data)->data.size() == 1u);
}

BOOST_AUTO_TEST_CASE(foreign__an_error_about_a_full_window_ends_nothing) {
  foreign_peer of;
  of.answer(fresh);
  of.connection().send(slice::copy_of(view_of("x")));
  const auto sent = of.leaving();
  for (const error_number number : {error_number::resource_limit, error_number::protocol_violation}) {
    octets body(error_layout::octets);
    error_layout::encode({number, 0}, body.data());
    body.insert(body.end(), sent.at(0).begin(), sent[0].end());
    of.arrive(idp_frame(packet_type::error, peer, of.engine.address(of.from), body));
    BOOST_TEST((of.connection().status() == end_status::none));
  }
}

// --- profiles ---

// Two SPPs on one host, each with its header and packet type: they share the numbers and nothing else.
BOOST_AUTO_TEST_CASE(profile__another_header_is_another_protocol) {
  two_hosts net;
  spp_protocol turned_a(net.a.config(), net.a.ports(), net.a.routing(), turned_profile);
  spp_protocol turned_b(net.b.config(), net.b.ports(), net.b.routing(), turned_profile);
  net.a.attach(turned_profile.packet_type, turned_a);
  net.b.attach(turned_profile.packet_type, turned_b);
  BOOST_TEST(net.b.sequenced().listen(service, {}));
  BOOST_TEST(!turned_b.listen(service, {}));
  BOOST_TEST(turned_b.listen(socket_number{101}, {}));
  const auto classic = *net.a.sequenced().connect(net.now, net.b.address(service), {});
  const auto turned = *turned_a.connect(net.now, net.b.address(socket_number{101}), {});
  const auto astray = *turned_a.connect(net.now, net.b.address(service), {});
  net.run_for(1_s);
  BOOST_TEST((net.a.sequenced().status(classic) == end_status::none));
  BOOST_TEST(net.a.sequenced().find(classic)->opened());
  BOOST_TEST(turned_a.find(turned)->opened());
  BOOST_TEST((turned_a.status(astray) == end_status::refused));
  turned_a.send_record(turned, slice::copy_of(view_of("under another header")), 7);
  net.run_for(1_s);
  const auto event = turned_b.poll_event();
  BOOST_TEST_REQUIRE(event.has_value());
  const auto record = turned_b.take_record(event->connection);
  BOOST_TEST_REQUIRE(record.has_value());
  BOOST_TEST(record->size == 20u);
  BOOST_TEST(record->datastream_type == 7u);
  BOOST_TEST((turned_a.identity(turned).peer_id == turned_b.identity(event->connection).local_id));
  BOOST_TEST(!net.a.idle());
}

// A connection of ours with somebody beyond routers that told nothing, and by whom its packets leave.
struct served_from_afar : lone_host {
  served_from_afar() {
    engine.sequenced().listen(service, {});
    spp_header opening{};
    opening.system = true;
    opening.source_connection = 7;
    opening.allocation = 63;
    comes(opening, router_1);
    const auto answer = leaving();
    BOOST_REQUIRE(answer.size() == 1u);
    ours = parse_spp(parse_idp(answer[0])->data)->header.source_connection;
    says(router_1);
    handle = engine.sequenced().handles().at(0);
  }
  void comes(const spp_header& header, host_number router) {
    const octets frame = spp_frame(client, engine.address(service), header);
    engine.on_datagram(now, {.previous_hop = router, .contents = slice::copy_of(frame)});
  }
  void says(host_number router) {
    spp_header header{};
    header.system = true;
    header.source_connection = 7;
    header.destination_connection = ours;
    header.allocation = 63;
    comes(header, router);
    leaving();
  }
  // Of the network only: who sent it knows nothing of the connection.
  void forged(host_number router) {
    const octets frame = idp_frame(packet_type::echo, {client.network, number_b, socket_number{9}},
                                   engine.address(socket_number{2}), octets{0, 2});
    engine.on_datagram(now, {.previous_hop = router, .contents = slice::copy_of(frame)});
    leaving();
  }
  host_number sends_by() {
    BOOST_REQUIRE((engine.sequenced().find(handle)->send(slice::copy_of(view_of("x"))) == send_status::accepted));
    packet out;
    BOOST_REQUIRE(engine.poll_transmit(now, {&out, 1}) == 1u);
    return out.next_hop;
  }

  static constexpr host_number router_1{0x020000000101}, router_2{0x020000000102};
  const xns_address client{network_number{9}, number_a, socket_number{3000}};
  std::uint16_t ours = 0;
  connection_handle handle{};
};

BOOST_AUTO_TEST_CASE(poll_transmit__no_forged_packet_turns_the_way_of_a_connection) {
  served_from_afar of;
  of.forged(of.router_2);
  BOOST_TEST((of.sends_by() == of.router_1));
  of.now += 1000_s;  // long after anything was confirmed
  of.forged(of.router_2);
  BOOST_TEST((of.sends_by() == of.router_1));
}

BOOST_AUTO_TEST_CASE(poll_transmit__a_connection_follows_its_peer_to_another_router) {
  served_from_afar of;
  of.says(of.router_2);
  BOOST_TEST((of.sends_by() == of.router_2));
}

BOOST_AUTO_TEST_SUITE_END()
