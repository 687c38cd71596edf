// What the tests of the IPv4 carriers share: sockets that send whatever they are told, and links at the lab's ends.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/test/unit_test.hpp>

#include "live_support.hpp"
#include "rawio/ipv4_link.hpp"

namespace seqwire::live {

constexpr std::uint32_t address_a = 0x0a570001, address_b = 0x0a570002, loopback = 0x7f000001;
constexpr host_number derived_a{0x02000a570001}, derived_b{0x02000a570002};

inline sockaddr_in socket_address(const ipv4_endpoint& of) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_addr.s_addr = htonl(of.address);
  made.sin_port = htons(of.port);
  return made;
}

/// Somebody's plain socket.
class plain_socket {
 public:
  plain_socket(int type, int protocol, const ipv4_endpoint& local) : socket_(::socket(AF_INET, type, protocol)) {
    const sockaddr_in name = socket_address(local);
    BOOST_REQUIRE(socket_);
    BOOST_REQUIRE(::bind(socket_.number(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0);
  }
  void set(int level, int option, octets_view value) const {
    BOOST_REQUIRE(::setsockopt(socket_.number(), level, option, value.data(), static_cast<socklen_t>(value.size())) ==
                  0);
  }
  void send(const ipv4_endpoint& to, octets_view what) const {
    const sockaddr_in name = socket_address(to);
    BOOST_REQUIRE(::sendto(socket_.number(), what.data(), what.size(), 0, reinterpret_cast<const sockaddr*>(&name),
                           sizeof name) == static_cast<ssize_t>(what.size()));
  }
  /// The next datagram; empty when patience ends.
  octets receive() const {
    octets room(65536);
    if (!wait_readable(socket_.number(), patience)) return {};
    const ssize_t size = ::recv(socket_.number(), room.data(), room.size(), MSG_DONTWAIT);
    room.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return room;
  }

 private:
  descriptor socket_;
};

/// Receives at `to` until the counter has reached `count`; whatever passes is an error.
inline void expect_refused(ipv4_link& to, const std::uint64_t& counter, std::uint64_t count) {
  std::array<datagram, 16> room;
  while (counter < count) {
    const std::size_t passed = to.receive({}, room);
    BOOST_TEST(passed == 0u);
    if (passed > 0 || (counter < count && !wait_readable(to.descriptor(), patience))) return;
  }
  BOOST_TEST(counter == count);
}

/// A packet with this length in its header, whatever follows.
inline octets idp_claiming(host_number from, host_number to, std::uint16_t length, std::size_t octets_there) {
  octets whole = idp_octets(from, to, 30 + octets_there % 2 + octets_there);
  whole.resize(octets_there);
  if (whole.size() >= 4) store_u16(whole.data() + 2, length);
  return whole;
}

/// Every length that matters goes from one link to the other, in one batch and in order.
inline void expect_lengths_to_pass(ipv4_link& from, ipv4_link& to) {
  const std::size_t mtu = from.capabilities().mtu;
  const host_number source = from.capabilities().host, destination = to.capabilities().host;
  std::vector<std::size_t> lengths{30, 31, 42, 43, 576, mtu - 1, mtu};
  while (lengths.size() < 200) lengths.push_back(30 + lengths.size());
  std::vector<packet> sent;
  for (std::size_t i = 0; i < lengths.size(); ++i) sent.push_back(make_packet(source, destination, lengths[i], i));
  BOOST_TEST(from.transmit({}, sent) == sent.size());
  const auto arrived = receive_datagrams(to, sent.size());
  BOOST_REQUIRE(arrived.size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    octets expected(sent[i].size());
    sent[i].copy_to(expected.data());
    const octets_view got = arrived[i].contents.view();
    BOOST_TEST(got.size() == octets_on_wire(lengths[i]));
    BOOST_TEST(std::equal(got.begin(), got.end(), expected.begin(), expected.end()), lengths[i]);
    BOOST_TEST((arrived[i].previous_hop == source));
  }
}

}  // namespace seqwire::live
