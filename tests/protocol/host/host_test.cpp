// A host: which packet is for whom, why packets are refused, and what is answered with an Error or an echo.
#include "protocol/host/host.hpp"

#include <rapidcheck/boost_test.h>
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "protocol/wire/checksum.hpp"
#include "protocol/wire/echo.hpp"
#include "protocol/wire/error.hpp"
#include "tests/protocol/host/hosts.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(host_test)

constexpr socket_number full{101};  // a datagram socket that has no room

// --- every refusal has one reason ---

// Those that need no connection.
std::map<drop_reason, octets> packets_for_no_connection(const lone_host& of, const spp_header& data) {
  const xns_address here = of.engine.address(service);
  const octets_view text = view_of("abc");
  std::map<drop_reason, octets> packets;
  octets frame = of.frame(data, text);
  packets[drop_reason::frame_too_short] = octets(frame.begin(), frame.begin() + 29);
  packets[drop_reason::frame_shorter_than_length] = octets(frame.begin(), frame.end() - 3);
  packets[drop_reason::bad_checksum] = frame;
  packets[drop_reason::bad_checksum].back() ^= 1;
  packets[drop_reason::length_too_small] = frame;
  store_u16(&packets[drop_reason::length_too_small][2], 29);
  xns_address other = here;
  other.host = number_a;
  packets[drop_reason::not_for_this_host] = spp_frame(peer, other, data);
  xns_address source = peer;
  source.host = broadcast_host;
  packets[drop_reason::source_is_group] = spp_frame(source, here, data);
  source.host = number_b;
  packets[drop_reason::source_is_self] = spp_frame(source, here, data);
  packets[drop_reason::no_such_socket] = of.frame(data, text, socket_number{99});
  packets[drop_reason::unsupported_packet_type] = idp_frame(packet_type::packet_exchange, peer, here, text);

  packets[drop_reason::receive_buffer_full] = idp_frame(packet_type{20}, peer, of.engine.address(full), text);
  packets[drop_reason::echo_malformed] = idp_frame(packet_type::echo, peer, of.engine.address(echo_socket), {});
  octets echo(echo_layout::octets);
  echo_layout::encode({echo_operation::reply}, echo.data());
  packets[drop_reason::echo_not_answered] = idp_frame(packet_type::echo, peer, of.engine.address(echo_socket), echo);
  packets[drop_reason::spp_header_too_short] = idp_frame(packet_type::sequenced_packet, peer, here, text);
  packets[drop_reason::error_too_short] = idp_frame(packet_type::error, peer, here, octets(33));
  packets[drop_reason::error_quotes_nothing_of_ours] = idp_frame(packet_type::error, peer, here, octets(46));
  return packets;
}

// For each reason one packet that is refused for it and for nothing else, by a host with a listener on `service`, a
// connection `given` from the peer's id 7 with a window of 2, on which an octet of a record has arrived, and a
// half-open one from the peer's id 9.
std::map<drop_reason, octets> one_packet_for_each_reason(const lone_host& of, std::uint16_t given,
                                                         std::uint16_t half_open) {
  const octets_view text = view_of("abc");
  spp_header data{};
  data.source_connection = 7;
  data.destination_connection = given;
  data.sequence = 1;
  std::map<drop_reason, octets> packets = packets_for_no_connection(of, data);
  const auto add = [&](drop_reason why, spp_header header, octets_view contents = {}, socket_number to = service) {
    packets[why] = spp_frame(peer, of.engine.address(to), header, contents);
  };
  const auto changed = [&](auto change) {
    spp_header header = data;
    change(header);
    return header;
  };

  add(drop_reason::source_connection_zero, changed([](auto& h) { h.source_connection = 0; }));
  add(drop_reason::system_packet_with_data, changed([](auto& h) { h.system = true; }), text);
  add(drop_reason::attention_not_one_octet, changed([](auto& h) { h.attention = true; }), text);
  add(drop_reason::close_with_data, changed([](auto& h) { h.datastream_type = 254; }), text);

  std::uint16_t unknown = 1;
  while (unknown == given || unknown == half_open) ++unknown;
  add(drop_reason::no_such_connection, changed([&](auto& h) { h.destination_connection = unknown; }));
  add(drop_reason::wrong_connection_id, changed([](auto& h) { h.source_connection = 8; }));
  add(drop_reason::duplicate, changed([](auto& h) { h.sequence = 0xffff; }));
  add(drop_reason::beyond_allocation, changed([](auto& h) { h.sequence = 3; }));
  spp_header opening_with_data{};
  opening_with_data.source_connection = 9;
  add(drop_reason::not_acceptable_in_state, opening_with_data, text);
  spp_header opening{};
  opening.system = true;
  opening.source_connection = 1000;
  add(drop_reason::listener_full, opening);
  add(drop_reason::record_too_long, data, octets(400));
  add(drop_reason::receive_memory_full, data, octets(500));
  return packets;
}

