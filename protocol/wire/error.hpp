// The Error protocol of XNS (packet type 3): number, parameter, then a copy of the offending packet's beginning.
// The copy's length field is the original length and never a bound. What an Error says is only believed after the copy
// has been matched against a live connection (protocol/host).
#pragma once

#include "protocol/wire/spp.hpp"

namespace seqwire {

/// What was wrong with the quoted packet; from 0x200 on a router says it (protocol sheet 6.1).
enum class error_number : std::uint16_t {
  unspecified_at_destination = 0,
  bad_checksum_at_destination = 1,
  no_such_socket = 2,
  resource_limit = 3,
  listener_rejects = 4,
  invalid_packet_type = 5,
  protocol_violation = 6,
  unspecified_en_route = 0x200,
  bad_checksum_en_route = 0x201,
  destination_unreachable = 0x202,
  too_many_hops = 0x203,
  too_big = 0x204,
  congestion_warning = 0x205,
  congestion_discard = 0x206,
};

struct error_number_values {
  static constexpr std::array<named_value, 14> rows{{{0, "Unspecified at Destination"},
                                                     {1, "Bad Checksum at Destination"},
                                                     {2, "No Such Socket"},
                                                     {3, "Resource Limit"},
                                                     {4, "Listener Rejects"},
                                                     {5, "Invalid Packet Type"},
                                                     {6, "Protocol Violation"},
                                                     {0x200, "Unspecified En Route"},
                                                     {0x201, "Bad Checksum En Route"},
                                                     {0x202, "Destination Unreachable"},
                                                     {0x203, "Too Many Hops"},
                                                     {0x204, "Too Big"},
                                                     {0x205, "Congestion Warning"},
                                                     {0x206, "Congestion Discard"}}};
};

struct error_header {
  error_number number;
  std::uint16_t parameter;

  bool operator==(const error_header&) const = default;
};

using error_layout = layout<
    error_header, "xns_error", "Error protocol header (Internet Transport Protocols, XSIS 028112)",
    field<&error_header::number, 16, "What went wrong", role::error_number, error_number_values>,
    field<&error_header::parameter, 16, "Depends on the number; the largest size for Too Big", role::error_parameter>>;

static_assert(error_layout::octets == 4);

/// Octets of the offending packet that an Error of ours quotes: its IDP header and the first 12 octets of its data.
inline constexpr std::size_t quoted_octets = idp_layout::octets + 12;

/// An Error whose lengths have been checked, and nothing else: anybody can send one.
struct error_packet {
  error_header header;      // any number, whether it has a name or not
  idp_header quoted;        // header of the offending packet; its length is not to be trusted
  octets_view quoted_data;  // what the Error holds of the offending packet's data
};

/// Parses the Error in the data of an IDP packet; at least a whole quoted IDP header must be there.
result<error_packet, drop_reason> parse_error(octets_view idp_data);

}  // namespace seqwire
