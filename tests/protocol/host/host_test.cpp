// A host: which packet goes to which connection, why packets are refused, what is answered with an Error, and what is
// never used again too soon.
#include "protocol/host/host.hpp"

#include <rapidcheck/boost_test.h>
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "protocol/wire/checksum.hpp"
#include "protocol/wire/error.hpp"
#include "tests/protocol/host/memory_link.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(host_test)

constexpr host_number number_a{0x02000000000a};
constexpr host_number number_b{0x02000000000b};
constexpr socket_number service{100};
const xns_address peer{network_number{1}, number_a, socket_number{3000}};  // who sends hand-made packets to b

host_config settings(host_number number) {
  host_config config;
  config.host = number;
  config.secret = make_hash_key(random_stream(static_cast<std::uint64_t>(number)));
  return config;
}

// One host with hand-made packets from outside.
struct lone_host {
  explicit lone_host(const host_config& config = settings(number_b)) : engine(config) {}

  void arrive(const octets& frame) {
    engine.on_datagram(now, {.previous_hop = number_a, .contents = slice::copy_of(frame)});
  }
  // What leaves now.
  std::vector<octets> leaving() {
    std::vector<octets> frames;
    std::array<packet, 7> batch;
    while (const std::size_t count = engine.poll_transmit(now, batch))
      for (std::size_t i = 0; i < count; ++i) {
        frames.emplace_back(batch[i].size());
        batch[i].copy_to(frames.back().data());
      }
    return frames;
  }
  octets frame(const spp_header& header, octets_view data = {}, socket_number to = service) const {
    return spp_frame(peer, engine.address(to), header, data);
  }
  // Opens from the peer with this id; the id that the host gave.
  std::uint16_t open_from_peer(std::uint16_t id) {
    spp_header header{};
    header.system = true;
    header.source_connection = id;
    header.allocation = 63;
    arrive(frame(header));
    const auto answers = leaving();
    BOOST_REQUIRE(answers.size() == 1u);
    const std::uint16_t given = parse_spp(parse_idp(answers[0])->data)->header.source_connection;
    return given;
  }
  void confirm(std::uint16_t id, std::uint16_t given) {
    spp_header header{};
    header.system = true;
    header.source_connection = id;
    header.destination_connection = given;
    header.allocation = 63;
    arrive(frame(header));
    leaving();
  }
  std::uint64_t drops(drop_reason reason) const { return engine.statistics().drops[reason]; }

  host engine;
  instant now{};
};

// Two hosts joined without delay.
struct two_hosts {
  two_hosts() {
    wire_a.joined_to = &wire_b;
    wire_b.joined_to = &wire_a;
    wire_a.address = number_a;
    wire_b.address = number_b;
  }
  void run_for(duration span) {
    const instant end = now + span;
    for (;;) {
      do {
        joint_a.drive(now);
        joint_b.drive(now);
        collect(a, events_a);
        collect(b, events_b);
      } while (!wire_a.arriving.empty() || !wire_b.arriving.empty());
      const instant next = std::min(a.next_timeout().value_or(end), b.next_timeout().value_or(end));
      if (next >= end) break;
      now = std::max(now, next);
    }
    now = end;
  }
  static void collect(host& from, std::vector<host_event>& to) {
    while (const auto event = from.poll_event()) to.push_back(*event);
  }
  static std::vector<connection_handle> opened(const std::vector<host_event>& events) {
    std::vector<connection_handle> handles;
    for (const auto& event : events)
      if (event.what == connection_notice::opened) handles.push_back(event.connection);
    return handles;
  }

  host a{settings(number_a)};
  host b{settings(number_b)};
  memory_link wire_a, wire_b;
  seqwire::link* links_a[1] = {&wire_a};
  seqwire::link* links_b[1] = {&wire_b};
  driver joint_a{a, links_a};
  driver joint_b{b, links_b};
  std::vector<host_event> events_a, events_b;
  instant now{};
};

