#include "protocol/wire/error.hpp"

namespace seqwire {

result<error_packet, drop_reason> parse_error(octets_view idp_data) {
  if (idp_data.size() < error_layout::octets + idp_layout::octets) return failure(drop_reason::error_too_short);
  const octets_view quoted = idp_data.subspan(error_layout::octets);
  return error_packet{error_layout::decode(idp_data.data()), idp_layout::decode(quoted.data()),
                      quoted.subspan(idp_layout::octets)};
}

}  // namespace seqwire
