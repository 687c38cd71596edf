// Packet Exchange, PEX (packet type 4): a request and its reply, told by an id that the requester chooses. The client
// type says what the data is. Requesters repeat, responders remember nothing (protocol sheet 6.3).
#pragma once

#include <optional>

#include "protocol/wire/idp.hpp"

namespace seqwire {

/// Who reads the data (protocol sheet 6.3); others occur and are handed on.
enum class exchange_client : std::uint16_t { unspecified = 0, time = 1, clearinghouse = 2, teledebug = 8 };

struct exchange_client_values {
  static constexpr std::array<named_value, 4> rows{
      {{0, "Unspecified"}, {1, "Time"}, {2, "Clearinghouse"}, {8, "Teledebug"}}};
};

struct exchange_header {
  std::uint32_t id;
  exchange_client client_type;

  bool operator==(const exchange_header&) const = default;
};

using exchange_layout =
    layout<exchange_header, "xns_pex", "Packet Exchange Protocol header (Internet Transport Protocols, XSIS 028112)",
           field<&exchange_header::id, 32, "Chosen by the requester, the same in the reply and in repeated requests">,
           field<&exchange_header::client_type, 16, "Which client protocol the data belongs to", role::next_header,
                 exchange_client_values>>;

static_assert(exchange_layout::octets == 6);

/// A Packet Exchange packet, request or response alike.
struct exchange_packet {
  exchange_header header;  // a response repeats the request's id
  octets_view data;        // borrowed from the packet
};

/// Parses the Packet Exchange packet in the data of an IDP packet. Nothing: too short.
std::optional<exchange_packet> parse_exchange(octets_view idp_data);

}  // namespace seqwire
