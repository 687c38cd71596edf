// The header of lockstep, a protocol for learning: SPP's service, one packet at a time. A struct, and a layout that
// lists its fields in the order in which they travel. The roles are how seqwire's tools understand them.
#pragma once

#include "protocol/wire/idp.hpp"

namespace lockstep {

using seqwire::field;
using seqwire::role;

/// One of those that IDP leaves to experiments.
inline constexpr seqwire::packet_type packet_type{20};

struct header {
  std::uint16_t source;
  std::uint16_t destination;
  std::uint16_t number;
  std::uint16_t expected;
  std::uint16_t permitted;
  std::uint8_t type;
  bool control;
  bool answer_wanted;
  bool urgent;
  bool last;
  std::uint8_t unused;
};

using layout = seqwire::layout<
    header, "lockstep", "Lockstep: records, one packet at a time (docs/own-protocol.md)",
    field<&header::source, 16, "Connection id of the sender", role::source_connection>,
    field<&header::destination, 16, "Connection id of the receiver; 0 while unknown", role::destination_connection>,
    field<&header::number, 16, "Of this packet", role::sequence>,
    field<&header::expected, 16, "The number that comes next from the other side", role::acknowledgement>,
    field<&header::permitted, 16, "The highest number that the other side may send", role::allocation>,
    field<&header::type, 8, "Of the record; 254 asks to close, 255 answers", role::datastream_type>,
    field<&header::control, 1, "Carries nothing and takes no number", role::system_packet>,
    field<&header::answer_wanted, 1, "Asks for an answer", role::acknowledgement_request>,
    field<&header::urgent, 1, "Never set", role::attention>,
    field<&header::last, 1, "Last packet of its record", role::end_of_record>,
    field<&header::unused, 4, "Zero", role::reserved>>;

static_assert(layout::octets == 12);

}  // namespace lockstep
