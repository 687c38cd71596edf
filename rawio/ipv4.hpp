// IPv4 addresses as the carriers of IDP need them: text, where a packet to one would leave, and the host numbers that
// follow from them. docs/carriers.md has the rule.
//
//   bits of a derived host number   47..42           41  40  39..32           31..0
//                                   port's upper 6   1   0   port's lower 8   IPv4 address
//
// Bit 40 is the group bit, bit 41 says locally administered: 46 are left. An address takes 32, and a port of the range
// that IANA leaves to everybody, 49152 to 65535, exactly the other 14. So number and address each tell the other.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/wire/address.hpp"

namespace seqwire {

/// In host byte order. Address 0: any of this machine's.
struct ipv4_endpoint {
  std::uint32_t address = 0;  // the first number in the highest octet
  std::uint16_t port = 0;     // of UDP; protocol 22 has none

  constexpr auto operator<=>(const ipv4_endpoint&) const = default;
};

/// "10.0.0.7"
std::string ipv4_text(std::uint32_t address);
/// "10.0.0.7:49152"
std::string to_string(const ipv4_endpoint& endpoint);
/// Four decimal numbers; nothing else.
std::optional<std::uint32_t> parse_ipv4(std::string_view text);
/// A decimal number up to 65535.
std::optional<std::uint16_t> parse_port(std::string_view text);

/// An address that one machine may have: neither 0.0.0.0/8 nor multicast nor reserved.
constexpr bool is_single_ipv4(std::uint32_t address) { return address >> 24 >= 1 && address >> 24 <= 223; }
constexpr bool is_loopback(std::uint32_t address) { return address >> 24 == 127; }  // 127.0.0.0/8

/// The first port from which a host number follows: UDP's default, and the one that stands for protocol 22.
inline constexpr std::uint16_t first_derived_port = 49152;

/// "0200" and the address in hexadecimal, for port 49152. Nothing for a lower port, and for what is no single address.
std::optional<host_number> derived_host(const ipv4_endpoint& of);
/// The endpoint from which the number follows; nothing: from none.
std::optional<ipv4_endpoint> derived_endpoint(host_number host);
/// A number for a host that nobody needs to find by it: locally administered, and from which no address follows.
host_number random_host(std::uint64_t seed);

/// How a packet from `local` (0: whatever fits) to `to` would leave this machine.
struct ipv4_path {
  std::uint32_t source = 0;  // our address on the way
  std::size_t mtu = 0;       // of the way, as far as the kernel knows, IP header included
  bool routed = true;        // through a router; false: on our own network, or this machine
};
/// Asks the kernel; sends nothing. Nothing where there is no way.
std::optional<ipv4_path> find_ipv4_path(std::uint32_t local, std::uint32_t to);

}  // namespace seqwire
