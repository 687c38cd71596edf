// Puts an IDP header in front of what a packet carries: length, garbage octet and checksum come from here and nowhere
// else in the host.
#pragma once

#include "protocol/host/link.hpp"
#include "protocol/wire/checksum.hpp"
#include "protocol/wire/idp.hpp"

namespace seqwire {

/// Writes the IDP header into the first 30 octets of `out.head`; the rest of the head and the body are already there.
/// Length, checksum and garbage octet are computed; what the header says there is ignored.
/// `body_contribution`: checksum_contribution() of the body, nothing after it.
inline void complete_idp(packet& out, idp_header header, std::uint16_t body_contribution) {
  const std::size_t length = out.head_size + out.body.size();
  header.length = static_cast<std::uint16_t>(length);
  out.garbage_octet = length % 2 != 0;
  idp_layout::encode(header, out.head.data());
  const octets_view summed(out.head.data() + 2, out.head_size - std::size_t{2});
  const std::uint16_t head_contribution = checksum_contribution(summed, (out.body.size() + 1) / 2);
  store_u16(out.head.data(), checksum_from_sum(add_contributions(head_contribution, body_contribution)));
}

/// A packet of an IDP header and `body`, to this next hop.
inline packet idp_output(const idp_header& header, slice body, link_index link, host_number next_hop) {
  packet out;
  out.link = link;
  out.next_hop = next_hop;
  out.head_size = idp_layout::octets;
  out.body = std::move(body);
  complete_idp(out, header, checksum_contribution(out.body.view(), 0));
  return out;
}

}  // namespace seqwire
