// The one parse that every packet goes through: its order, one reason for each refusal, and the way back.
#include "protocol/wire/idp.hpp"

#include <rapidcheck/boost_test.h>
#include <boost/test/unit_test.hpp>
#include <optional>

#include "protocol/wire/checksum.hpp"
#include "tests/protocol/wire/packets.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(idp_test)

BOOST_AUTO_TEST_CASE(parse_idp__packet_a_field_by_field) {
  const auto packet = parse_idp(packet_a);
  BOOST_TEST_REQUIRE(packet.has_value());
  const idp_header expected{
      .checksum = 0xbdcb,
      .length = 37,
      .transport_control = 0,
      .packet_type = packet_type::echo,
      .destination_network = network_number{0x41a},
      .destination_host = host_number{0x1000bb101101},
      .destination_socket = socket_number{2},
      .source_network = network_number{0x41a},
      .source_host = host_number{0x0800aa000001},
      .source_socket = socket_number{3001},
  };
  BOOST_TEST((packet->header == expected));
  BOOST_TEST((packet->header.source() == *parse_address("41a.0800aa000001:3001")));
  BOOST_TEST((packet->header.destination() == *parse_address("41a.1000bb101101:2")));
  BOOST_TEST(packet->checksummed);
  BOOST_TEST(packet->whole.size() == 37u);
  BOOST_TEST(packet->data.size() == 7u);  // the garbage octet is not delivered
  BOOST_TEST(packet->data.back() == 'o');
}

BOOST_AUTO_TEST_CASE(parse_idp__accepts_every_whole_packet_also_padded) {
  for (const octets* whole : whole_packets) {
    octets frame = *whole;
    BOOST_TEST(parse_idp(frame).has_value());
    frame.resize(60, 0xaa);  // the padding of a short Ethernet frame
    BOOST_TEST_REQUIRE(parse_idp(frame).has_value());
    BOOST_TEST(parse_idp(frame)->whole.size() == load_u16(&frame[2]));
  }
}

// What is wrong with a frame, by looking at one rule at a time; the first in the rules' order is the reason.
std::optional<drop_reason> reason_by_rules(const octets& frame) {
  if (frame.size() < 30) return drop_reason::frame_too_short;
  const std::size_t length = load_u16(&frame[2]);
  if (length < 30) return drop_reason::length_too_small;
  if (frame.size() < length + length % 2) return drop_reason::frame_shorter_than_length;
  const octets summed(frame.begin() + 2, frame.begin() + static_cast<std::ptrdiff_t>(length + length % 2));
  if (load_u16(&frame[0]) != 0xffff && load_u16(&frame[0]) != checksum(summed)) return drop_reason::bad_checksum;
  return std::nullopt;
}

BOOST_AUTO_TEST_CASE(parse_idp__refuses_a_frame_without_a_whole_header) {
  for (std::size_t size = 0; size < 30; ++size) {
    const octets frame(size, 0xff);
    BOOST_TEST((parse_idp(frame).error() == drop_reason::frame_too_short));
  }
}

BOOST_AUTO_TEST_CASE(parse_idp__refuses_a_length_below_the_header) {
  for (std::uint16_t length = 0; length < 30; ++length) {
    octets frame = packet_a;
    store_u16(&frame[2], length);
    BOOST_TEST((parse_idp(frame).error() == drop_reason::length_too_small));
  }
}

BOOST_AUTO_TEST_CASE(parse_idp__refuses_a_length_beyond_the_frame) {
  octets frame = packet_a;
  for (const unsigned length : {39u, 40u, 41u, 576u, 0xfffeu, 0xffffu}) {
    store_u16(&frame[2], static_cast<std::uint16_t>(length));
    BOOST_TEST((parse_idp(frame).error() == drop_reason::frame_shorter_than_length));
  }
  frame = packet_a;
  frame.pop_back();  // an odd length without its garbage octet
  BOOST_TEST((parse_idp(frame).error() == drop_reason::frame_shorter_than_length));
}

BOOST_AUTO_TEST_CASE(parse_idp__refuses_every_flipped_bit_behind_the_length) {
  for (std::size_t bit = 4 * 8; bit < packet_d.size() * 8; ++bit) {
    octets frame = packet_d;
    frame[bit / 8] ^= static_cast<octet>(0x80 >> bit % 8);
    BOOST_TEST((parse_idp(frame).error() == drop_reason::bad_checksum));
    BOOST_TEST(parse_idp(frame, checksum_policy::ignore).has_value());
  }
}

