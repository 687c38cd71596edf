#include "sim/classifier.hpp"

#include <algorithm>

#include "protocol/base/keyed_hash.hpp"
#include "protocol/wire/catalogue.hpp"

namespace seqwire {
namespace {

constexpr std::size_t type_at = 5;       // what makes a flow: packet type and both addresses,
constexpr std::size_t addresses_at = 6;  // all behind the fields that change on the way

}  // namespace

frame_class classify_packet(octets_view packet) {
  if (packet.size() < idp_layout::octets) return {};
  const idp_header idp = idp_layout::decode(packet.data());
  const std::size_t length = std::min<std::size_t>(idp.length, packet.size());
  if (length < idp_layout::octets) return {};
  static_assert(type_at + 1 == addresses_at);
  frame_class found;
  found.flow = keyed_hash({}, packet.subspan(type_at, idp_layout::octets - type_at));
  const octets_view behind = packet.subspan(idp_layout::octets, length - idp_layout::octets);
  const layout_description* const header = layout_of(idp.packet_type);
  const std::size_t header_octets = header != nullptr ? header->octets : 0;
  if (behind.size() < header_octets) return found;
  found.data = behind.size() > header_octets;
  if (!found.data) found.band = 1;
  const field_description* const urgent = header != nullptr ? header->find(role::attention) : nullptr;
  if (urgent != nullptr && urgent->read(behind.data()) != 0) found.band = 0;
  return found;
}

}  // namespace seqwire
