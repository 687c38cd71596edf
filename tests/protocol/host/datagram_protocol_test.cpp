// Datagram sockets: what is sent and received, to whom it goes, what is bounded, and which Errors are believed.
#include "protocol/host/datagram_protocol.hpp"

#include <boost/test/unit_test.hpp>

#include "protocol/wire/echo.hpp"
#include "tests/protocol/host/hosts.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(datagram_protocol_test)

constexpr packet_type own_type{20};

std::string text_in(const std::optional<received_datagram>& received) {
  if (!received) return "nothing";
  return {received->data.view().begin(), received->data.view().end()};
}

slice text(std::string_view of) { return slice::copy_of(view_of(of)); }

BOOST_AUTO_TEST_CASE(send__keeps_length_type_and_addresses) {
  two_hosts net;
  datagram_socket& client = *net.a.datagrams().open();
  datagram_socket& server = *net.b.datagrams().open(service);
  client.options.type = own_type;
  for (const std::string_view each : {"", "odd", "even"}) {
    BOOST_TEST((net.a.datagrams().send(client, text(each), net.b.address(service)) == datagram_status::sent));
    net.run_for(1_ms);
    BOOST_TEST_REQUIRE(server.readable());
    const auto received = server.take();
    BOOST_TEST(text_in(received) == each);
    BOOST_TEST((received->header.packet_type == own_type));
    BOOST_TEST((received->header.source() == net.a.address(*client.number())));
    BOOST_TEST((received->header.destination() == net.b.address(service)));
    BOOST_TEST(received->whole.size() == idp_layout::octets + each.size());
  }
  BOOST_TEST(!server.readable());
}

BOOST_AUTO_TEST_CASE(send__refuses_what_does_not_fit_and_what_has_no_destination) {
  two_hosts net;
  datagram_socket& client = *net.a.datagrams().open();
  const auto to = net.b.address(service);
  BOOST_TEST((net.a.datagrams().send(client, text("x")) == datagram_status::no_destination));
  BOOST_TEST((net.a.datagrams().send(client, slice::owning(octets(1470)), to) == datagram_status::sent));
  BOOST_TEST((net.a.datagrams().send(client, slice::owning(octets(1471)), to) == datagram_status::too_big));
}

BOOST_AUTO_TEST_CASE(send__to_all_networks_counts_the_links_that_are_too_small) {
  host_config config{.network = network_number{7}, .host = number_a};
  config.further = {{network_number{8}, number_a, 576}};
  host sends(config);
  datagram_socket& client = *sends.datagrams().open();
  const xns_address everybody{all_networks, broadcast_host, service};
  std::array<packet, 4> left;
  BOOST_TEST((sends.datagrams().send(client, text("x"), everybody) == datagram_status::sent));
  BOOST_TEST(sends.datagrams().poll_transmit(left) == 2u);
  BOOST_TEST((sends.datagrams().send(client, slice::owning(octets(1000)), everybody) == datagram_status::sent));
  BOOST_TEST(sends.datagrams().poll_transmit(left) == 1u);
  BOOST_TEST(sends.datagrams().too_big_for_links() == 1u);
}

BOOST_AUTO_TEST_CASE(has_room__is_room_for_the_largest_link) {
  host_config config{.network = network_number{7}, .host = number_a, .mtu = 576};
  config.further = {{network_number{8}, number_b, 1500}};
  host sends(config);
  datagram_socket& client = *sends.datagrams().open();
  const xns_address far{network_number{8}, host_number{0x020000000077}, service};
  const auto largest = [&] { return sends.datagrams().send(client, slice::owning(octets(1470)), far); };
  while (sends.datagrams().has_room()) BOOST_TEST_REQUIRE((largest() == datagram_status::sent));
  BOOST_TEST((largest() == datagram_status::would_block));
}

