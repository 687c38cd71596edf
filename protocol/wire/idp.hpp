// IDP, the Internet Datagram Protocol of XNS: the 30-octet header, and the one parse that every packet goes through.
// After parse_idp() nobody reads the frame's octets again to learn a length: verifier and consumer are the same.
// An odd length is followed by one garbage octet on the wire, summed but never delivered.
#pragma once

#include <array>

#include "protocol/base/result.hpp"
#include "protocol/wire/address.hpp"
#include "protocol/wire/drop_reason.hpp"
#include "protocol/wire/layout.hpp"

namespace seqwire {

/// What follows the header; others occur (protocol sheet 1.2).
enum class packet_type : std::uint8_t {
  routing_information = 1,
  echo = 2,
  error = 3,
  packet_exchange = 4,
  sequenced_packet = 5,
};

struct packet_type_values {
  static constexpr std::array<named_value, 5> rows{
      {{1, "Routing Information"}, {2, "Echo"}, {3, "Error"}, {4, "Packet Exchange"}, {5, "Sequenced Packet"}}};
};

struct idp_header {
  std::uint16_t checksum;
  std::uint16_t length;
  std::uint8_t transport_control;
  seqwire::packet_type packet_type;
  network_number destination_network;
  host_number destination_host;
  socket_number destination_socket;
  network_number source_network;
  host_number source_host;
  socket_number source_socket;

  bool operator==(const idp_header&) const = default;

  // The address from its three fields.
  xns_address destination() const { return {destination_network, destination_host, destination_socket}; }
  xns_address source() const { return {source_network, source_host, source_socket}; }
};

using idp_layout = layout<
    idp_header, "idp", "Internet Datagram Protocol header (Internet Transport Protocols, XSIS 028112)",
    field<&idp_header::checksum, 16, "Rotating ones' complement sum of all that follows; 0xffff: not checked",
          role::checksum>,
    field<&idp_header::length, 16, "Octets of header and data, without the garbage octet", role::length>,
    field<&idp_header::transport_control, 8, "Internetwork routers passed so far", role::hop_count>,
    field<&idp_header::packet_type, 8, "Which protocol the data belongs to", role::next_header, packet_type_values>,
    field<&idp_header::destination_network, 32, "Network of the receiver; 0: this one", role::destination_network>,
    field<&idp_header::destination_host, 48, "Host of the receiver: its Ethernet address", role::destination_host>,
    field<&idp_header::destination_socket, 16, "Socket of the receiver", role::destination_socket>,
    field<&idp_header::source_network, 32, "Network of the sender; 0: this one", role::source_network>,
    field<&idp_header::source_host, 48, "Host of the sender: its Ethernet address", role::source_host>,
    field<&idp_header::source_socket, 16, "Socket of the sender", role::source_socket>>;

static_assert(idp_layout::octets == 30);

/// Octets that a packet of this length takes on the wire: an odd one is followed by a garbage octet.
constexpr std::size_t octets_on_wire(std::size_t idp_length) { return idp_length + idp_length % 2; }

/// An IDP packet that has been checked: the length is within the frame and at least 30, the checksum right or absent.
struct idp_packet {
  idp_header header;  // as it stood; its length is right
  octets_view whole;  // header and data as they stand in the frame, garbage octet excluded
  octets_view data;   // what follows the header
  bool checksummed;   // false: the sender asked not to check
};

/// Whether a checksum that is wrong is a reason to refuse. Tools that look at damaged packets say no.
enum class checksum_policy : std::uint8_t { enforce, ignore };

/// Parses the IDP packet at the start of `frame` (the octets after the link header; link padding may follow).
/// Checks in this order: header present, length field, frame long enough, checksum. The result views `frame`.
result<idp_packet, drop_reason> parse_idp(octets_view frame, checksum_policy policy = checksum_policy::enforce);

/// Whether the checksum of a packet at the start of `frame` matches; absent counts as matching.
/// The frame holds at least octets_on_wire(header.length) octets.
bool checksum_matches(const idp_header& header, octets_view frame);

/// The checksum of a packet of this length after it has passed that many more routers, by incremental update. A
/// checksum that is absent stays so.
std::uint16_t idp_checksum_after_hops(std::uint16_t checksum, std::size_t length, unsigned hops);

/// Appends header, data and, for an odd length, a zero garbage octet. Length and checksum are computed; what the
/// header says there is ignored. data.size() <= 65,505.
void append_idp(octets& to, idp_header header, octets_view data);

}  // namespace seqwire
