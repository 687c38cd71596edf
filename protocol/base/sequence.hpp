// Serial arithmetic on 16-bit wire numbers, and their place in the 64-bit absolute count that the engine keeps.
// The wire compares by signed 16-bit difference (shared sheet of SPP, section 4.2), hence windows below 32,768.
#pragma once

#include <cstdint>

namespace seqwire {

/// An absolute packet number of one direction of one connection; the first data packet is 0. Never wraps in practice.
using packet_number = std::uint64_t;
using packet_count = std::uint64_t;  // a difference of packet_numbers

/// Signed distance from b to a on the 16-bit circle: positive when a comes after b.
constexpr std::int16_t serial_difference(std::uint16_t a, std::uint16_t b) {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(a - b));
}

/// The number congruent to `wire` modulo 65,536 that is nearest to `reference`, as a signed value, because a hostile
/// number near the start of a connection may lie before packet 0.
constexpr std::int64_t unwrap(std::uint16_t wire, packet_number reference) {
  return static_cast<std::int64_t>(reference) + serial_difference(wire, static_cast<std::uint16_t>(reference));
}

}  // namespace seqwire
