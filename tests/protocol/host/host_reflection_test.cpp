// Amplification, reflection and loops (A05 and A06 of the attack catalogue): what a packet from somebody who may not
// exist can make a host send, and whether two hosts can be made to keep each other busy.
#include <rapidcheck/boost_test.h>
#include <boost/test/unit_test.hpp>

#include "protocol/wire/checksum.hpp"
#include "protocol/wire/echo.hpp"
#include "protocol/wire/exchange.hpp"
#include "protocol/wire/routing.hpp"
#include "tests/protocol/host/victim.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(host_reflection_test)

constexpr socket_number bound{200};  // a datagram socket

// A host with something of everything that may answer.
struct answering_host : lone_host {
  explicit answering_host(const host_config& config = settings(number_b)) : lone_host(config) {
    engine.sequenced().listen(service, {});
    engine.datagrams().open(bound);
  }
  // Octets of IDP packets that leave now and, by timers, in the next ten minutes.
  std::size_t drawn_by(const octets& frame) {
    arrive(frame);
    std::size_t octets_out = 0;
    const instant end = now + 600_s;
    for (;;) {
      for (const octets& each : leaving()) octets_out += each.size();
      if (engine.next_timeout().value_or(instant::never()) > end) return octets_out;
      now = std::max(now, *engine.next_timeout());
      engine.on_timeout(now);
    }
  }
};

spp_header opening(bool system) {
  spp_header header{};
  header.system = header.send_acknowledgement = system;
  header.source_connection = 7;
  return header;
}

BOOST_AUTO_TEST_CASE(a05__no_packet_of_any_type_to_any_socket_draws_more_than_three_times_its_octets) {
  std::size_t answered = 0;
  for (unsigned type = 0; type < 256; ++type)
    for (const socket_number to : {routing_socket, echo_socket, service, bound, socket_number{4000}})
      for (const std::size_t size : {0u, 1u, 2u, 12u, 13u, 34u, 64u, 546u}) {
        answering_host of;
        octets data(size);
        if (size >= 12) spp_layout::encode(opening(size == 12), data.data());
        if (packet_type{static_cast<std::uint8_t>(type)} == packet_type::echo && size >= 2) data[1] = 1;
        const octets frame = idp_frame(packet_type{static_cast<std::uint8_t>(type)}, peer, of.engine.address(to), data);
        const std::size_t drawn = of.drawn_by(frame);
        answered += drawn > 0;
        BOOST_TEST_CONTEXT("type " << type << ", socket " << static_cast<int>(to) << ", octets " << size)
        BOOST_TEST(drawn <= 3 * frame.size());
      }
  BOOST_TEST(answered > 1000u);
}

RC_BOOST_PROP(a05__no_garbage_draws_more_than_three_times_its_octets,
              (octets data, std::uint8_t type, std::uint8_t which, bool checksummed)) {
  answering_host of;
  constexpr socket_number sockets[] = {routing_socket, echo_socket, service, bound, socket_number{4000}};
  octets frame = idp_frame(packet_type{static_cast<std::uint8_t>(type % 8)}, peer,
                           of.engine.address(sockets[which % std::size(sockets)]), data);
  if (!checksummed) store_u16(frame.data(), no_checksum);
  RC_ASSERT(of.drawn_by(frame) <= 3 * frame.size());
}

// A router that knows as many networks as it can, and what it says at once; its updates, which nobody draws, left out.
struct answering_router : answering_host {
  answering_router()
      : answering_host([] {
          host_config config = settings(number_b);
          config.forwards = true;
          config.further = {{network_number{2}, host_number{0x02000000000c}, 1500}};
          return config;
        }()) {
    const host_number next{0x020000000033};
    for (std::uint32_t first = 0; first < routing_protocol::maximum_routes; first += 64) {
      routing_packet news{{routing_operation::response}, {}};
      for (std::uint32_t i = 0; i < 64; ++i) news.entries.push_back({network_number{1000 + first + i}, 2});
      const octets frame = idp_frame(packet_type::routing_information, {network_number{2}, next, routing_socket},
                                     {network_number{2}, broadcast_host, routing_socket}, routing_data(news));
      engine.on_datagram(now, {.link = 1, .previous_hop = next, .contents = slice::copy_of(frame)});
    }
    update();
  }
  void update() {
    now += 10_s;
    engine.on_timeout(now);
    leaving();
  }
  std::size_t drawn_at_once_by(const octets& frame) {
    arrive(frame);
    std::size_t octets_out = 0;
    for (const octets& each : leaving()) octets_out += each.size();
    return octets_out;
  }
};

const octets question_for_all = routing_data({{routing_operation::request}, {{all_networks, infinite_metric}}});

