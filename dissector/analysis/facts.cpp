#include "dissector/analysis/facts.hpp"

#include <fmt/format.h>

namespace seqwire {

std::string to_string(const speaker& end) {
  return fmt::format("{}:{} id {:#06x}", to_string(end.host), static_cast<unsigned>(end.socket), end.id);
}

std::string_view name_of(vantage where) {
  switch (where) {
    case vantage::own_emission: return "leaving";
    case vantage::own_arrival: return "arriving";
    case vantage::path: break;
  }
  return "passing";
}

vantage vantage_of(const decoded_frame& frame, capture_direction direction) {
  const idp_header& header = frame.header;
  if (direction == capture_direction::out && header.transport_control == 0 &&
      frame.link_source.value_or(header.source_host) == header.source_host)
    return vantage::own_emission;
  if (direction == capture_direction::in &&
      frame.link_destination.value_or(header.destination_host) == header.destination_host)
    return vantage::own_arrival;
  return vantage::path;
}

void packet_facts::take(const decoded_frame& decoded, const sequenced_packet_view& view) {
  const idp_header& idp = decoded.header;
  from = {idp.source_host, idp.source_socket, view.header.source_connection};
  to = {idp.destination_host, idp.destination_socket, view.header.destination_connection};
  header = view.header;
  body = view.body;
  octets = decoded.packet.size();
  checksummed = decoded.checksummed;
}

}  // namespace seqwire