BOOST_AUTO_TEST_CASE(parse_idp__does_not_check_what_says_not_checked) {
  octets frame = packet_a;
  store_u16(&frame[0], no_checksum);
  frame.back() = 0x77;
  const auto packet = parse_idp(frame);
  BOOST_TEST_REQUIRE(packet.has_value());
  BOOST_TEST(!packet->checksummed);
}

BOOST_AUTO_TEST_CASE(parse_idp__checks_in_order) {
  octets frame(29, 0);  // too short, and its length too small
  BOOST_TEST((parse_idp(frame).error() == drop_reason::frame_too_short));
  frame.resize(30);  // length too small, and the checksum wrong
  store_u16(&frame[0], 0x1234);
  BOOST_TEST((parse_idp(frame).error() == drop_reason::length_too_small));
  store_u16(&frame[2], 40);  // longer than the frame, and the checksum wrong
  BOOST_TEST((parse_idp(frame).error() == drop_reason::frame_shorter_than_length));
  frame.resize(40);
  BOOST_TEST((parse_idp(frame).error() == drop_reason::bad_checksum));
}

RC_BOOST_PROP(parse_idp__gives_the_first_broken_rule_as_the_reason, (octets frame, std::uint8_t repairs)) {
  frame.resize(frame.size() + (repairs & 4 ? 40 : 0));
  if (frame.size() >= 30) {  // random octets hardly ever get past the length, so some are helped on
    if (repairs & 1) store_u16(&frame[2], static_cast<std::uint16_t>(frame.size() - frame.size() % 2));
    if (repairs & 2) store_u16(&frame[0], checksum(octets_view(frame).first(frame.size() / 2 * 2).subspan(2)));
  }
  const auto packet = parse_idp(frame);
  const auto expected = reason_by_rules(frame);
  RC_CLASSIFY(packet.has_value(), "accepted");
  RC_ASSERT(packet.has_value() == !expected.has_value());
  if (expected) RC_ASSERT(packet.error() == *expected);
}

RC_BOOST_PROP(append_idp__is_undone_by_parse_idp, (const std::array<octet, 30>& header_octets, const octets& data)) {
  idp_header header = idp_layout::decode(header_octets.data());
  octets frame{0x11, 0x22, 0x33};  // what is there already stays
  append_idp(frame, header, data);
  RC_ASSERT((octets(frame.begin(), frame.begin() + 3) == octets{0x11, 0x22, 0x33}));
  const auto packet = parse_idp(octets_view(frame).subspan(3));
  RC_ASSERT(packet.has_value());
  RC_ASSERT(packet->checksummed);
  RC_ASSERT(frame.size() == 3 + octets_on_wire(packet->header.length));
  RC_ASSERT((octets(packet->data.begin(), packet->data.end()) == data));
  header.length = packet->header.length;
  header.checksum = packet->header.checksum;
  RC_ASSERT(packet->header == header);
}

BOOST_AUTO_TEST_CASE(append_idp__writes_the_whole_packets) {
  for (const octets* whole : whole_packets) {
    const auto packet = parse_idp(*whole);
    octets again;
    append_idp(again, packet->header, packet->data);
    BOOST_TEST(again == *whole, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(append_idp__the_longest_packet) {
  octets frame;
  append_idp(frame, idp_header{}, octets(65'505, 0xff));
  const auto packet = parse_idp(frame);
  BOOST_TEST_REQUIRE(packet.has_value());
  BOOST_TEST(packet->whole.size() == 65'535u);
  BOOST_TEST(frame.size() == 65'536u);
}

BOOST_AUTO_TEST_CASE(idp_checksum_after_hops__packet_a_becomes_packet_b) {
  BOOST_TEST(idp_checksum_after_hops(load_u16(packet_a.data()), 37, 0) == load_u16(packet_a.data()));
  BOOST_TEST(idp_checksum_after_hops(load_u16(packet_a.data()), 37, 1) == load_u16(packet_b.data()));
  BOOST_TEST(idp_checksum_after_hops(0xffff, 37, 1) == 0xffff);
}

RC_BOOST_PROP(idp_checksum_after_hops__is_the_checksum_made_anew, (octets data, std::uint8_t hops)) {
  data.resize(std::min<std::size_t>(data.size(), 1000));
  idp_header header = parse_idp(packet_a)->header;
  octets before, after;
  append_idp(before, header, data);
  header.transport_control = hops;
  append_idp(after, header, data);
  RC_ASSERT(idp_checksum_after_hops(load_u16(before.data()), 30 + data.size(), hops) == load_u16(after.data()));
}

BOOST_AUTO_TEST_SUITE_END()
