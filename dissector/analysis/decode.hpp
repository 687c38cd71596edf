// From a captured frame to the IDP packet in it and to what its transport header means. Carriers: Ethernet (type
// 0x0600, padded or not; IPv4 protocol 22), bare IPv4, Linux cooked v1, and IDP without any link header (USER0). The
// transport header is read by the roles of its layout, so that any header with these roles is understood. Shares
// nothing with the engine but the layouts: the checksum and the rules of form are written again here.
#pragma once

#include <optional>

#include "protocol/wire/idp.hpp"
#include "rawio/capture/capture.hpp"

namespace seqwire {

/// Why a frame holds no IDP packet that can be judged.
enum class undecodable : std::uint8_t {
  unknown_link_type,
  link_header_too_short,
  not_idp,      // another protocol
  ip_fragment,  // part of an IPv4 datagram
  bad_length,   // the IDP length field is below 30 or beyond the frame
};

/// An IDP packet found in a frame; nothing in it is believed but its length.
struct decoded_frame {
  idp_header header;                            // as it stands
  octets_view packet;                           // from the checksum field on, garbage octet included
  octets_view data;                             // what follows the IDP header, without the garbage octet
  bool checksummed;                             // false: the sender asked not to check
  bool checksum_right;                          // also true when it is not to be checked
  std::optional<host_number> link_source;       // where the carrier has host addresses
  std::optional<host_number> link_destination;  // as link_source
  capture_direction told_by_link = capture_direction::unknown;  // cooked headers say who sent the frame
};

/// The result views `frame`.
result<decoded_frame, undecodable> decode_frame(link_type type, octets_view frame);

/// The IDP checksum word by word: add, double, modulo 65,535, which is the specification's add with end-around carry
/// and rotate, many words at a time.
std::uint16_t plain_checksum(octets_view after_checksum_field);

/// What the roles of a transport header say.
struct sequenced_header {
  // Fields by role, as they stand; false or 0 where the header has none of that role.
  bool system = false;
  bool acknowledgement_request = false;
  bool attention = false;
  bool end_of_record = false;
  std::uint8_t datastream_type = 0;
  std::uint16_t source_connection = 0;
  std::uint16_t destination_connection = 0;
  std::uint16_t sequence = 0;
  std::uint16_t acknowledgement = 0;
  std::uint16_t allocation = 0;
};

/// What is wrong with the form of a sequenced packet.
enum class form_fault : std::uint8_t {
  none,
  too_short,
  source_connection_zero,
  system_with_data,
  attention_not_one_octet,
  close_with_data,
};

/// A packet with such a header, whether its form is right or not.
struct sequenced_packet_view {
  sequenced_header header;              // all zero when it is too short
  octets_view body;                     // what follows it
  form_fault fault = form_fault::none;  // the first that was found
};

/// The sequenced packet behind an IDP header, when the packet type's layout has the roles of one (16-bit numbers and
/// connection ids); nothing for other protocols.
std::optional<sequenced_packet_view> decode_sequenced(const decoded_frame& frame);

}  // namespace seqwire