BOOST_AUTO_TEST_CASE(on_datagram__every_reason_is_reached_by_one_packet_and_counted_once) {
  // Those of routing and forwarding: routing_protocol_test, forwarder_test.
  for (std::size_t index = 0; index < static_cast<std::size_t>(drop_reason::routing_malformed); ++index) {
    const auto why = static_cast<drop_reason>(index);
    host_config config = settings(number_b);
    config.maximum_half_open = 1;
    config.receive_memory = 450;
    lone_host of(config);
    spp_config small;
    small.allocation = 2;
    small.maximum_record = 300;
    of.engine.sequenced().listen(service, small);
    of.engine.datagrams().open(full)->options.receive_buffer = 0;
    const std::uint16_t given = of.open_from_peer(7);
    of.confirm(7, given);
    spp_header first{};
    first.source_connection = 7;
    first.destination_connection = given;
    of.arrive(of.frame(first, octets(1)));
    of.leaving();
    const std::uint16_t half_open = of.open_from_peer(9);
    const auto packets = one_packet_for_each_reason(of, given, half_open);
    const std::uint64_t accepted = of.engine.statistics().accepted;
    BOOST_TEST_CONTEXT(name_of(why)) {
      BOOST_TEST_REQUIRE(packets.contains(why));
      BOOST_TEST(of.engine.statistics().drops.total() == 0u);
      of.arrive(packets.at(why));
      BOOST_TEST(of.drops(why) == 1u);
      BOOST_TEST(of.engine.statistics().drops.total() == 1u);
      BOOST_TEST(of.engine.statistics().accepted == accepted);
    }
  }
}

RC_BOOST_PROP(on_datagram__counters_add_up_whatever_arrives,
              (const std::vector<octets>& garbage, const std::vector<std::uint32_t>& mutations)) {
  lone_host of;
  of.engine.sequenced().listen(service, {});
  const std::uint16_t given = of.open_from_peer(7);
  of.confirm(7, given);
  const auto good = one_packet_for_each_reason(of, given, 0);
  for (const octets& frame : garbage) of.arrive(frame);
  for (const std::uint32_t mutation : mutations) {
    auto chosen = std::next(good.begin(), static_cast<std::ptrdiff_t>(mutation % good.size()));
    octets frame = chosen->second;
    const std::size_t at = (mutation >> 8) % frame.size();
    frame[at] = static_cast<octet>(frame[at] ^ (mutation >> 24));
    if ((mutation & 0x80) != 0) frame.resize(at);
    if (frame.size() >= 2 && (mutation & 0x40) != 0) store_u16(frame.data(), no_checksum);
    of.arrive(frame);
    of.now += duration{static_cast<std::int64_t>(mutation)};
    if (of.engine.next_timeout().value_or(instant::never()) <= of.now) of.engine.on_timeout(of.now);
    of.leaving();
  }
  const host_statistics& counted = of.engine.statistics();
  RC_ASSERT(counted.received == 2 + garbage.size() + mutations.size());
  RC_ASSERT(counted.received == counted.accepted + counted.drops.total());
}

// --- Errors ---

BOOST_AUTO_TEST_CASE(error__says_no_such_socket_and_quotes_42_octets) {
  lone_host of;
  const octets offending = of.frame({}, octets(100, 0x55), socket_number{99});
  of.arrive(offending);
  const auto answers = of.leaving();
  BOOST_TEST_REQUIRE(answers.size() == 1u);
  const auto idp = parse_idp(answers[0]);
  BOOST_TEST_REQUIRE(idp.has_value());
  BOOST_TEST(idp->header.length == 76);
  BOOST_TEST((idp->header.destination() == peer));
  BOOST_TEST((idp->header.source() == of.engine.address(socket_number{99})));
  const auto error = parse_error(idp->data);
  BOOST_TEST((error->header.number == error_number::no_such_socket));
  BOOST_TEST(std::equal(offending.begin(), offending.begin() + 42, idp->data.begin() + 4));
  BOOST_TEST(of.engine.statistics().errors_sent == 1u);
}

