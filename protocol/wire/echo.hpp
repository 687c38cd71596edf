// The Echo protocol of XNS (packet type 2): a request comes back as a reply with the same data.
#pragma once

#include "protocol/wire/idp.hpp"

namespace seqwire {

/// Where every host answers (protocol sheet 1.3).
inline constexpr socket_number echo_socket{2};

enum class echo_operation : std::uint16_t { request = 1, reply = 2 };  // protocol sheet 6.2

struct echo_operation_values {
  static constexpr std::array<named_value, 2> rows{{{1, "Request"}, {2, "Reply"}}};
};

struct echo_header {
  echo_operation operation;

  bool operator==(const echo_header&) const = default;
};

using echo_layout = layout<echo_header, "xns_echo", "Echo protocol header (Internet Transport Protocols, XSIS 028112)",
                           field<&echo_header::operation, 16, "What is asked for", role::none, echo_operation_values>>;

static_assert(echo_layout::octets == 2);

/// An Echo that has been checked.
struct echo_packet {
  echo_header header;  // its operation is one of the two
  octets_view data;    // of any length, returned unchanged
};

/// Parses the Echo packet in the data of an IDP packet. Refused: too short, or an operation that is neither.
result<echo_packet, drop_reason> parse_echo(octets_view idp_data);

}  // namespace seqwire
