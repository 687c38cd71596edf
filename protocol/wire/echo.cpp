#include "protocol/wire/echo.hpp"

namespace seqwire {

result<echo_packet, drop_reason> parse_echo(octets_view idp_data) {
  if (idp_data.size() < echo_layout::octets) return failure(drop_reason::echo_malformed);
  const echo_header header = echo_layout::decode(idp_data.data());
  if (header.operation != echo_operation::request && header.operation != echo_operation::reply)
    return failure(drop_reason::echo_malformed);
  return echo_packet{header, idp_data.subspan(echo_layout::octets)};
}

}  // namespace seqwire