BOOST_AUTO_TEST_CASE(send__waits_when_too_much_waits_for_the_link) {
  lone_host of;
  datagram_socket& socket = *of.engine.datagrams().open();
  datagram_status last = datagram_status::sent;
  int sent = 0;
  for (; last == datagram_status::sent && sent < 100'000; ++sent)
    last = of.engine.datagrams().send(socket, slice::owning(octets(1000)), peer);
  BOOST_TEST((last == datagram_status::would_block));
  BOOST_TEST(!of.engine.datagrams().has_room());  // nobody who waits for room is told that there is some
  const std::uint64_t changes = of.engine.datagrams().changes();
  BOOST_TEST(of.leaving().size() == static_cast<std::size_t>(sent - 1));
  BOOST_TEST(of.engine.datagrams().changes() != changes);
  BOOST_TEST(of.engine.datagrams().has_room());
  BOOST_TEST((of.engine.datagrams().send(socket, slice::owning(octets(1000)), peer) == datagram_status::sent));
}

BOOST_AUTO_TEST_CASE(open__a_number_once_and_a_fresh_one_when_none_is_asked_for) {
  two_hosts net;
  datagram_socket* const first = net.a.datagrams().open(service);
  BOOST_TEST(first != nullptr);
  BOOST_TEST(net.a.datagrams().open(service) == nullptr);
  BOOST_TEST(!net.a.sequenced().listen(service, {}));  // one space for all types
  net.a.datagrams().close(*first);
  BOOST_TEST(net.a.sequenced().listen(service, {}));
  BOOST_TEST(net.a.datagrams().open(service) == nullptr);
  BOOST_TEST((net.a.datagrams().open()->number() == socket_number{3000}));
}

BOOST_AUTO_TEST_CASE(connect__receives_from_its_peer_only) {
  two_hosts net;
  datagram_socket& server = *net.b.datagrams().open(service);
  datagram_socket& friend_of = *net.a.datagrams().open();
  datagram_socket& stranger = *net.a.datagrams().open();
  BOOST_TEST(net.b.datagrams().connect(server, net.a.address(*friend_of.number())));
  net.a.datagrams().send(stranger, text("from a stranger"), net.b.address(service));
  net.a.datagrams().send(friend_of, text("from a friend"), net.b.address(service));
  net.run_for(1_ms);
  BOOST_TEST(text_in(server.take()) == "from a friend");
  BOOST_TEST(!server.readable());
  BOOST_TEST(net.b.statistics().drops[drop_reason::no_such_socket] == 1u);
  BOOST_TEST((net.b.datagrams().send(server, text("answer")) == datagram_status::sent));
  net.run_for(1_ms);
  BOOST_TEST(text_in(friend_of.take()) == "answer");
  // Its number is free for one without a peer, which gets the strangers; the same peer twice is refused.
  datagram_socket& second = *net.b.datagrams().open(service);
  net.a.datagrams().send(stranger, text("hello"), net.b.address(service));
  net.run_for(1_ms);
  BOOST_TEST(text_in(second.take()) == "hello");
  BOOST_TEST(!net.b.datagrams().connect(second, net.a.address(*friend_of.number())));
  BOOST_TEST(!net.b.datagrams().disconnect(server));  // two without a peer would share the number
  net.b.datagrams().close(second);
  BOOST_TEST(net.b.datagrams().disconnect(server));
  net.a.datagrams().send(stranger, text("again"), net.b.address(service));
  net.run_for(1_ms);
  BOOST_TEST(text_in(server.take()) == "again");
}

BOOST_AUTO_TEST_CASE(receive__a_broadcast_reaches_the_socket_of_its_number) {
  two_hosts net;
  datagram_socket& client = *net.a.datagrams().open();
  datagram_socket& server = *net.b.datagrams().open(service);
  net.a.datagrams().send(client, text("anybody?"), xns_address{local_network, broadcast_host, service});
  net.run_for(1_ms);
  const auto received = server.take();
  BOOST_TEST(text_in(received) == "anybody?");
  BOOST_TEST((received->header.destination_host == broadcast_host));
}

BOOST_AUTO_TEST_CASE(receive__a_source_network_of_0_becomes_ours) {
  lone_host of;
  datagram_socket& socket = *of.engine.datagrams().open(service);
  xns_address unknown = peer;
  unknown.network = local_network;
  of.arrive(idp_frame(own_type, unknown, of.engine.address(service), view_of("x")));
  BOOST_TEST((socket.take()->header.source() == peer));
}

BOOST_AUTO_TEST_CASE(receive__what_the_application_does_not_read_is_bounded_and_counted) {
  lone_host of;
  datagram_socket& socket = *of.engine.datagrams().open(service);
  socket.options.receive_buffer = 10'000;
  const octets frame = idp_frame(own_type, peer, of.engine.address(service));
  for (int i = 0; i < 100; ++i) of.arrive(frame);
  std::uint64_t taken = 0;
  while (socket.take()) ++taken;
  BOOST_TEST(taken == 10'000u / (512 + 30));
  BOOST_TEST(of.drops(drop_reason::receive_buffer_full) == 100 - taken);
  of.arrive(frame);
  BOOST_TEST(socket.readable());
}

BOOST_AUTO_TEST_CASE(all_packets__spp_and_errors_come_to_the_socket) {
  lone_host of;
  datagram_socket& socket = *of.engine.datagrams().open(service);
  spp_header opening{};
  opening.system = true;
  opening.source_connection = 7;
  of.arrive(of.frame(opening));
  BOOST_TEST(!socket.readable());
  of.engine.datagrams().set_all_packets(socket, true);
  of.arrive(of.frame(opening));
  of.arrive(idp_frame(packet_type::error, peer, of.engine.address(service), octets(46)));
  BOOST_TEST((socket.take()->header.packet_type == packet_type::sequenced_packet));
  BOOST_TEST((socket.take()->header.packet_type == packet_type::error));
  of.engine.datagrams().close(socket);
  of.arrive(of.frame(opening));
  BOOST_TEST(of.drops(drop_reason::no_such_socket) == 1u);
}

// --- Errors ---

BOOST_AUTO_TEST_CASE(error__for_what_was_sent_comes_to_the_socket_that_sent_it) {
  two_hosts net;
  datagram_socket& client = *net.a.datagrams().open();
  datagram_socket& other = *net.a.datagrams().open();
  net.a.datagrams().send(client, text("x"), net.b.address(service));
  net.run_for(1_s);
  const auto error = client.take_error();
  BOOST_TEST_REQUIRE(error.has_value());
  BOOST_TEST((error->number == error_number::no_such_socket));
  BOOST_TEST((error->destination == net.b.address(service)));
  BOOST_TEST(!client.take_error().has_value());
  BOOST_TEST(!other.take_error().has_value());
}

BOOST_AUTO_TEST_CASE(error__that_quotes_what_was_never_sent_is_not_believed) {
  lone_host of;
  datagram_socket& socket = *of.engine.datagrams().open();
  of.engine.datagrams().send(socket, text("x"), peer);
  const octets sent = of.leaving().at(0);
  const auto arrive = [&](std::size_t at, octet change) {
    octets body(error_layout::octets);
    error_layout::encode({error_number::no_such_socket, 0}, body.data());
    body.insert(body.end(), sent.begin(), sent.end());
    body[error_layout::octets + at] ^= change;
    of.arrive(idp_frame(packet_type::error, peer, of.engine.address(*socket.number()), body));
  };
  for (const std::size_t at : {0u, 1u, 15u, 17u, 27u, 29u}) arrive(at, 0x40);
  BOOST_TEST(!socket.has_error());
  BOOST_TEST(of.drops(drop_reason::error_quotes_nothing_of_ours) == 6u);
  arrive(0, 0);
  BOOST_TEST(socket.has_error());
}

// --- raw ---

BOOST_AUTO_TEST_CASE(open_raw__sees_every_packet_before_any_check) {
  lone_host of;
  datagram_socket& everything = of.engine.datagrams().open_raw();
  datagram_socket& echoes = of.engine.datagrams().open_raw(packet_type::echo);
  octets damaged = idp_frame(own_type, peer, of.engine.address(service), view_of("x"));
  damaged[0] ^= 1;
  of.arrive(damaged);
  of.arrive(octets(3));
  of.arrive(idp_frame(packet_type::echo, peer, of.engine.address(echo_socket), view_of("xx")));
  BOOST_TEST(text_in(everything.take()) == "x");
  BOOST_TEST(everything.take()->whole.size() == 3u);
  BOOST_TEST(text_in(everything.take()) == "xx");
  BOOST_TEST(text_in(echoes.take()) == "xx");
  BOOST_TEST(!echoes.readable());
  everything.options.receive_buffer = 0;
  of.arrive(damaged);
  BOOST_TEST(everything.missed() == 1u);
  of.engine.datagrams().close(everything);
  of.arrive(damaged);
}

BOOST_AUTO_TEST_CASE(send_with_header__computes_length_and_checksum_and_nothing_else) {
  lone_host of;
  datagram_socket& raw = of.engine.datagrams().open_raw();
  idp_header header = parse_idp(idp_frame(own_type, {network_number{7}, number_a, socket_number{9}}, peer))->header;
  header.transport_control = 3;
  header.length = 9999;
  header.checksum = 0x1234;
  BOOST_TEST((of.engine.datagrams().send_with_header(raw, header, text("odd")) == datagram_status::sent));
  const auto sent = of.leaving();
  const auto idp = parse_idp(sent.at(0));
  BOOST_TEST_REQUIRE(idp.has_value());
  header.length = 33;
  header.checksum = idp->header.checksum;
  BOOST_TEST((idp->header == header));
}

BOOST_AUTO_TEST_SUITE_END()
