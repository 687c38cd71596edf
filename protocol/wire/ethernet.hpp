// The Ethernet header in front of an IDP packet, EtherType 0x0600: what links put on the wire and captures show. Only
// the fields; links filter and pad, and the observer (dissector) reads the frames of other carriers as well.
#pragma once

#include "protocol/wire/address.hpp"
#include "protocol/wire/layout.hpp"

namespace seqwire {

/// XNS's type; it is also the smallest that is not an 802.3 length (protocol sheet 1.6).
inline constexpr std::uint16_t xns_ethertype = 0x0600;

struct ethernet_header {
  host_number destination{};
  host_number source{};
  std::uint16_t ethertype = xns_ethertype;

  bool operator==(const ethernet_header&) const = default;
};

using ethernet_layout = layout<
    ethernet_header, "eth", "Ethernet header (The Ethernet, version 2.0, section 6.2)",
    field<&ethernet_header::destination, 48, "Station or group that the frame is for">,
    field<&ethernet_header::source, 48, "Station that sent the frame">,
    field<&ethernet_header::ethertype, 16, "What the frame carries; 0x0600: IDP. Up to 1500 a length (IEEE 802.3)">>;

inline constexpr std::size_t ethernet_header_octets = ethernet_layout::octets;  // 14
static_assert(ethernet_header_octets == 14);

/// The header's octets, as they stand before the packet.
inline std::array<octet, ethernet_header_octets> encode(const ethernet_header& header) {
  std::array<octet, ethernet_header_octets> encoded;
  ethernet_layout::encode(header, encoded.data());
  return encoded;
}

}  // namespace seqwire
