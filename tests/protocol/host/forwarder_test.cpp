// Forwarding: a packet for another network leaves on the right link, one hop older and otherwise untouched; what cannot
// pass is told to its sender. Packets are made by hand.
#include "protocol/host/forwarder.hpp"

#include <rapidcheck/boost_test.h>

#include <boost/test/unit_test.hpp>

#include "protocol/wire/checksum.hpp"
#include "protocol/wire/echo.hpp"
#include "tests/protocol/host/hosts.hpp"
#include "tests/protocol/wire/packets.hpp"

using namespace seqwire;
using namespace seqwire::test;

namespace {

const network_number left{1}, right{2}, far{9};
const host_number router_left{0x0200000000f1}, router_right{0x0200000000f2}, next_router{0x0200000000f3};
const xns_address sender{left, number_a, socket_number{3000}};
const xns_address receiver{right, number_b, socket_number{3001}};

struct small_router {
  small_router()
      : engine([] {
          host_config config = settings(router_left);
          config.network = left;
          config.further = {{right, router_right, 600}};
          config.forwards = true;
          return config;
        }()) {
    engine.on_timeout(now);
    leaving();
    const octets news =
        idp_frame(packet_type::routing_information, {right, next_router, routing_socket},
                  {right, broadcast_host, routing_socket}, routing_data({{routing_operation::response}, {{far, 2}}}));
    engine.on_datagram(now, {.link = 1, .previous_hop = next_router, .contents = slice::copy_of(news)});
  }

  struct left_packet {
    link_index link;
    host_number next_hop;
    octets frame;
  };
  std::vector<left_packet> leaving() {
    std::vector<left_packet> all;
    std::array<packet, 16> batch;
    while (const std::size_t count = engine.poll_transmit(now, batch))
      for (std::size_t i = 0; i < count; ++i) {
        all.push_back({batch[i].link, batch[i].next_hop, octets(batch[i].size())});
        batch[i].copy_to(all.back().frame.data());
      }
    return all;
  }
  std::vector<left_packet> pass(const octets& frame, link_index from = 0) {
    engine.on_datagram(now, {.link = from, .previous_hop = number_a, .contents = slice::copy_of(frame)});
    return leaving();
  }
  std::uint64_t drops(drop_reason reason) const { return engine.statistics().drops[reason]; }

