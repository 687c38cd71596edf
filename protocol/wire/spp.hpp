// SPP, the Sequenced Packet Protocol of XNS, classic profile: the 12-octet header behind the IDP header, and its parse.
// Numbers count packets. Acknowledge is the first number not yet received, allocation the highest one permitted.
#pragma once

#include "protocol/wire/idp.hpp"

namespace seqwire {

/// Datastream types with a meaning of their own; all others belong to the client.
inline constexpr std::uint8_t close_request_type = 254;
inline constexpr std::uint8_t close_reply_type = 255;  // answers it

struct datastream_type_values {
  static constexpr std::array<named_value, 2> rows{
      {{close_request_type, "Close Request"}, {close_reply_type, "Close Reply"}}};
};

struct spp_header {
  bool system;
  bool send_acknowledgement;
  bool attention;
  bool end_of_message;
  std::uint8_t reserved;
  std::uint8_t datastream_type;
  std::uint16_t source_connection;
  std::uint16_t destination_connection;
  std::uint16_t sequence;
  std::uint16_t acknowledge;
  std::uint16_t allocation;

  bool operator==(const spp_header&) const = default;
};

using spp_layout = layout<
    spp_header, "spp", "Sequenced Packet Protocol header (Internet Transport Protocols, XSIS 028112)",
    field<&spp_header::system, 1, "System packet: carries no data and takes no sequence number", role::system_packet>,
    field<&spp_header::send_acknowledgement, 1, "Asks for a prompt answer", role::acknowledgement_request>,
    field<&spp_header::attention, 1, "Out of band: exactly one octet of data, told on arrival", role::attention>,
    field<&spp_header::end_of_message, 1, "Last packet of a message", role::end_of_record>,
    field<&spp_header::reserved, 4, "Zero when sent, ignored when received", role::reserved>,
    field<&spp_header::datastream_type, 8, "Chosen by the client; 254 asks to close, 255 answers",
          role::datastream_type, datastream_type_values>,
    field<&spp_header::source_connection, 16, "Connection id given by the sender; never 0", role::source_connection>,
    field<&spp_header::destination_connection, 16, "Connection id given by the receiver; 0 while unknown",
          role::destination_connection>,
    field<&spp_header::sequence, 16, "Number of this packet; in a system packet the next one to be sent",
          role::sequence>,
    field<&spp_header::acknowledge, 16, "First number not yet received", role::acknowledgement>,
    field<&spp_header::allocation, 16, "Highest number the peer may send", role::allocation>>;

static_assert(spp_layout::octets == 12);

/// Octets of the two headers in front of SPP data.
inline constexpr std::size_t spp_overhead = idp_layout::octets + spp_layout::octets;

/// How an engine that thinks in spp_headers writes them on the wire: the classic header, or one of a user's own, under
/// its own packet type. At most 34 octets, so that both headers fit a packet's head.
struct spp_profile {
  seqwire::packet_type packet_type;                     // under which such packets travel
  std::size_t octets;                                   // of the header on the wire
  void (*encode)(const spp_header& header, octet* to);  // `octets` of them
  spp_header (*decode)(const octet* from);              // from `octets` of them; any bits are legal
};
/// SPP as Xerox defined it: 12 octets under packet type 5.
inline constexpr spp_profile classic_profile{packet_type::sequenced_packet, spp_layout::octets, &spp_layout::encode,
                                             &spp_layout::decode};

/// An SPP packet that has been checked by itself, not yet against a connection.
struct spp_packet {
  spp_header header;  // its source connection is not 0
  octets_view data;   // borrowed; empty in a system packet
};

/// Parses the SPP packet in the data of an IDP packet. One reason for each refusal:
/// header too short, source connection 0, system packet with data, attention whose data is not one octet,
/// close request or reply with data. Reserved bits are ignored.
result<spp_packet, drop_reason> parse_spp(octets_view idp_data, const spp_profile& profile = classic_profile);

}  // namespace seqwire