BOOST_AUTO_TEST_CASE(a05__no_packet_to_a_router_but_a_question_for_all_draws_more_than_three_times_its_octets) {
  answering_router of;
  std::size_t answered = 0;
  const xns_address beyond{network_number{2}, host_number{0x020000000077}, service};
  const xns_address unreachable{network_number{77}, host_number{0x020000000077}, service};
  for (unsigned type = 0; type < 256; ++type)
    for (const xns_address& to :
         {of.engine.address(routing_socket), of.engine.address(echo_socket), beyond, unreachable})
      for (const std::size_t size : {0u, 1u, 2u, 8u, 12u, 34u, 64u, 542u}) {
        octets data(size, octet{1});
        if (size >= 2) store_u16(data.data(), 1);  // a request, of routes or of an echo
        const octets frame = idp_frame(packet_type{static_cast<std::uint8_t>(type)}, peer, to, data);
        const std::size_t drawn = of.drawn_at_once_by(frame);
        answered += drawn > 0;
        BOOST_TEST_CONTEXT("type " << type << ", octets " << size) BOOST_TEST(drawn <= 3 * frame.size());
      }
  BOOST_TEST(answered > 2000u);
}

// Of the longest table, 7 KB: three to one asker at once, and one in 15 s.
BOOST_AUTO_TEST_CASE(a05__one_asker_draws_few_whole_tables) {
  answering_router of;
  const octets frame =
      idp_frame(packet_type::routing_information, peer, of.engine.address(routing_socket), question_for_all);
  const std::size_t table = of.drawn_at_once_by(frame);
  BOOST_TEST(table > 6000u);
  std::size_t drawn = 0;
  for (int i = 0; i < 6000; ++i, of.now += 10_ms) drawn += of.drawn_at_once_by(frame);  // a minute
  BOOST_TEST(drawn <= (2 + 60 / 15) * table);
}

