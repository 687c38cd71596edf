// XNS addresses: network (32 bits), host (48 bits, the Ethernet address of the machine), socket (16 bits).
// Text form NET.HOST:SOCKET, e.g. 41a.0800aa000001:3000. NET is hexadecimal, HOST twelve hexadecimal digits (or six
// pairs joined by '-'), SOCKET decimal or 0x-hexadecimal. IDP section of docs/headers.md; 4.3BSD sockaddr_ns.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/base/result.hpp"

namespace seqwire {

// Parts of an address; types of their own, so that they are never mixed up. 0 is "unknown" or, for bind, "any"
// (protocol sheet 1.4).
enum class network_number : std::uint32_t {};
enum class host_number : std::uint64_t {};
enum class socket_number : std::uint16_t {};

inline constexpr network_number local_network{0};             // "this one", filled in by the sender or the receiver
inline constexpr network_number all_networks{0xffffffff};     // as a destination: every network
inline constexpr host_number broadcast_host{0xffffffffffff};  // every host of the network

/// Multicast and broadcast hosts have the low bit of their first octet set.
constexpr bool is_group(host_number host) { return ((static_cast<std::uint64_t>(host) >> 40) & 1) != 0; }

/// Where a packet comes from or goes to: 12 octets on the wire.
struct xns_address {
  network_number network{};  // 0: unknown, to be filled in
  host_number host{};        // 48 bits, as an Ethernet address; 0: any, for bind
  socket_number socket{};    // one space for all packet types; 0: none yet

  constexpr auto operator<=>(const xns_address&) const = default;
};

/// "41a.0800aa000001:3000"
std::string to_string(const xns_address& address);
/// "0800aa000001"
std::string to_string(host_number host);

/// Why a text is not an address, as words that complete "expected ...; got ...".
struct address_error {
  std::string expected;  // "a socket from 1 to 65535"
};

// From the text forms above; the whole text must be one, without spaces, and socket 0 is none.
result<xns_address, address_error> parse_address(std::string_view text);
result<host_number, address_error> parse_host(std::string_view text);
result<socket_number, address_error> parse_socket(std::string_view text);

}  // namespace seqwire