std::string taken(host& from, connection_handle handle) {
  std::string text;
  while (const auto record = from.find(handle)->take_record()) {
    const slice whole = record->flatten();
    text += '[' + std::string(whole.view().begin(), whole.view().end()) + ']';
  }
  return text;
}

// --- connections find their packets ---

BOOST_AUTO_TEST_CASE(connect__each_connection_has_its_own_records) {
  two_hosts net;
  BOOST_TEST(net.b.listen(service, {}));
  BOOST_TEST(net.b.listen(socket_number{101}, {}));
  std::vector<connection_handle> handles;
  for (const socket_number socket : {service, service, socket_number{101}})
    handles.push_back(net.a.connect(net.now, net.b.address(socket), {}).value());
  for (std::size_t i = 0; i < handles.size(); ++i)
    net.a.find(handles[i])->send(slice::copy_of(view_of(std::string(1, static_cast<char>('0' + i)))));
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
  const auto handle = net.a.connect(net.now, net.b.address(service), {});
  net.run_for(1_s);
  BOOST_TEST((net.a.find(*handle)->status() == end_status::refused));
  BOOST_TEST_REQUIRE(net.events_a.size() == 1u);
  BOOST_TEST((net.events_a[0].what == connection_notice::ended));
  net.a.release(*handle);
  net.run_for(1_s);
  BOOST_TEST(net.a.find(*handle) == nullptr);
}

BOOST_AUTO_TEST_CASE(connect__two_that_open_to_each_other_meet) {
  two_hosts net;
  const auto from_a = net.a.connect(net.now, net.b.address(service), {}, service);
  const auto from_b = net.b.connect(net.now, net.a.address(service), {}, service);
  net.run_for(1_s);
  BOOST_TEST((net.a.find(*from_a)->state() == connection_state::open));
  BOOST_TEST((net.b.find(*from_b)->state() == connection_state::open));
  BOOST_TEST(net.a.find(*from_a)->peer_id() == net.b.find(*from_b)->local_id());
}

