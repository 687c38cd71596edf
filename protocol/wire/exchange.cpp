#include "protocol/wire/exchange.hpp"

namespace seqwire {

std::optional<exchange_packet> parse_exchange(octets_view idp_data) {
  if (idp_data.size() < exchange_layout::octets) return std::nullopt;
  return exchange_packet{exchange_layout::decode(idp_data.data()), idp_data.subspan(exchange_layout::octets)};
}

}  // namespace seqwire
