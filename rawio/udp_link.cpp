#include "rawio/udp_link.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "rawio/entropy.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

constexpr std::size_t ip_and_udp_octets = 28;
// Of the documentation network (RFC 5737): a way there is the way to whatever is far away. Nothing is sent.
constexpr std::uint32_t far_away = 0xc0000201;

ipv4_endpoint bound_to(const descriptor& socket) {
  sockaddr_in has{};
  socklen_t length = sizeof has;
  if (::getsockname(socket.number(), reinterpret_cast<sockaddr*>(&has), &length) != 0)
    throw_system_error("asking for a port");
  return {ntohl(has.sin_addr.s_addr), ntohs(has.sin_port)};
}

// Our address as the first peer, or whoever is far away, sees it before any NAT.
std::uint32_t own_address(const ipv4_endpoint& local, const ipv4_link_options& options) {
  if (local.address != 0) return local.address;
  const auto way = find_ipv4_path(0, options.peers.empty() ? far_away : options.peers.front().at.address);
  return way ? way->source : 0;
}

}  // namespace

udp_link::udp_link(const ipv4_endpoint& local, const ipv4_link_options& options)
    : ipv4_link(
          [&] {
            carrier on{.name = "UDP " + to_string(local), .header_octets = ip_and_udp_octets};
            on.socket = open_ipv4_socket(on.name, SOCK_DGRAM, 0, local, options.buffer_octets);
            on.local = bound_to(on.socket);
            on.name = "UDP " + to_string(on.local);
            on.can_be_found = local.port != 0;
            on.own =
                local.port == 0 ? random_host(fresh_seed()) : derived_host({own_address(local, options), local.port});
            return on;
          }(),
          options) {}

}  // namespace seqwire
