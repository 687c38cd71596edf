#include "protocol/wire/exchange.hpp"

namespace seqwire {

result<exchange_packet, drop_reason> parse_exchange(octets_view idp_data) {
  if (idp_data.size() < exchange_layout::octets) return failure(drop_reason::exchange_too_short);
  return exchange_packet{exchange_layout::decode(idp_data.data()), idp_data.subspan(exchange_layout::octets)};
}

}  // namespace seqwire
