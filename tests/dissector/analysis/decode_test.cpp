// From frame to fields, for every carrier, with the reference packets of the specification sheet.
#include "dissector/analysis/decode.hpp"

#include <boost/test/unit_test.hpp>

#include <string_view>

#include "protocol/wire/checksum.hpp"

using namespace seqwire;

namespace {

octets from_hexadecimal(std::string_view text) {
  octets result;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    result.push_back(static_cast<octet>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return result;
}

// SPP data, SEND-ACK + end of message, "hello" and a garbage octet.
const octets packet_d = from_hexadecimal(
    "07c5002f00050000041a1000bb10110100050000041a0800aa0000010bb850004321876500070003000a68656c6c6f00");

octets behind(std::string_view link_header, std::size_t padding = 0) {
  octets frame = from_hexadecimal(link_header);
  frame.insert(frame.end(), packet_d.begin(), packet_d.end());
  frame.resize(frame.size() + padding);
  return frame;
}

void expect_packet_d(link_type type, const octets& frame) {
  const auto decoded = decode_frame(type, frame);
  BOOST_REQUIRE(decoded.has_value());
  BOOST_TEST(decoded->checksum_right);
  BOOST_TEST(decoded->packet.size() == 48u);
  const auto spp = decode_sequenced(*decoded);
  BOOST_REQUIRE(spp.has_value());
  BOOST_TEST((spp->fault == form_fault::none));
  BOOST_TEST(spp->header.acknowledgement_request);
  BOOST_TEST(spp->header.end_of_record);
  BOOST_TEST(!spp->header.system);
  BOOST_TEST(spp->header.source_connection == 17185);
  BOOST_TEST(spp->header.destination_connection == 34661);
  BOOST_TEST(spp->header.sequence == 7);
  BOOST_TEST(spp->header.acknowledgement == 3);
  BOOST_TEST(spp->header.allocation == 10);
  BOOST_TEST(std::string(spp->body.begin(), spp->body.end()) == "hello");
}

constexpr std::string_view ethernet = "1000bb1011010800aa0000010600";
// IPv4: total length 20 + 48, protocol 22.
constexpr std::string_view ipv4 =
    "450000440000000040160000"
    "0a0000010a000002";

}  // namespace

BOOST_AUTO_TEST_SUITE(decode_test)

BOOST_AUTO_TEST_CASE(decode_frame__every_carrier) {
  expect_packet_d(link_type::ethernet, behind(ethernet));
  expect_packet_d(link_type::ethernet, behind("1000bb1011010800aa0000018100000a0600"));
  expect_packet_d(link_type::ethernet, behind(std::string("1000bb1011010800aa0000010800").append(ipv4), 6));
  expect_packet_d(link_type::raw_ip, behind(ipv4));
  expect_packet_d(link_type::ipv4, behind(ipv4));
  expect_packet_d(link_type::user0, behind(""));
  expect_packet_d(link_type::linux_cooked, behind("00040001000608"
                                                  "00aa00000100000600"));
}

BOOST_AUTO_TEST_CASE(decode_frame__ethernet_padding_is_not_data) {
  expect_packet_d(link_type::ethernet, behind(ethernet, 12));
}

BOOST_AUTO_TEST_CASE(decode_frame__cooked_header_tells_the_direction) {
  const octets frame = behind("0004000100060800aa00000100000600");
  BOOST_TEST((decode_frame(link_type::linux_cooked, frame)->told_by_link == capture_direction::out));
}

BOOST_AUTO_TEST_CASE(decode_frame__link_addresses) {
  const auto decoded = decode_frame(link_type::ethernet, behind(ethernet));
  BOOST_TEST((decoded->link_source == decoded->header.source_host));
  BOOST_TEST((decoded->link_destination == decoded->header.destination_host));
}

BOOST_AUTO_TEST_CASE(decode_frame__every_shorter_frame_is_refused) {
  for (const auto& [type, header] : {std::pair{link_type::ethernet, ethernet}, std::pair{link_type::raw_ip, ipv4},
                                     std::pair{link_type::user0, std::string_view{}}}) {
    const octets whole = behind(header);
    for (std::size_t size = 0; size < whole.size(); ++size)
      BOOST_TEST(
          !decode_frame(type, octets(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))).has_value());
  }
}

