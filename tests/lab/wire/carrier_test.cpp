// From the words of a command's options to what is meant.
#include "lab/wire/carrier.hpp"

#include <boost/test/unit_test.hpp>

namespace seqwire {
namespace {

using kind = carrier_choice::kind;

carrier_words udp(const std::string& local, std::vector<std::string> peers = {}) {
  return {.udp = local, .peers = std::move(peers)};
}
carrier_words ip(const std::string& local, std::vector<std::string> peers = {}) {
  return {.ip = local, .peers = std::move(peers)};
}

ipv4_endpoint local_of(const carrier_words& words) {
  const auto parsed = parse_carrier(words);
  BOOST_REQUIRE_MESSAGE(parsed.has_value(), parsed.error());
  return parsed->local;
}

fixed_peer peer_of(const carrier_words& words) {
  const auto parsed = parse_carrier(words);
  BOOST_REQUIRE_MESSAGE(parsed.has_value(), parsed.error());
  BOOST_REQUIRE(parsed->options.peers.size() == 1u);
  return parsed->options.peers.front();
}

void expect_refused(const carrier_words& words, const std::string& beginning) {
  const auto parsed = parse_carrier(words);
  BOOST_REQUIRE_MESSAGE(!parsed.has_value(), beginning);
  BOOST_TEST(parsed.error().starts_with(beginning), parsed.error());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(carrier_test)

BOOST_AUTO_TEST_CASE(parse_carrier__each_of_the_three) {
  const auto ethernet = parse_carrier({.interface = "eth0", .host = "02000000000b", .packet_life = "1s"});
  BOOST_REQUIRE(ethernet.has_value());
  BOOST_TEST((ethernet->on == kind::ethernet));
  BOOST_TEST(ethernet->interface == "eth0");
  BOOST_TEST((ethernet->options.host == host_number{0x02000000000b}));
  BOOST_TEST((ethernet->options.packet_life == 1_s));
  BOOST_TEST((parse_carrier(ip("10.0.0.7"))->on == kind::ip));
  BOOST_TEST((parse_carrier(udp("0"))->on == kind::udp));
  BOOST_TEST(!parse_carrier(udp("0"))->options.packet_life.has_value());
  BOOST_TEST(parse_carrier({.udp = "0", .host = "auto"})->fresh_host);
  BOOST_TEST((parse_carrier({.udp = "0", .mtu = "576"})->options.mtu == 576u));
}

BOOST_AUTO_TEST_CASE(parse_carrier__local_addresses) {
  BOOST_TEST((local_of(udp("0")) == ipv4_endpoint{0, 0}));
  BOOST_TEST((local_of(udp("49153")) == ipv4_endpoint{0, 49153}));
  BOOST_TEST((local_of(udp("127.0.0.1:0")) == ipv4_endpoint{0x7f000001, 0}));
  BOOST_TEST((local_of(udp("127.0.0.1")) == ipv4_endpoint{0x7f000001, 49152}));
  BOOST_TEST((local_of({.udp = "4000", .host = "auto"}) == ipv4_endpoint{0, 4000}));
  BOOST_TEST((local_of(ip("10.0.0.7")) == ipv4_endpoint{0x0a000007, 0}));
  for (const char* wrong : {"", "x", "65536", "10.0.0.7:", ":3", "10.0.0.7:x", "10.0.0:3", "224.0.0.1:50000", "::1"})
    expect_refused(udp(wrong), "--udp: expected PORT, IP or IP:PORT");
  for (const char* wrong : {"", "x", "0.0.0.0", "10.0.0.7:3", "255.255.255.255"}) expect_refused(ip(wrong), "--ip: ");
  expect_refused(udp("49151"), "--udp: expected a port from 49152 on");
}

BOOST_AUTO_TEST_CASE(parse_carrier__peers) {
  constexpr host_number named{0x02000000000b};
  const fixed_peer whole = peer_of(udp("0", {"02000000000b=192.0.2.7:4000"}));
  BOOST_TEST((whole.host == named && whole.at == ipv4_endpoint{0xc0000207, 4000}));
  BOOST_TEST((peer_of(udp("0", {"02000000000b=192.0.2.7"})).at == ipv4_endpoint{0xc0000207, 49152}));
  BOOST_TEST((peer_of(udp("0", {"192.0.2.7:49153"})).host == host_number{0x0201c0000207}));
  BOOST_TEST((peer_of(ip("10.0.0.7", {"192.0.2.7"})).host == host_number{0x0200c0000207}));
  BOOST_TEST((peer_of(ip("10.0.0.7", {"02000000000b=192.0.2.7"})).host == named));
  for (const char* wrong :
       {"", "x", "4000", "02000000000b", "02000000000b=", "02000000000b=4000", "=10.0.0.1", "02000000000b=10.0.0.1:0",
        "02000000000b=0.0.0.0:5", "10.0.0.1:4000", "zz=10.0.0.1", "ffffffffffff=10.0.0.1", "010000000000=10.0.0.1"})
    expect_refused(udp("0", {wrong}), "--peer: expected");
  expect_refused(ip("10.0.0.7", {"02000000000b=192.0.2.7:50000"}), "--peer: expected IP or HOST=IP");
  expect_refused(udp("0", {"02000000000b=10.0.0.1", "02000000000b=10.0.0.2"}), "--peer: expected each host once");
  expect_refused({.interface = "eth0", .peers = {"10.0.0.1"}}, "--peer: expected with --ip or --udp only");
}

BOOST_AUTO_TEST_CASE(parse_carrier__the_rest) {
  expect_refused({}, "expected one of --interface, --ip and --udp; got none");
  expect_refused({.interface = "eth0", .udp = "0"}, "expected one of --interface, --ip and --udp; got several");
  for (const char* wrong : {"", "x", "0200", "ffffffffffff"}) expect_refused({.udp = "0", .host = wrong}, "--host: ");
  for (const char* wrong : {"", "575", "65001", "x"}) expect_refused({.udp = "0", .mtu = wrong}, "--mtu: ");
  expect_refused({.interface = "eth0", .mtu = "1000"}, "--mtu: expected with --ip or --udp only");
  expect_refused({.udp = "0", .packet_life = "0"}, "--packet-life: expected");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
