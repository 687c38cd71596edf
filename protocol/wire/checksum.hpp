// The IDP checksum: add 16-bit words with end-around carry and rotate left after each (Xerox; 4.3BSD ns_cksum).
// Closed form used here: a word with k words from itself to the packet's end (itself included) contributes its value
// rotated left by k mod 16; the checksum is the ones' complement sum of all contributions, 0xFFFF sent as 0x0000.
// So the parts of a packet can be summed apart, in any order, and a change of one word needs only that word.
#pragma once

#include <cstdint>

#include "protocol/base/bytes.hpp"

namespace seqwire {

/// In the checksum field: "not checked".
inline constexpr std::uint16_t no_checksum = 0xffff;

/// The contribution of `part`, when `words_after` more 16-bit words follow it in the packet. `part` starts at an even
/// offset; only the packet's last part may have an odd length, and then counts as followed by a zero octet.
/// Contributions are joined with add_contributions().
std::uint16_t checksum_contribution(octets_view part, std::size_t words_after);

/// The ones' complement sum of two: associative, so that parts may be summed in any order.
constexpr std::uint16_t add_contributions(std::uint16_t a, std::uint16_t b) {
  const std::uint32_t sum = std::uint32_t{a} + b;
  return static_cast<std::uint16_t>((sum & 0xffff) + (sum >> 16));
}

/// What goes into the checksum field for a total of contributions.
constexpr std::uint16_t checksum_from_sum(std::uint16_t sum) { return sum == 0xffff ? std::uint16_t{0} : sum; }

/// The checksum of all octets after the checksum field: from the length field up to and including the garbage octet.
inline std::uint16_t checksum(octets_view after_checksum_field) {
  return checksum_from_sum(checksum_contribution(after_checksum_field, 0));
}

/// The checksum after one word changed; `words_from_end` counts from that word to the packet's end, itself included.
/// A field that says "not checked" stays so.
std::uint16_t updated_checksum(std::uint16_t old_checksum, std::size_t words_from_end, std::uint16_t old_word,
                               std::uint16_t new_word);

}  // namespace seqwire
