#include "protocol/wire/routing.hpp"

namespace seqwire {
namespace {
constexpr std::size_t most_entries = (576 - idp_layout::octets - routing_layout::octets) / routing_entry_layout::octets;
}

result<routing_packet, drop_reason> parse_routing(octets_view idp_data) {
  if (idp_data.size() < routing_layout::octets) return failure(drop_reason::routing_malformed);
  routing_packet packet{routing_layout::decode(idp_data.data()), {}};
  octets_view entries = idp_data.subspan(routing_layout::octets);
  const bool known =
      packet.header.operation == routing_operation::request || packet.header.operation == routing_operation::response;
  const std::size_t count = entries.size() / routing_entry_layout::octets;
  if (!known || entries.size() % routing_entry_layout::octets != 0 || count > most_entries)
    return failure(drop_reason::routing_malformed);
  packet.entries.reserve(count);
  for (; !entries.empty(); entries = entries.subspan(routing_entry_layout::octets))
    packet.entries.push_back(routing_entry_layout::decode(entries.data()));
  return packet;
}

octets routing_data(const routing_packet& packet) {
  octets data(routing_layout::octets + packet.entries.size() * routing_entry_layout::octets);
  routing_layout::encode(packet.header, data.data());
  octet* to = data.data() + routing_layout::octets;
  for (const routing_entry& each : packet.entries) {
    routing_entry_layout::encode(each, to);
    to += routing_entry_layout::octets;
  }
  return data;
}

}  // namespace seqwire