// And to all whose names one can forge, in the long run, little more than two a second.
BOOST_AUTO_TEST_CASE(a05__all_forged_askers_together_draw_no_more_than_all_rations) {
  answering_router of;
  std::size_t drawn = 0, asked = 0, table = 0;
  const auto ask = [&](std::uint64_t host) {
    const octets frame = idp_frame(packet_type::routing_information, {peer.network, host_number{host}, peer.socket},
                                   of.engine.address(routing_socket), question_for_all);
    const std::size_t octets_out = of.drawn_at_once_by(frame);
    asked += frame.size();
    drawn += octets_out;
    table = std::max(table, octets_out);
  };
  for (std::uint64_t i = 0; i < 60'000; ++i, of.now += 1_ms) ask(0x020000010000 + i);  // a minute
  BOOST_TEST(drawn <= 32 * (3 + 60 / 15) * table);
  BOOST_TEST(drawn <= 3 * asked);
  BOOST_TEST(of.drops(drop_reason::routing_not_answered) > 59'000u);
}

// Whoever opens again and again draws one answer for each, and of the answers' own repetitions two.
BOOST_AUTO_TEST_CASE(a05__repeated_openings_draw_no_more) {
  answering_host of;
  spp_header opening{};
  opening.system = opening.send_acknowledgement = true;
  opening.source_connection = 7;
  const octets frame = of.frame(opening);
  std::size_t in = 0, out = 0;
  for (int i = 0; i < 100; ++i) {
    of.arrive(frame);
    in += frame.size();
    for (const octets& each : of.leaving()) out += each.size();
    of.now += 100_ms;
    if (of.engine.next_timeout().value_or(instant::never()) <= of.now) of.engine.on_timeout(of.now);
  }
  BOOST_TEST(out >= in);
  BOOST_TEST(out <= in + 2 * frame.size());
}

// Errors are rationed for each host that they go to: one that draws thousands takes nothing from others.
BOOST_AUTO_TEST_CASE(a05__errors_are_rationed_for_each_host) {
  answering_host of;
  const auto errors_to = [&](std::uint64_t host, int offences) {
    std::size_t errors = 0;
    for (int i = 0; i < offences; ++i) {
      of.arrive(spp_frame({network_number{1}, host_number{host}, peer.socket}, of.engine.address(socket_number{99}),
                          opening(false)));
      errors += of.leaving().size();
    }
    return errors;
  };
  BOOST_TEST(errors_to(0x020000000100, 10'000) <= 4u);
  std::size_t others = 0;
  for (std::uint64_t host = 1; host <= 32; ++host) others += errors_to(0x020000000100 + host, 1) > 0;
  BOOST_TEST(others >= 28u);  // there are 64 budgets, which some share
}

BOOST_AUTO_TEST_CASE(a05__no_error_to_a_group_about_a_group_or_about_an_error) {
  answering_host of;
  const host_number groups[] = {broadcast_host, host_number{0x030000000001}};
  for (const host_number group : groups)
    for (unsigned type = 0; type < 32; ++type) {
      const packet_type each{static_cast<std::uint8_t>(type)};
      xns_address everybody = of.engine.address(socket_number{4000});
      everybody.host = group;
      of.arrive(idp_frame(each, peer, everybody, octets(60)));
      xns_address many = peer;
      many.host = group;
      of.arrive(idp_frame(each, many, of.engine.address(socket_number{4000}), octets(60)));
      of.arrive(idp_frame(packet_type::error, peer, of.engine.address(socket_number{4000}), octets(type + 30)));
    }
  BOOST_TEST(of.leaving().empty());
  BOOST_TEST(of.engine.statistics().errors_suppressed == 0u);
}

// --- A06: loops ---

octets echo_from(const xns_address& from, const xns_address& to, echo_operation operation) {
  octets body(echo_layout::octets + 4);
  echo_layout::encode({operation}, body.data());
  return idp_frame(packet_type::echo, from, to, body);
}

// Packets that two hosts exchange because of one that was forged in a's name, until both are silent.
std::size_t packets_after(const std::function<octets(two_hosts&)>& forged) {
  two_hosts net;
  for (host* each : {&net.a, &net.b}) {
    each->sequenced().listen(service, {});
    each->datagrams().open(bound);
  }
  net.wire_b.arriving.push_back({.previous_hop = number_a, .contents = slice::copy_of(forged(net))});
  net.run_for(600_s);
  return net.wire_a.sent.size() + net.wire_b.sent.size();
}

BOOST_AUTO_TEST_CASE(a06__no_pair_of_services_keeps_itself_busy) {
  const socket_number sockets[] = {routing_socket, echo_socket, service, bound, socket_number{4000}};
  for (const socket_number from : sockets)
    for (const socket_number to : sockets)
      for (unsigned type = 0; type < 8; ++type) {
        const std::size_t packets = packets_after([&](two_hosts& net) {
          octets data(46, 0);
          data[1] = 1;  // an echo's request; of SPP a header without ids
          return idp_frame(packet_type{static_cast<std::uint8_t>(type)}, net.a.address(from), net.b.address(to), data);
        });
        BOOST_TEST_CONTEXT("type " << type << " from " << static_cast<int>(from) << " to " << static_cast<int>(to))
        BOOST_TEST(packets <= 3u);
      }
}

BOOST_AUTO_TEST_CASE(a06__echo_to_echo_ends_with_the_reply) {
  for (const auto operation : {echo_operation::request, echo_operation::reply})
    BOOST_TEST(packets_after([&](two_hosts& net) {
                 return echo_from(net.a.address(echo_socket), net.b.address(echo_socket), operation);
               }) <= 1u);
}

// The opening that a forged one draws an answer to, at a host that has a listener of its own with that number.
BOOST_AUTO_TEST_CASE(a06__listener_to_listener_ends_with_an_error) {
  BOOST_TEST(packets_after([](two_hosts& net) {
               return spp_frame(net.a.address(service), net.b.address(service), opening(true));
             }) < 10u);
}

BOOST_AUTO_TEST_CASE(a06__packets_from_itself_or_from_groups_are_refused) {
  answering_host of;
  for (const socket_number socket : {echo_socket, service, bound}) {
    const xns_address own = of.engine.address(socket);
    of.arrive(echo_from(own, own, echo_operation::request));
    xns_address group = peer;
    group.host = broadcast_host;
    of.arrive(echo_from(group, own, echo_operation::request));
  }
  BOOST_TEST(of.drops(drop_reason::source_is_self) == 3u);
  BOOST_TEST(of.drops(drop_reason::source_is_group) == 3u);
  BOOST_TEST(of.leaving().empty());
}

BOOST_AUTO_TEST_CASE(a06__a_router_passes_nothing_on_from_network_0_or_for_ever) {
  host_config config = settings(number_b);
  config.forwards = true;
  config.further = {{network_number{2}, host_number{0x02000000000c}, 1500}};
  lone_host of(config);
  of.leaving();
  xns_address from = peer;
  const xns_address beyond{network_number{2}, host_number{0x020000000099}, service};
  from.network = local_network;
  of.arrive(idp_frame(packet_type::echo, from, beyond));
  BOOST_TEST(of.drops(drop_reason::source_network_unknown) == 1u);
  octets old = idp_frame(packet_type::echo, peer, beyond);
  store_u16(old.data(), no_checksum);
  old[4] = 15;
  of.arrive(old);
  BOOST_TEST(of.drops(drop_reason::too_many_hops) == 1u);
  BOOST_TEST(of.engine.statistics().forwarded == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
