#include "rawio/ipv4.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <charconv>

#include "protocol/base/random.hpp"
#include "rawio/capture/descriptor.hpp"

namespace seqwire {
namespace {

constexpr std::uint64_t locally_administered = std::uint64_t{1} << 41;
constexpr std::uint32_t reserved_addresses = 0xf0000000;  // 240.0.0.0/4, class E: no machine has one
constexpr std::uint16_t discard_port = 9;                 // nothing is sent there: a socket needs some port to connect

sockaddr_in socket_address(std::uint32_t address, std::uint16_t port) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_addr.s_addr = htonl(address);
  made.sin_port = htons(port);
  return made;
}

// A UDP socket that is connected there; none where there is no way.
descriptor connected_probe(std::uint32_t local, std::uint32_t to, bool only_direct) {
  descriptor probe(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!probe) return probe;
  const int on = 1;
  if (only_direct) ::setsockopt(probe.number(), SOL_SOCKET, SO_DONTROUTE, &on, sizeof on);
  const sockaddr_in from = socket_address(local, 0);
  const sockaddr_in target = socket_address(to, discard_port);
  if (::bind(probe.number(), reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0 ||
      ::connect(probe.number(), reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0)
    return descriptor();
  return probe;
}

}  // namespace

std::string ipv4_text(std::uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24, (address >> 16) & 0xff, (address >> 8) & 0xff, address & 0xff);
}

std::string to_string(const ipv4_endpoint& endpoint) {
  return fmt::format("{}:{}", ipv4_text(endpoint.address), endpoint.port);
}

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
  in_addr parsed{};
  if (::inet_pton(AF_INET, std::string(text).c_str(), &parsed) != 1) return std::nullopt;
  return ntohl(parsed.s_addr);
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

std::optional<host_number> derived_host(const ipv4_endpoint& of) {
  if (of.port < first_derived_port || !is_single_ipv4(of.address)) return std::nullopt;
  const std::uint64_t port = std::uint64_t{of.port} - first_derived_port;
  return host_number{(port >> 8) << 42 | locally_administered | (port & 0xff) << 32 | of.address};
}

std::optional<ipv4_endpoint> derived_endpoint(host_number host) {
  const auto number = static_cast<std::uint64_t>(host);
  const auto port = static_cast<std::uint16_t>(first_derived_port + (((number >> 42) << 8) | ((number >> 32) & 0xff)));
  const ipv4_endpoint endpoint{static_cast<std::uint32_t>(number), port};
  if (number >> 48 != 0 || derived_host(endpoint) != host) return std::nullopt;
  return endpoint;
}

host_number random_host(std::uint64_t seed) {
  const std::uint64_t drawn = random_stream(seed).fork("host").bits(0);
  constexpr std::uint64_t group_and_local = std::uint64_t{3} << 40;
  return host_number{(drawn & 0xffffffffffff & ~group_and_local) | locally_administered | reserved_addresses};
}

std::optional<ipv4_path> find_ipv4_path(std::uint32_t local, std::uint32_t to) {
  const descriptor probe = connected_probe(local, to, false);
  if (!probe) return std::nullopt;
  sockaddr_in source{};
  socklen_t length = sizeof source;
  int mtu = 0;
  socklen_t mtu_length = sizeof mtu;
  if (::getsockname(probe.number(), reinterpret_cast<sockaddr*>(&source), &length) != 0 ||
      ::getsockopt(probe.number(), IPPROTO_IP, IP_MTU, &mtu, &mtu_length) != 0 || mtu <= 0)
    return std::nullopt;
  return ipv4_path{.source = ntohl(source.sin_addr.s_addr),
                   .mtu = static_cast<std::size_t>(mtu),
                   .routed = !connected_probe(local, to, true)};
}

}  // namespace seqwire
