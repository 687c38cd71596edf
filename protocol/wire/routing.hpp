// The Routing Information Protocol of XNS (packet type 1): which networks a router reaches, and over how many routers.
// A header, then one entry for each network (protocol sheet 6.5).
#pragma once

#include <vector>

#include "protocol/wire/idp.hpp"

namespace seqwire {

/// Where routers talk and listen.
inline constexpr socket_number routing_socket{1};
/// A network that cannot be reached.
inline constexpr std::uint16_t infinite_metric = 16;
/// Entries in one packet: what 4.3BSD's router daemon sends at most (512 octets of routing information).
inline constexpr std::size_t maximum_routing_entries = 85;

enum class routing_operation : std::uint16_t { request = 1, response = 2 };  // protocol sheet 6.5

struct routing_operation_values {
  static constexpr std::array<named_value, 2> rows{{{1, "Request"}, {2, "Response"}}};
};

struct routing_header {
  routing_operation operation;

  bool operator==(const routing_header&) const = default;
};

using routing_layout =
    layout<routing_header, "xns_rip",
           "Routing Information Protocol header (Internet Transport Protocols, XSIS 028112); entries follow",
           field<&routing_header::operation, 16, "What this packet is", role::none, routing_operation_values>>;

struct routing_entry {
  network_number network;
  std::uint16_t metric;

  bool operator==(const routing_entry&) const = default;
};

using routing_entry_layout =
    layout<routing_entry, "xns_rip_entry", "Entry of a routing packet (Internet Transport Protocols, XSIS 028112)",
           field<&routing_entry::network, 32, "The network; 0xffffffff in a request: all of them">,
           field<&routing_entry::metric, 16, "Routers to pass on the way there; 16: it cannot be reached">>;

static_assert(routing_layout::octets == 2 && routing_entry_layout::octets == 6);

/// A routing packet that has been checked: whole entries only.
struct routing_packet {
  routing_header header;               // its operation is one of the two
  std::vector<routing_entry> entries;  // 0 to 90
};

/// Parses the routing packet in the data of an IDP packet. Refused: too short, an operation that is neither, octets
/// left over behind the last whole entry, more entries than fit a packet of 576 octets (90).
result<routing_packet, drop_reason> parse_routing(octets_view idp_data);
/// The data of such a packet.
octets routing_data(const routing_packet& packet);

}  // namespace seqwire