BOOST_AUTO_TEST_CASE(connect__fresh_sockets_skip_3004) {
  lone_host of;
  std::set<int> sockets;
  for (int i = 0; i < 10; ++i) {
    const auto handle = of.engine.connect(of.now, peer, {});
    sockets.insert(static_cast<int>(of.engine.find(*handle)->local().socket));
  }
  BOOST_TEST(sockets == (std::set<int>{3000, 3001, 3002, 3003, 3005, 3006, 3007, 3008, 3009, 3010}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(listen__a_socket_once) {
  lone_host of;
  BOOST_TEST(of.engine.listen(service, {}));
  BOOST_TEST(!of.engine.listen(service, {}));
}

BOOST_AUTO_TEST_CASE(opening__repeated_is_answered_by_the_same_connection) {
  lone_host of;
  of.engine.listen(service, {});
  const std::uint16_t given = of.open_from_peer(7);
  BOOST_TEST(of.open_from_peer(7) == given);
  BOOST_TEST(of.open_from_peer(8) != given);  // the peer started again on the same socket
  of.confirm(7, given);
  int opened = 0;
  while (const auto event = of.engine.poll_event()) opened += event->what == connection_notice::opened;
  BOOST_TEST(opened == 1);
}

BOOST_AUTO_TEST_CASE(opening__is_told_only_when_the_peer_has_shown_our_id) {
  lone_host of;
  of.engine.listen(service, {});
  of.open_from_peer(7);
  BOOST_TEST(!of.engine.poll_event().has_value());
}

BOOST_AUTO_TEST_CASE(poll_event__an_application_that_never_asks_is_told_once_for_each_connection) {
  two_hosts of;
  of.b.listen(service, {});
  const auto handle = *of.a.connect(of.now, of.b.address(service), {});
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
    of.a.find(handle)->send(slice::copy_of(view_of("x")));
    exchange();
    static_cast<void>(of.b.find(accepted)->take_record());
    exchange();
  }
  int told = 0;
  while (of.b.poll_event()) ++told;
  BOOST_TEST(told == 1);
}

BOOST_AUTO_TEST_CASE(poll_event__a_connection_that_was_released_tells_nothing_more) {
  two_hosts of;
  of.b.listen(service, {});
  const auto first = *of.a.connect(of.now, of.b.address(service), {});
  const auto second = *of.a.connect(of.now, of.b.address(service), {});
  of.run_for(1_s);
  for (const auto handle : {first, second}) of.a.find(handle)->abort();
  packet none[1];
  of.a.release(first);
  of.a.poll_transmit(of.now, none);
  const auto event = of.a.poll_event();
  BOOST_REQUIRE(event.has_value());
  BOOST_TEST(event->connection == second);
  BOOST_TEST(!of.a.poll_event().has_value());
}

BOOST_AUTO_TEST_CASE(opening__half_open_connections_are_limited_for_each_listener) {
  host_config config = settings(number_b);
  config.maximum_half_open = 2;
  lone_host of(config);
  of.engine.listen(service, {});
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
  net.b.listen(service, {});
  const auto handle = net.a.connect(net.now, net.b.address(service), {});
  net.run_for(1_s);
  net.a.find(*handle)->close();
  net.a.release(*handle);
  net.run_for(1_ms);
  net.run_for(30_s);
  BOOST_TEST(net.a.find(*handle) == nullptr);
  const auto accepted = two_hosts::opened(net.events_b).front();
  BOOST_TEST((net.b.find(accepted)->status() == end_status::closed_gracefully));
  net.b.release(accepted);
  net.run_for(1_ms);
  BOOST_TEST(net.b.find(accepted) == nullptr);
}

// --- every refusal has one reason ---

octets idp_frame(packet_type type, const xns_address& from, const xns_address& to, octets_view data = {}) {
  octets frame;
  idp_header header{};
  header.packet_type = type;
  header.source_network = from.network;
  header.source_host = from.host;
  header.source_socket = from.socket;
  header.destination_network = to.network;
  header.destination_host = to.host;
  header.destination_socket = to.socket;
  append_idp(frame, header, data);
  return frame;
}

// For each reason one packet that is refused for it and for nothing else, by a host with a listener on `service`, a
// connection `given` from the peer's id 7 with a window of 2, and a half-open one from the peer's id 9.
std::map<drop_reason, octets> one_packet_for_each_reason(const lone_host& of, std::uint16_t given,
                                                         std::uint16_t half_open) {
  const xns_address here = of.engine.address(service);
  const octets_view text = view_of("abc");
  spp_header data{};
  data.source_connection = 7;
  data.destination_connection = given;
  std::map<drop_reason, octets> packets;
  const auto add = [&](drop_reason why, spp_header header, octets_view contents = {}, socket_number to = service) {
    packets[why] = spp_frame(peer, of.engine.address(to), header, contents);
  };
  const auto changed = [&](auto change) {
    spp_header header = data;
    change(header);
    return header;
  };

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
  add(drop_reason::no_such_socket, data, text, socket_number{99});
  packets[drop_reason::unsupported_packet_type] = idp_frame(packet_type::packet_exchange, peer, here, text);

  packets[drop_reason::spp_header_too_short] = idp_frame(packet_type::sequenced_packet, peer, here, text);
  add(drop_reason::source_connection_zero, changed([](auto& h) { h.source_connection = 0; }));
  add(drop_reason::system_packet_with_data, changed([](auto& h) { h.system = true; }), text);
  add(drop_reason::attention_not_one_octet, changed([](auto& h) { h.attention = true; }), text);
  add(drop_reason::close_with_data, changed([](auto& h) { h.datastream_type = 254; }), text);

  std::uint16_t unknown = 1;
  while (unknown == given || unknown == half_open) ++unknown;
  add(drop_reason::no_such_connection, changed([&](auto& h) { h.destination_connection = unknown; }));
  add(drop_reason::wrong_connection_id, changed([](auto& h) { h.source_connection = 8; }));
  add(drop_reason::duplicate, changed([](auto& h) { h.sequence = 0xffff; }));
  add(drop_reason::beyond_allocation, changed([](auto& h) { h.sequence = 2; }));
  spp_header opening_with_data{};
  opening_with_data.source_connection = 9;
  add(drop_reason::not_acceptable_in_state, opening_with_data, text);
  spp_header opening{};
  opening.system = true;
  opening.source_connection = 1000;
  add(drop_reason::listener_full, opening);
  add(drop_reason::record_too_long, data, octets(400));

  packets[drop_reason::error_too_short] = idp_frame(packet_type::error, peer, here, octets(33));
  packets[drop_reason::error_quotes_nothing_of_ours] = idp_frame(packet_type::error, peer, here, octets(46));
  return packets;
}

BOOST_AUTO_TEST_CASE(on_datagram__every_reason_is_reached_by_one_packet_and_counted_once) {
  for (std::size_t index = 0; index < drop_reason_count; ++index) {
    const auto why = static_cast<drop_reason>(index);
    host_config config = settings(number_b);
    config.maximum_half_open = 1;
    lone_host of(config);
    spp_config small;
    small.allocation = 2;
    small.maximum_record = 300;
    of.engine.listen(service, small);
    const std::uint16_t given = of.open_from_peer(7);
    of.confirm(7, given);
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
  of.engine.listen(service, {});
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
  of.engine.listen(service, {});
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

BOOST_AUTO_TEST_CASE(error__at_most_four_at_once_then_four_a_second_to_one_host) {
  lone_host of;
  const octets offending = of.frame({}, {}, socket_number{99});
  for (int i = 0; i < 100; ++i) of.arrive(offending);
  BOOST_TEST(of.leaving().size() == 4u);
  BOOST_TEST(of.engine.statistics().errors_suppressed == 96u);
  std::size_t later = 0;
  for (int i = 0; i < 1000; ++i) {
    of.now += 10_ms;
    of.arrive(offending);
    later += of.leaving().size();
  }
  BOOST_TEST(later == 40u);  // ten seconds
}

BOOST_AUTO_TEST_CASE(error__that_quotes_somebody_elses_packet_ends_nothing) {
  lone_host of;
  of.engine.listen(service, {});
  const auto handle = of.engine.connect(of.now, peer, {});
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
    BOOST_TEST((of.engine.find(*handle)->status() == end_status::none), "octet " << place);
  }
  BOOST_TEST(of.drops(drop_reason::error_quotes_nothing_of_ours) == 8u);
  of.arrive(refusing(0, 0));  // the true one, on whatever socket
  BOOST_TEST((of.engine.find(*handle)->status() == end_status::refused));
}

// --- connection ids ---

BOOST_AUTO_TEST_CASE(ids__are_never_zero_and_differ_for_every_live_connection) {
  lone_host of;
  std::set<std::uint16_t> ids;
  for (int i = 0; i < 1000; ++i) {
    const auto handle = of.engine.connect(of.now, peer, {});
    BOOST_TEST_REQUIRE(handle.has_value());
    ids.insert(of.engine.find(*handle)->local_id());
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
    same += one.engine.find(*one.engine.connect({}, peer, {}))->local_id() ==
            two.engine.find(*two.engine.connect({}, peer, {}))->local_id();
  BOOST_TEST(same < 5);
}

BOOST_AUTO_TEST_CASE(ids__rest_before_they_are_used_again_and_run_out_with_an_answer) {
  host_config config = settings(number_b);
  config.id_quarantine = 60_s;
  lone_host of(config);
  std::set<std::uint16_t> used;
  for (;;) {
    const auto handle = of.engine.connect(of.now, peer, {});
    if (!handle) break;
    BOOST_REQUIRE(used.insert(of.engine.find(*handle)->local_id()).second);
    of.engine.find(*handle)->abort();
    of.engine.release(*handle);
    of.leaving();
  }
  BOOST_TEST(used.size() == 65'535u);
  of.now += 59_s;
  BOOST_TEST(!of.engine.connect(of.now, peer, {}).has_value());
  of.now += 1_s;
  BOOST_TEST(of.engine.connect(of.now, peer, {}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
