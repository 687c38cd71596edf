#include "protocol/wire/spp.hpp"

namespace seqwire {

result<spp_packet, drop_reason> parse_spp(octets_view idp_data, const spp_profile& profile) {
  if (idp_data.size() < profile.octets) return failure(drop_reason::spp_header_too_short);
  const spp_packet packet{profile.decode(idp_data.data()), idp_data.subspan(profile.octets)};
  if (packet.header.source_connection == 0) return failure(drop_reason::source_connection_zero);
  if (packet.header.system) {
    if (!packet.data.empty()) return failure(drop_reason::system_packet_with_data);
    return packet;
  }
  if (packet.header.attention && packet.data.size() != 1) return failure(drop_reason::attention_not_one_octet);
  if (packet.header.datastream_type >= close_request_type && !packet.data.empty())
    return failure(drop_reason::close_with_data);
  return packet;
}

}  // namespace seqwire
