// The SPP header behind IDP: fields, order of the checks, exactly one reason for each refusal.
#include "protocol/wire/spp.hpp"

#include <rapidcheck/boost_test.h>
#include <boost/test/unit_test.hpp>
#include <optional>

#include "tests/protocol/wire/packets.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(spp_test)

constexpr octet system_bit = 0x80;
constexpr octet attention_bit = 0x20;

// SPP octets with these two first octets, source connection 0x4321, and so much data.
octets spp_octets(octet connection_control, octet datastream_type, std::size_t data) {
  octets result = from_hexadecimal("00004321876500070003000a");
  result.resize(spp_layout::octets + data, 0x61);
  result[0] = connection_control;
  result[1] = datastream_type;
  return result;
}

BOOST_AUTO_TEST_CASE(parse_spp__packet_c_opens) {
  const auto packet = parse_spp(parse_idp(packet_c)->data);
  BOOST_TEST_REQUIRE(packet.has_value());
  const spp_header expected{
      .system = true,
      .send_acknowledgement = true,
      .attention = false,
      .end_of_message = false,
      .reserved = 0,
      .datastream_type = 0,
      .source_connection = 0x4321,
      .destination_connection = 0,
      .sequence = 0,
      .acknowledge = 0,
      .allocation = 7,
  };
  BOOST_TEST((packet->header == expected));
  BOOST_TEST(packet->data.empty());
}

BOOST_AUTO_TEST_CASE(parse_spp__packet_d_carries_hello) {
  const auto packet = parse_spp(parse_idp(packet_d)->data);
  BOOST_TEST_REQUIRE(packet.has_value());
  const spp_header expected{
      .system = false,
      .send_acknowledgement = true,
      .attention = false,
      .end_of_message = true,
      .reserved = 0,
      .datastream_type = 0,
      .source_connection = 0x4321,
      .destination_connection = 0x8765,
      .sequence = 7,
      .acknowledge = 3,
      .allocation = 10,
  };
  BOOST_TEST((packet->header == expected));
  BOOST_TEST(std::string(packet->data.begin(), packet->data.end()) == "hello");
}

BOOST_AUTO_TEST_CASE(parse_spp__refuses_a_cut_header) {
  const octets whole = spp_octets(0, 0, 0);
  for (std::size_t size = 0; size < spp_layout::octets; ++size)
    BOOST_TEST((parse_spp(octets_view(whole).first(size)).error() == drop_reason::spp_header_too_short));
  BOOST_TEST(parse_spp(whole).has_value());
}

BOOST_AUTO_TEST_CASE(parse_spp__refuses_source_connection_zero) {
  octets packet = spp_octets(0, 0, 3);
  store_u16(&packet[2], 0);
  BOOST_TEST((parse_spp(packet).error() == drop_reason::source_connection_zero));
}

BOOST_AUTO_TEST_CASE(parse_spp__refuses_a_system_packet_with_data) {
  BOOST_TEST((parse_spp(spp_octets(system_bit, 0, 1)).error() == drop_reason::system_packet_with_data));
  BOOST_TEST(parse_spp(spp_octets(system_bit, 0, 0)).has_value());
}

BOOST_AUTO_TEST_CASE(parse_spp__refuses_attention_of_any_size_but_one) {
  for (const std::size_t size : {0u, 2u, 3u, 534u})
    BOOST_TEST((parse_spp(spp_octets(attention_bit, 0, size)).error() == drop_reason::attention_not_one_octet));
  BOOST_TEST(parse_spp(spp_octets(attention_bit, 0, 1)).has_value());
}

BOOST_AUTO_TEST_CASE(parse_spp__refuses_a_close_with_data) {
  BOOST_TEST((parse_spp(spp_octets(0, 254, 1)).error() == drop_reason::close_with_data));
  BOOST_TEST((parse_spp(spp_octets(0, 255, 1)).error() == drop_reason::close_with_data));
  BOOST_TEST(parse_spp(spp_octets(0, 254, 0)).has_value());
  BOOST_TEST(parse_spp(spp_octets(0, 255, 0)).has_value());
  BOOST_TEST(parse_spp(spp_octets(0, 253, 1)).has_value());
}

BOOST_AUTO_TEST_CASE(parse_spp__checks_in_order) {
  octets packet = spp_octets(system_bit | attention_bit, 254, 5);  // everything at once
  store_u16(&packet[2], 0);
  BOOST_TEST((parse_spp(packet).error() == drop_reason::source_connection_zero));
  store_u16(&packet[2], 1);
  BOOST_TEST((parse_spp(packet).error() == drop_reason::system_packet_with_data));
  packet[0] = attention_bit;
  BOOST_TEST((parse_spp(packet).error() == drop_reason::attention_not_one_octet));
  packet[0] = 0;
  BOOST_TEST((parse_spp(packet).error() == drop_reason::close_with_data));
}

BOOST_AUTO_TEST_CASE(parse_spp__ignores_reserved_bits) {
  const auto packet = parse_spp(spp_octets(0x0f, 0, 1));
  BOOST_TEST_REQUIRE(packet.has_value());
  BOOST_TEST(packet->header.reserved == 0x0f);
}

std::optional<drop_reason> reason_by_rules(const octets& spp) {
  if (spp.size() < 12) return drop_reason::spp_header_too_short;
  const std::size_t data = spp.size() - 12;
  if (load_u16(&spp[2]) == 0) return drop_reason::source_connection_zero;
  if ((spp[0] & system_bit) != 0) {
    if (data > 0) return drop_reason::system_packet_with_data;
    return std::nullopt;
  }
  if ((spp[0] & attention_bit) != 0 && data != 1) return drop_reason::attention_not_one_octet;
  if (spp[1] >= 254 && data > 0) return drop_reason::close_with_data;
  return std::nullopt;
}

RC_BOOST_PROP(parse_spp__gives_the_first_broken_rule_as_the_reason, (octets packet, std::uint8_t shape)) {
  packet.resize(packet.size() % 15 + shape % 4 * 3);
  if (packet.size() >= 12) {
    if (shape & 0x80) store_u16(&packet[2], 0);
    if (shape & 0x40) packet[1] |= 0xfe;
    if (shape & 0x20) packet[0] &= 0x1f;
  }
  const auto parsed = parse_spp(packet);
  const auto expected = reason_by_rules(packet);
  RC_CLASSIFY(parsed.has_value(), "accepted");
  RC_ASSERT(parsed.has_value() == !expected.has_value());
  if (expected) RC_ASSERT(parsed.error() == *expected);
}

RC_BOOST_PROP(parse_spp__travels_in_idp_and_comes_back, (const std::array<octet, 12>& any, const octets& data)) {
  spp_header header = spp_layout::decode(any.data());
  header.system = header.attention = false;
  header.datastream_type &= 0x7f;
  if (header.source_connection == 0) header.source_connection = 1;
  octets body(spp_layout::octets);
  spp_layout::encode(header, body.data());
  body.insert(body.end(), data.begin(), data.end());
  octets frame;
  append_idp(frame, idp_header{}, body);
  const auto idp = parse_idp(frame);
  RC_ASSERT(idp.has_value());
  const auto spp = parse_spp(idp->data);
  RC_ASSERT(spp.has_value());
  RC_ASSERT(spp->header == header);
  RC_ASSERT((octets(spp->data.begin(), spp->data.end()) == data));
}

BOOST_AUTO_TEST_SUITE_END()
