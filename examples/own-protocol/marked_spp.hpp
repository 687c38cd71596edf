// The smaller step: SPP's own engine under a header of one's own. Two octets of a mark stand in front, the rest has
// moved; a pair of functions says how the engine's fields are written and read.
#pragma once

#include "protocol/wire/spp.hpp"

namespace marked_spp {

using seqwire::field;
using seqwire::role;
using seqwire::spp_header;

struct header {
  std::uint16_t mark;
  std::uint16_t source;
  std::uint16_t destination;
  std::uint16_t number;
  std::uint16_t expected;
  std::uint16_t permitted;
  bool system;
  bool answer_wanted;
  bool attention;
  bool last;
  std::uint8_t unused;
  std::uint8_t type;
};

using layout = seqwire::layout<
    header, "marked_spp", "SPP with a mark in front (docs/own-protocol.md)", field<&header::mark, 16, "Always 0xcafe">,
    field<&header::source, 16, "Connection id of the sender", role::source_connection>,
    field<&header::destination, 16, "Connection id of the receiver; 0 while unknown", role::destination_connection>,
    field<&header::number, 16, "Of this packet", role::sequence>,
    field<&header::expected, 16, "First number not yet received", role::acknowledgement>,
    field<&header::permitted, 16, "Highest number that the other side may send", role::allocation>,
    field<&header::system, 1, "Carries no data and takes no number", role::system_packet>,
    field<&header::answer_wanted, 1, "Asks for an answer", role::acknowledgement_request>,
    field<&header::attention, 1, "Out of band: one octet of data", role::attention>,
    field<&header::last, 1, "Last packet of a message", role::end_of_record>,
    field<&header::unused, 4, "Zero", role::reserved>,
    field<&header::type, 8, "Of the data; 254 asks to close, 255 answers", role::datastream_type>>;

inline constexpr seqwire::spp_profile profile{
    seqwire::packet_type{21}, layout::octets,
    [](const spp_header& from, seqwire::octet* to) {
      layout::encode({0xcafe, from.source_connection, from.destination_connection, from.sequence, from.acknowledge,
                      from.allocation, from.system, from.send_acknowledgement, from.attention, from.end_of_message, 0,
                      from.datastream_type},
                     to);
    },
    [](const seqwire::octet* from) {
      const header read = layout::decode(from);
      // What has another mark is nobody's: connection 0 does not exist.
      return spp_header{read.system,
                        read.answer_wanted,
                        read.attention,
                        read.last,
                        read.unused,
                        read.type,
                        read.mark == 0xcafe ? read.source : std::uint16_t{0},
                        read.destination,
                        read.number,
                        read.expected,
                        read.permitted};
    }};

}  // namespace marked_spp
