#include "protocol/wire/idp.hpp"

#include "protocol/base/require.hpp"
#include "protocol/wire/checksum.hpp"

namespace seqwire {

bool checksum_matches(const idp_header& header, octets_view frame) {
  if (header.checksum == no_checksum) return true;
  return checksum(frame.subspan(2, octets_on_wire(header.length) - 2)) == header.checksum;
}

result<idp_packet, drop_reason> parse_idp(octets_view frame, checksum_policy policy) {
  if (frame.size() < idp_layout::octets) return failure(drop_reason::frame_too_short);
  const idp_header header = idp_layout::decode(frame.data());
  if (header.length < idp_layout::octets) return failure(drop_reason::length_too_small);
  if (frame.size() < octets_on_wire(header.length)) return failure(drop_reason::frame_shorter_than_length);
  if (policy == checksum_policy::enforce && !checksum_matches(header, frame)) return failure(drop_reason::bad_checksum);
  const octets_view whole = frame.first(header.length);
  return idp_packet{header, whole, whole.subspan(idp_layout::octets), header.checksum != no_checksum};
}

std::uint16_t idp_checksum_after_hops(std::uint16_t checksum, std::size_t length, unsigned hops) {
  // Transport control is the high octet of the third word.
  return updated_checksum(checksum, octets_on_wire(length) / 2 - 2, 0, static_cast<std::uint16_t>(hops << 8));
}

void append_idp(octets& to, idp_header header, octets_view data) {
  require(data.size() <= 65535 - idp_layout::octets);
  const std::size_t start = to.size();
  header.length = static_cast<std::uint16_t>(idp_layout::octets + data.size());
  to.resize(start + idp_layout::octets);
  to.insert(to.end(), data.begin(), data.end());
  if (data.size() % 2 != 0) to.push_back(0);
  idp_layout::encode(header, to.data() + start);
  store_u16(to.data() + start, checksum(octets_view(to).subspan(start + 2)));
}

}  // namespace seqwire