  host engine;
  instant now = instant{} + 1_s;
};

octets data_frame(const xns_address& from, const xns_address& to, std::size_t size = 5, std::uint8_t hops = 0) {
  const octets plain = idp_frame(packet_type{20}, from, to, octets(size, 0x5a));
  idp_header header = parse_idp(plain)->header;
  header.transport_control = hops;
  octets frame;
  append_idp(frame, header, octets(size, 0x5a));
  return frame;
}

// The Error in what left, and that it goes back to the sender.
error_packet only_error(const std::vector<small_router::left_packet>& left_behind) {
  BOOST_REQUIRE(left_behind.size() == 1u);
  BOOST_TEST(left_behind[0].link == 0u);
  const auto idp = parse_idp(left_behind[0].frame);
  BOOST_REQUIRE((idp && idp->header.packet_type == packet_type::error));
  BOOST_TEST((idp->header.destination() == sender));
  BOOST_TEST((idp->header.source() == xns_address{left, router_left, socket_number{3}}));
  const auto error = parse_error(idp->data);
  BOOST_REQUIRE(error.has_value());
  return *error;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(forwarder_test)

BOOST_AUTO_TEST_CASE(forward__to_a_network_of_its_own_and_to_the_next_router) {
  small_router of;
  const auto near = of.pass(data_frame(sender, receiver));
  BOOST_TEST_REQUIRE(near.size() == 1u);
  BOOST_TEST(near[0].link == 1u);
  BOOST_TEST((near[0].next_hop == number_b));
  const auto further = of.pass(data_frame(sender, {far, number_b, socket_number{3001}}));
  BOOST_TEST_REQUIRE(further.size() == 1u);
  BOOST_TEST((further[0].next_hop == next_router));
  BOOST_TEST(of.engine.statistics().forwarded == 2u);
}

// The sheet's packets A and B are the same Echo request before and after a router.
BOOST_AUTO_TEST_CASE(forward__one_hop_makes_the_sheets_packet_b_of_packet_a) {
  host_config config = settings(router_left);
  config.network = network_number{1};
  config.further = {{network_number{0x41a}, router_right, 1500}};
  config.forwards = true;
  host engine(config);
  engine.on_datagram({}, {.previous_hop = number_a, .contents = slice::copy_of(packet_a)});
  packet out;
  BOOST_TEST_REQUIRE(engine.poll_transmit({}, {&out, 1}) == 1u);
  octets frame(out.size());
  out.copy_to(frame.data());
  BOOST_TEST(frame == packet_b, boost::test_tools::per_element());
}

// Whatever a packet holds, its checksum stays right by incremental update, an absent one absent, and a garbage octet
// that is not zero what it was.
RC_BOOST_PROP(forward__changes_the_hop_count_and_nothing_else, (octets data, std::uint8_t hops, bool checksummed)) {
  data.resize(std::min<std::size_t>(data.size(), 500));
  hops %= forwarder::maximum_hops;
  idp_header header = parse_idp(data_frame(sender, receiver))->header;
  header.transport_control = hops;
  octets frame;
  append_idp(frame, header, data);
  if (!checksummed) {
    store_u16(frame.data(), 0xffff);
  } else if (data.size() % 2 != 0) {
    frame.back() = 0xa5;
    store_u16(frame.data(), checksum(octets_view(frame).subspan(2)));
  }
  octets padded = frame;
  padded.resize(std::max<std::size_t>(60, frame.size() + 3), 0xee);  // link padding does not travel on
  small_router of;
  const auto passed = of.pass(padded);
  RC_ASSERT(passed.size() == 1u);
  const octets& after = passed[0].frame;
  RC_ASSERT(after.size() == frame.size());
  RC_ASSERT(parse_idp(after).has_value());
  RC_ASSERT(parse_idp(after)->checksummed == checksummed);
  octets expected = frame;
  expected[4] = static_cast<octet>(hops + 1);
  std::copy_n(after.begin(), 2, expected.begin());
  RC_ASSERT(after == expected);
}

BOOST_AUTO_TEST_CASE(forward__a_packet_that_is_too_old_is_told_to_its_sender) {
  small_router of;
  BOOST_TEST((parse_idp(of.pass(data_frame(sender, receiver, 5, 14)).at(0).frame)->header.transport_control == 15));
  const error_packet error = only_error(of.pass(data_frame(sender, receiver, 5, 15)));
  BOOST_TEST((error.header.number == error_number::too_many_hops));
  BOOST_TEST(of.drops(drop_reason::too_many_hops) == 1u);
}

BOOST_AUTO_TEST_CASE(forward__a_network_that_nobody_knows) {
  small_router of;
  const error_packet error = only_error(of.pass(data_frame(sender, {network_number{77}, number_b, {}})));
  BOOST_TEST((error.header.number == error_number::destination_unreachable));
  BOOST_TEST((error.quoted.destination_network == network_number{77}));
  BOOST_TEST(of.drops(drop_reason::network_unreachable) == 1u);
}

BOOST_AUTO_TEST_CASE(forward__a_packet_too_big_for_the_next_link_is_told_the_size_that_fits) {
  small_router of;
  BOOST_TEST(of.pass(data_frame(sender, receiver, 570)).at(0).link == 1u);
  const error_packet error = only_error(of.pass(data_frame(sender, receiver, 571)));
  BOOST_TEST((error.header.number == error_number::too_big));
  BOOST_TEST(error.header.parameter == 600u);
}

BOOST_AUTO_TEST_CASE(forward__neither_groups_nor_senders_without_a_network) {
  small_router of;
  BOOST_TEST(of.pass(data_frame(sender, {right, broadcast_host, {}})).empty());
  BOOST_TEST(of.pass(data_frame(sender, {right, host_number{0x010000000001}, {}})).empty());
  BOOST_TEST(of.drops(drop_reason::not_for_this_host) == 2u);
  BOOST_TEST(of.pass(data_frame({local_network, number_a, {}}, receiver)).empty());
  BOOST_TEST(of.drops(drop_reason::source_network_unknown) == 1u);
  BOOST_TEST(of.pass(data_frame({right, router_right, {}}, receiver)).empty());  // our own number as the sender's
  BOOST_TEST(of.drops(drop_reason::source_is_self) == 1u);
}

BOOST_AUTO_TEST_CASE(forward__damage_is_not_passed_on) {
  small_router of;
  octets frame = data_frame(sender, receiver);
  frame[31] ^= 1;
  BOOST_TEST(of.pass(frame).empty());
  BOOST_TEST(of.drops(drop_reason::bad_checksum) == 1u);
}

BOOST_AUTO_TEST_CASE(forward__what_waits_is_bounded) {
  small_router of;
  const octets frame = data_frame(sender, receiver);
  for (std::size_t i = 0; i < forwarder::maximum_waiting; ++i)
    of.engine.on_datagram(of.now, {.previous_hop = number_a, .contents = slice::copy_of(frame)});
  BOOST_TEST(of.drops(drop_reason::forwarding_queue_full) == 0u);
  of.engine.on_datagram(of.now, {.previous_hop = number_a, .contents = slice::copy_of(frame)});
  BOOST_TEST(of.drops(drop_reason::forwarding_queue_full) == 1u);
  const auto all = of.leaving();
  BOOST_TEST(all.size() == forwarder::maximum_waiting + 1);  // and one Error
}

BOOST_AUTO_TEST_CASE(forward__errors_draw_no_errors) {
  small_router of;
  octets body(error_layout::octets + quoted_octets);
  const octets frame = idp_frame(packet_type::error, sender, {network_number{77}, number_b, {}}, body);
  BOOST_TEST(of.pass(frame).empty());
  BOOST_TEST(of.drops(drop_reason::network_unreachable) == 1u);
}

// Both of a router's addresses are its own, on whichever link a packet comes.
BOOST_AUTO_TEST_CASE(forward__what_is_for_the_router_itself_stays) {
  small_router of;
  const octets echo = from_hexadecimal("0001aabb");
  for (const xns_address to :
       {xns_address{left, router_left, echo_socket}, xns_address{right, router_right, echo_socket}}) {
    const auto answer = of.pass(idp_frame(packet_type::echo, sender, to, echo));
    BOOST_TEST_REQUIRE(answer.size() == 1u);
    BOOST_TEST((parse_idp(answer[0].frame)->header.packet_type == packet_type::echo));
  }
  BOOST_TEST(of.engine.statistics().forwarded == 0u);
}

// Whoever sends us a packet in the name of a network gets nobody else's packets for it.
BOOST_AUTO_TEST_CASE(forward__an_arrival_is_no_route) {
  small_router of;
  const network_number unknown{77};
  const xns_address claimed{unknown, number_b, socket_number{3001}};
  of.pass(idp_frame(packet_type::echo, claimed, of.engine.address(echo_socket), octets{0, 2}));
  BOOST_TEST(of.engine.routing().way_to(unknown, number_b).has_value());
  of.pass(idp_frame(packet_type::echo, sender, claimed));
  BOOST_TEST(of.drops(drop_reason::network_unreachable) == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