BOOST_AUTO_TEST_CASE(error__never_answers_groups_or_errors_or_damage) {
  lone_host of;
  of.engine.sequenced().listen(service, {});
  xns_address everybody = of.engine.address(socket_number{99});
  everybody.host = broadcast_host;
  of.arrive(spp_frame(peer, everybody, {}));
  of.arrive(idp_frame(packet_type::packet_exchange, peer, everybody));
  everybody.host = host_number{0x030000000001};
  of.arrive(spp_frame(peer, everybody, {}));
  xns_address group = peer;
  group.host = broadcast_host;
  of.arrive(spp_frame(group, of.engine.address(socket_number{99}), {}));
  of.arrive(idp_frame(packet_type::error, peer, of.engine.address(socket_number{99}), octets(46)));
  of.arrive(idp_frame(packet_type::error, peer, of.engine.address(socket_number{99}), octets(3)));
  octets damaged = of.frame({}, {}, socket_number{99});
  damaged.back() ^= 1;
  of.arrive(damaged);
  BOOST_TEST(of.engine.statistics().drops.total() == 7u);
  BOOST_TEST(of.leaving().empty());
}

BOOST_AUTO_TEST_CASE(error__three_or_four_at_once_then_about_four_a_second_to_one_host) {
  lone_host of;
  const octets offending = of.frame({}, {}, socket_number{99});
  for (int i = 0; i < 100; ++i) of.arrive(offending);
  const std::size_t at_once = of.leaving().size();
  BOOST_TEST((at_once == 3 || at_once == 4), at_once);
  BOOST_TEST(of.engine.statistics().errors_suppressed == 100 - at_once);
  std::size_t later = 0;
  for (int i = 0; i < 1000; ++i) {
    of.now += 10_ms;
    of.arrive(offending);
    later += of.leaving().size();
  }
  BOOST_TEST((later >= 33 && later <= 50), later);  // ten seconds
}

// A link that takes nothing: what hosts without number ask for is not kept for it.
BOOST_AUTO_TEST_CASE(answers__that_wait_for_the_link_are_few_whoever_asks) {
  lone_host of;
  xns_address from = peer;
  for (int i = 0; i < 100; ++i) {
    from.host = host_number{0x020000010000 + static_cast<std::uint64_t>(i)};
    of.arrive(spp_frame(from, of.engine.address(socket_number{99}), {}));
  }
  BOOST_TEST(of.engine.statistics().errors_suppressed == 36u);
  BOOST_TEST(of.leaving().size() == 64u);
  of.arrive(of.frame({}, {}, socket_number{99}));
  BOOST_TEST(of.leaving().size() == 1u);
}

