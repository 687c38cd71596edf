// SPP under a header of a test's own: the ids in front, the control bits last.
#pragma once

#include "protocol/wire/spp.hpp"

namespace seqwire::test {

struct turned_header {
  std::uint16_t source_connection;
  std::uint16_t destination_connection;
  std::uint16_t sequence;
  std::uint16_t acknowledge;
  std::uint16_t allocation;
  std::uint16_t spare;
  std::uint8_t datastream_type;
  bool system;
  bool send_acknowledgement;
  bool attention;
  bool end_of_message;
  std::uint8_t reserved;
};

using turned_layout =
    layout<turned_header, "turned", "A header of a test",
           field<&turned_header::source_connection, 16, "As SPP's", role::source_connection>,
           field<&turned_header::destination_connection, 16, "As SPP's", role::destination_connection>,
           field<&turned_header::sequence, 16, "As SPP's", role::sequence>,
           field<&turned_header::acknowledge, 16, "As SPP's", role::acknowledgement>,
           field<&turned_header::allocation, 16, "As SPP's", role::allocation>,
           field<&turned_header::spare, 16, "Zero">,
           field<&turned_header::datastream_type, 8, "As SPP's", role::datastream_type>,
           field<&turned_header::system, 1, "As SPP's", role::system_packet>,
           field<&turned_header::send_acknowledgement, 1, "As SPP's", role::acknowledgement_request>,
           field<&turned_header::attention, 1, "As SPP's", role::attention>,
           field<&turned_header::end_of_message, 1, "As SPP's", role::end_of_record>,
           field<&turned_header::reserved, 4, "As SPP's", role::reserved>>;

inline constexpr spp_profile turned_profile{
    packet_type{22}, turned_layout::octets,
    [](const spp_header& from, octet* to) {
      turned_layout::encode({from.source_connection, from.destination_connection, from.sequence, from.acknowledge,
                             from.allocation, 0, from.datastream_type, from.system, from.send_acknowledgement,
                             from.attention, from.end_of_message, from.reserved},
                            to);
    },
    [](const octet* from) {
      const turned_header read = turned_layout::decode(from);
      return spp_header{read.system,   read.send_acknowledgement, read.attention,         read.end_of_message,
                        read.reserved, read.datastream_type,      read.source_connection, read.destination_connection,
                        read.sequence, read.acknowledge,          read.allocation};
    }};

}  // namespace seqwire::test
