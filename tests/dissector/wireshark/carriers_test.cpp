// tshark with the dissector reads IDP and SPP behind every carrier; without it only behind Ethernet.
#include "protocol/wire/echo.hpp"
#include "protocol/wire/idp.hpp"
#include "tests/dissector/wireshark/tshark.hpp"

using namespace seqwire;

namespace {

octets from_hexadecimal(std::string_view text) {
  octets result;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    result.push_back(static_cast<octet>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return result;
}

// The reference sheet's packet D: socket 3000, sequence 7, acknowledge 3, allocation 10, SEND-ACK + end of message.
const octets packet_d = from_hexadecimal(
    "07c5002f00050000041a1000bb10110100050000041a0800aa0000010bb850004321876500070003000a68656c6c6f00");

// What tshark prints for one frame with packet D behind `link_header`.
std::string fields_of(link_type type, std::string_view link_header, bool with_script, const octets& packet = packet_d) {
  const tshark::capture_file file("carriers");
  {
    capture_writer writer(file.path(), {});
    const std::size_t interface = writer.add_interface({.name = "a", .description = {}, .type = type});
    writer.write({.interface = interface}, from_hexadecimal(link_header), packet);
    writer.close();
  }
  return tshark::output_for(
      file.path(), "-Y spp -T fields -e idp.src.socket -e spp.seq -e spp.ack -e spp.alloc -e spp.ctl -e spp.type",
      with_script ? tshark::committed : "");
}

constexpr std::string_view expected = "0x0bb8\t7\t3\t10\t0x50\t0x00\n";
constexpr std::string_view ipv4 = "4500004400000000401666a60a0000010a000002";

}  // namespace

BOOST_AUTO_TEST_SUITE(carriers_test)

BOOST_AUTO_TEST_CASE(carriers__ethernet_needs_no_script) {
  BOOST_TEST(fields_of(link_type::ethernet, "1000bb1011010800aa0000010600", false) == expected);
  BOOST_TEST(fields_of(link_type::ethernet, "1000bb1011010800aa0000010600", true) == expected);
}

BOOST_AUTO_TEST_CASE(carriers__ipv4_protocol_22) {
  const std::string on_ethernet = std::string("1000bb1011010800aa0000010800").append(ipv4);
  BOOST_TEST(fields_of(link_type::raw_ip, ipv4, true) == expected);
  BOOST_TEST(fields_of(link_type::ethernet, on_ethernet, true) == expected);
  BOOST_TEST(fields_of(link_type::raw_ip, ipv4, false) == "");
}

BOOST_AUTO_TEST_CASE(carriers__bare_idp) {
  BOOST_TEST(fields_of(link_type::user0, "", true) == expected);
  BOOST_TEST(fields_of(link_type::user0, "", false) == "");
}

BOOST_AUTO_TEST_CASE(carriers__linux_cooked) {
  const std::string_view cooked =
      "000400010006"
      "0800aa0000010000"
      "0600";
  BOOST_TEST(fields_of(link_type::linux_cooked, cooked, true) == expected);
  BOOST_TEST(fields_of(link_type::linux_cooked, cooked, false) == "");
}

BOOST_AUTO_TEST_CASE(carriers__udp) {
  // 10.0.0.1 port 50000 to 10.0.0.2 port 49152: 28 octets of headers in front of 48.
  const std::string ip = "4500004c00000000401166a30a0000010a000002";
  BOOST_TEST(fields_of(link_type::raw_ip, ip + "c350c00000380000", true) == expected);
  BOOST_TEST(fields_of(link_type::raw_ip, ip + "c350c00000380000", false) == "");
  // Low ports, and a checksum that is wrong: nobody's.
  BOOST_TEST(fields_of(link_type::raw_ip, ip + "0350000000380000", true) == "");
  octets damaged = packet_d;
  damaged[40] ^= 1;
  BOOST_TEST(fields_of(link_type::raw_ip, ip + "c350c00000380000", true, damaged) == "");
}

BOOST_AUTO_TEST_SUITE_END()