// Nobody who counts the Errors that they draw learns what others drew: how many it are changes by itself.
BOOST_AUTO_TEST_CASE(error__how_many_is_not_always_the_same) {
  std::set<std::size_t> counts;
  lone_host of;
  const octets offending = of.frame({}, {}, socket_number{99});
  for (int trial = 0; trial < 20; ++trial) {
    for (int i = 0; i < 10; ++i) of.arrive(offending);
    counts.insert(of.leaving().size());
    of.now += 10_s;
  }
  BOOST_TEST(counts == (std::set<std::size_t>{3, 4}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(error__that_quotes_somebody_elses_packet_ends_nothing) {
  lone_host of;
  of.engine.sequenced().listen(service, {});
  const auto handle = of.engine.sequenced().connect(of.now, peer, {});
  const auto opening = of.leaving();
  BOOST_TEST_REQUIRE(opening.size() == 1u);
  const auto refusing = [&](std::size_t octet_at, octet change) {
    octets body(error_layout::octets);
    error_layout::encode({error_number::no_such_socket, 0}, body.data());
    body.insert(body.end(), opening[0].begin(), opening[0].end());
    body[error_layout::octets + octet_at] ^= change;
    return idp_frame(packet_type::error, peer, of.engine.address(service), body);
  };
  // Destination host and socket, source host and socket, packet type; both connection ids and the number.
  for (const std::size_t place : {15u, 17u, 27u, 29u, 5u, 33u, 35u, 36u}) {
    of.arrive(refusing(place, 0x40));
    BOOST_TEST((of.engine.sequenced().find(*handle)->status() == end_status::none), "octet " << place);
  }
  BOOST_TEST(of.drops(drop_reason::error_quotes_nothing_of_ours) == 8u);
  of.arrive(refusing(0, 0));  // the true one, on whatever socket
  BOOST_TEST((of.engine.sequenced().find(*handle)->status() == end_status::refused));
}

// --- echo ---

octets echo_data(echo_operation operation, std::string_view text) {
  octets body(echo_layout::octets + text.size());
  echo_layout::encode({operation}, body.data());
  std::copy(text.begin(), text.end(), body.begin() + echo_layout::octets);
  return body;
}

BOOST_AUTO_TEST_CASE(echo__a_request_comes_back_as_a_reply_of_every_length) {
  lone_host of;
  const std::string text = "hello";
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const octets request = echo_data(echo_operation::request, text.substr(0, length));
    of.arrive(idp_frame(packet_type::echo, peer, of.engine.address(echo_socket), request));
    const auto answers = of.leaving();
    BOOST_TEST_REQUIRE(answers.size() == 1u);
    const auto idp = parse_idp(answers[0]);
    BOOST_TEST_REQUIRE(idp.has_value());
    BOOST_TEST((idp->header.source() == of.engine.address(echo_socket)));
    BOOST_TEST((idp->header.destination() == peer));
    const octets reply = echo_data(echo_operation::reply, text.substr(0, length));
    BOOST_TEST(std::equal(idp->data.begin(), idp->data.end(), reply.begin(), reply.end()));
  }
  BOOST_TEST(of.engine.statistics().echoes_answered == text.size() + 1);
}

BOOST_AUTO_TEST_CASE(echo__to_everybody_or_in_a_flood_is_not_answered) {
  lone_host of;
  const octets request = echo_data(echo_operation::request, "x");
  xns_address everybody = of.engine.address(echo_socket);
  everybody.host = broadcast_host;
  of.arrive(idp_frame(packet_type::echo, peer, everybody, request));
  BOOST_TEST(of.drops(drop_reason::echo_not_answered) == 1u);
  for (int i = 0; i < 100; ++i) of.arrive(idp_frame(packet_type::echo, peer, of.engine.address(echo_socket), request));
  BOOST_TEST(of.leaving().size() == 64u);
  BOOST_TEST(of.drops(drop_reason::echo_not_answered) == 1u + 36u);
}

BOOST_AUTO_TEST_CASE(echo__a_program_on_the_echo_socket_answers_itself) {
  lone_host of;
  datagram_socket* const socket = of.engine.datagrams().open(echo_socket);
  of.arrive(
      idp_frame(packet_type::echo, peer, of.engine.address(echo_socket), echo_data(echo_operation::request, "x")));
  BOOST_TEST(of.leaving().empty());
  BOOST_TEST(socket->readable());
}

// --- a protocol of one's own ---

BOOST_AUTO_TEST_CASE(attach__gives_a_packet_type_to_a_protocol_whatever_the_socket) {
  struct counting_protocol final : packet_protocol {
    result<void, drop_reason> on_packet(instant, const datagram&, const idp_packet& idp) override {
      packets += idp.data.size();
      return {};
    }
    result<void, drop_reason> on_error(instant, const error_packet& error) override {
      errors += error.quoted.destination_socket == service;
      return {};
    }
    std::size_t poll_transmit(instant, std::span<packet>) override { return 0; }
    std::optional<instant> next_timeout() const override { return due; }
    void on_timeout(instant) override { due.reset(); }
    std::size_t packets = 0;
    int errors = 0;
    std::optional<instant> due = instant{} + 5_s;
  } protocol;
  lone_host of;
  of.engine.attach(packet_type{20}, protocol);
  of.arrive(idp_frame(packet_type{20}, peer, of.engine.address(service), view_of("seven!!")));
  BOOST_TEST(protocol.packets == 7u);
  octets body(error_layout::octets);
  error_layout::encode({error_number::no_such_socket, 0}, body.data());
  const octets quoted = idp_frame(packet_type{20}, of.engine.address(socket_number{3000}),
                                  {network_number{1}, number_a, service}, octets(12));
  body.insert(body.end(), quoted.begin(), quoted.end());
  of.arrive(idp_frame(packet_type::error, peer, of.engine.address(service), body));
  BOOST_TEST(protocol.errors == 1);
  BOOST_TEST((of.engine.next_timeout() == instant{} + 5_s));
  of.engine.on_timeout(instant{} + 5_s);
  BOOST_TEST(!of.engine.next_timeout().has_value());
  BOOST_TEST(of.engine.statistics().drops.total() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
