// The plain values that the analysis passes around: where a packet was seen, who speaks, and what the packet says.
// No judgement here.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dissector/analysis/decode.hpp"

namespace seqwire {

/// A frame as people count them: from 1, within one capture file.
struct frame_reference {
  // Captures count from 0 in the order given, frames from 1.
  std::uint32_t file = 0;
  std::uint64_t number = 0;
  auto operator<=>(const frame_reference&) const = default;
};

/// The same packet wherever it is seen; ids of different files have nothing to do with each other.
struct packet_key {
  std::uint32_t file = 0;  // the capture that gave the id
  std::uint64_t id = 0;    // as the capture has it
  auto operator<=>(const packet_key&) const = default;
};

/// One end of a connection. The network number is left out: it may be 0 ("this one") or real in turn, and host numbers
/// are unique by themselves.
struct speaker {
  host_number host{};      // of its IDP address
  socket_number socket{};  // of its IDP address
  std::uint16_t id = 0;    // its connection id; 0: not known yet
  auto operator<=>(const speaker&) const = default;
};
std::string to_string(const speaker& end);  // "02000000000a:3000 id 0x4799"

/// An absolute number (of packets, of one direction); signed, because a hostile number may lie before packet 0.
using absolute_number = std::int64_t;

/// The number with these 16 bits that is nearest to `reference`; of two equally near ones the lower.
constexpr absolute_number absolute(std::uint16_t wire, absolute_number reference) {
  const auto ahead = static_cast<std::uint16_t>(wire - static_cast<std::uint16_t>(reference));
  return reference + ahead - (ahead < 0x8000 ? 0 : 0x10000);
}

/// What a vantage point is to one packet.
enum class vantage : std::uint8_t { path, own_emission, own_arrival };
std::string_view name_of(vantage where);  // "passing", "leaving", "arriving"
/// `direction`: of the frame at that interface, by the capture or by the link header.
vantage vantage_of(const decoded_frame& frame, capture_direction direction);

/// One sighting of one sequenced packet.
struct packet_facts {
  // Where and when it was seen.
  frame_reference frame;
  std::size_t interface = 0;
  instant at{};
  std::optional<packet_key> packet;
  std::optional<absolute_number> emitted_as;  // its number at its sender's vantage, where the packet id tells
  speaker from;                               // by its source address and connection id
  speaker to;                                 // id 0: an opening
  sequenced_header header;                    // as it travelled
  octets_view body;                           // valid as long as the frame
  std::uint64_t body_hash = 0;                // for comparison within one run of the program
  std::size_t octets = 0;                     // of the whole IDP packet as it travels
  bool checksummed = true;                    // false: the sender asked not to check

  /// Fills in who speaks to whom and what the headers say; both views outlive the use of `body`.
  void take(const decoded_frame& frame, const sequenced_packet_view& view);
};

/// Stamps before the epoch count as the epoch, so that the span between any two fits its type.
constexpr instant sane(instant at) { return at < instant{} ? instant{} : at; }

}  // namespace seqwire