BOOST_AUTO_TEST_CASE(decode_frame__other_protocols_and_fragments) {
  octets arp = behind(ethernet);
  arp[12] = 0x08;
  arp[13] = 0x06;
  BOOST_TEST((decode_frame(link_type::ethernet, arp).error() == undecodable::not_idp));
  octets fragment = behind(ipv4);
  fragment[6] = 0x20;
  BOOST_TEST((decode_frame(link_type::raw_ip, fragment).error() == undecodable::ip_fragment));
  octets lying = behind("");
  lying[3] = 29;
  BOOST_TEST((decode_frame(link_type::user0, lying).error() == undecodable::bad_length));
  BOOST_TEST((decode_frame(link_type{999}, lying).error() == undecodable::unknown_link_type));
}

BOOST_AUTO_TEST_CASE(decode_frame__one_flipped_bit_spoils_the_checksum) {
  for (std::size_t bit = 0; bit < packet_d.size() * 8; ++bit) {
    octets damaged = packet_d;
    damaged[bit / 8] ^= static_cast<octet>(0x80 >> bit % 8);
    const auto decoded = decode_frame(link_type::user0, damaged);
    if (decoded) BOOST_TEST(!decoded->checksum_right, "bit " << bit);
  }
}

BOOST_AUTO_TEST_CASE(decode_frame__no_checksum_counts_as_right) {
  octets unchecked = packet_d;
  unchecked[0] = unchecked[1] = 0xff;
  const auto decoded = decode_frame(link_type::user0, unchecked);
  BOOST_TEST(decoded->checksum_right);
  BOOST_TEST(!decoded->checksummed);
}

// Word by word as the specification tells it, which is what both checksums shorten.
std::uint16_t specified_checksum(const octets& after_checksum_field) {
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at < after_checksum_field.size(); at += 2) {
    sum += std::uint32_t{after_checksum_field[at]} << 8;
    if (at + 1 < after_checksum_field.size()) sum += after_checksum_field[at + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    sum = ((sum << 1) | (sum >> 15)) & 0xffff;
  }
  return static_cast<std::uint16_t>(sum == 0xffff ? 0 : sum);
}

BOOST_AUTO_TEST_CASE(plain_checksum__is_what_the_specification_says) {
  for (const octet fill : {octet{0}, octet{0xff}, octet{0x5a}})
    for (std::size_t size = 0; size < 1500; ++size) {
      octets contents(size, fill);
      if (size > 0) contents.back() = static_cast<octet>(size);
      BOOST_REQUIRE_EQUAL(plain_checksum(contents), specified_checksum(contents));
    }
}

BOOST_AUTO_TEST_CASE(plain_checksum__vectors_and_the_closed_form) {
  BOOST_TEST(plain_checksum(from_hexadecimal("12345678")) == 0xf5c0);
  BOOST_TEST(plain_checksum(from_hexadecimal("ffff")) == 0x0000);
  BOOST_TEST(plain_checksum(from_hexadecimal("01")) == 0x0200);
  BOOST_TEST(plain_checksum(from_hexadecimal("abcdef")) == 0x8d38);
  octets growing;
  for (int i = 0; i < 600; ++i) {
    growing.push_back(static_cast<octet>(i * 73));
    BOOST_TEST(plain_checksum(growing) == checksum(growing));
  }
}

BOOST_AUTO_TEST_CASE(decode_sequenced__faults_of_form) {
  const auto fault = [](auto change) {
    octets packet = packet_d;
    change(packet);
    return decode_sequenced(*decode_frame(link_type::user0, packet))->fault;
  };
  BOOST_TEST((fault([](octets& p) { p[30] = 0x80; }) == form_fault::system_with_data));
  BOOST_TEST((fault([](octets& p) { p[30] = 0x20; }) == form_fault::attention_not_one_octet));
  BOOST_TEST((fault([](octets& p) { p[31] = 254; }) == form_fault::close_with_data));
  BOOST_TEST((fault([](octets& p) { p[32] = p[33] = 0; }) == form_fault::source_connection_zero));
  BOOST_TEST((fault([](octets& p) { p[3] = 41; }) == form_fault::too_short));
}

BOOST_AUTO_TEST_CASE(decode_sequenced__other_packet_types_have_none) {
  octets echo = packet_d;
  echo[5] = 2;
  BOOST_TEST(!decode_sequenced(*decode_frame(link_type::user0, echo)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
