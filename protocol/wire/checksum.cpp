#include "protocol/wire/checksum.hpp"

namespace seqwire {
namespace {

constexpr std::size_t lanes = 16;  // rotation repeats every 16 words, so each lane has one rotation

std::uint16_t rotate_left(std::uint16_t word, std::size_t by) {
  by %= 16;
  return by == 0 ? word : static_cast<std::uint16_t>((word << by) | (word >> (16 - by)));
}

std::uint16_t fold(std::uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>((sum & 0xffff) + (sum >> 16));
}

}  // namespace

// A rotation by one is a doubling modulo 65,535, so the sum over all words is a polynomial in 2, taken by Horner's
// rule. Words are added as the machine loads them: swapping the octets of a word is a rotation by eight, made good at
// the end.
std::uint16_t checksum_contribution(octets_view part, std::size_t words_after) {
  const std::size_t words = part.size() / 2;
  const octet* at = part.data();
  std::uint64_t sum = 0;
  std::size_t word = 0;
  if (words >= lanes) {
    std::uint32_t lane[lanes] = {};
    for (; word + lanes <= words; word += lanes, at += 2 * lanes) {
      std::uint16_t block[lanes];
      std::memcpy(block, at, sizeof block);
      for (std::size_t i = 0; i < lanes; ++i) lane[i] += block[i];
    }
    for (std::size_t i = 0; i < lanes; ++i) sum = 2 * sum + lane[i];
    sum = (sum & 0xffffffff) + (sum >> 32);  // room for 16 more doublings
  }
  for (; word < words; ++word, at += 2) sum = 2 * sum + detail::load_native<std::uint16_t>(at);
  if (part.size() % 2 != 0) {
    const octet last[2] = {*at, 0};
    sum = 2 * sum + detail::load_native<std::uint16_t>(last);
  }
  constexpr std::size_t swapped = std::endian::native == std::endian::little ? 8 : 0;
  return rotate_left(fold(sum), words_after + 1 + swapped);
}

std::uint16_t updated_checksum(std::uint16_t old_checksum, std::size_t words_from_end, std::uint16_t old_word,
                               std::uint16_t new_word) {
  if (old_checksum == no_checksum) return no_checksum;
  const std::uint16_t change = add_contributions(new_word, static_cast<std::uint16_t>(~old_word));
  return checksum_from_sum(add_contributions(old_checksum, rotate_left(change, words_from_end)));
}

}  // namespace seqwire
