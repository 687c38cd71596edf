#include "lab/wire/congestion_mark.hpp"

#include "protocol/wire/ethernet.hpp"

namespace seqwire {
namespace {

constexpr std::uint16_t type_ipv4 = 0x0800;
constexpr std::uint16_t type_ipv6 = 0x86dd;
constexpr std::size_t ipv4_octets = 20;
constexpr std::size_t ipv6_octets = 40;
constexpr unsigned congestion_experienced = 3;

// RFC 1624, equation 3: only the first word of the header has changed.
std::uint16_t updated_checksum(std::uint16_t checksum, std::uint16_t before, std::uint16_t after) {
  std::uint32_t sum = static_cast<std::uint16_t>(~checksum);
  sum += static_cast<std::uint16_t>(~before);
  sum += after;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

bool takes_marks(unsigned field) { return field == 1 || field == 2; }

}  // namespace

std::optional<slice> mark_congestion(const slice& frame) {
  const octets_view view = frame.view();
  if (view.size() < ethernet_header_octets + ipv4_octets) return std::nullopt;
  const std::uint16_t type = load_u16(view.data() + ethernet_header_octets - 2);
  const octet* const ip = view.data() + ethernet_header_octets;
  const bool is_ipv4 = type == type_ipv4 && ip[0] >> 4 == 4;
  const bool is_ipv6 = type == type_ipv6 && ip[0] >> 4 == 6 && view.size() >= ethernet_header_octets + ipv6_octets;
  if (!is_ipv4 && !is_ipv6) return std::nullopt;
  // The lowest two bits of the traffic class: in IPv6 it begins in the middle of the first octet.
  const unsigned field = is_ipv4 ? ip[1] & 3u : ip[1] >> 4 & 3u;
  if (field == congestion_experienced) return frame;
  if (!takes_marks(field)) return std::nullopt;
  octets changed(view.begin(), view.end());
  octet* const header = changed.data() + ethernet_header_octets;
  header[1] = static_cast<octet>(header[1] | (is_ipv4 ? congestion_experienced : congestion_experienced << 4));
  if (is_ipv4) store_u16(header + 10, updated_checksum(load_u16(header + 10), load_u16(ip), load_u16(header)));
  return slice::owning(std::move(changed));
}

}  // namespace seqwire
