#include "protocol/wire/checksum.hpp"

namespace seqwire {
namespace {

constexpr std::size_t lanes = 16;  // rotation repeats every 16 words, so each lane has one rotation

std::uint16_t rotate_left(std::uint16_t word, std::size_t by) {
  by %= 16;
  return by == 0 ? word : static_cast<std::uint16_t>((word << by) | (word >> (16 - by)));
}

std::uint16_t fold(std::uint32_t sum) {
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>((sum & 0xffff) + (sum >> 16));
}

}  // namespace

std::uint16_t checksum_contribution(octets_view part, std::size_t words_after) {
  // Words are added as the machine loads them: a ones' complement sum of swapped words is the swapped sum.
  std::uint32_t lane[lanes] = {};
  const std::size_t words = part.size() / 2;
  const octet* at = part.data();
  std::size_t word = 0;
  for (; word + lanes <= words; word += lanes, at += 2 * lanes) {
    std::uint16_t block[lanes];
    std::memcpy(block, at, sizeof block);
    for (std::size_t i = 0; i < lanes; ++i) lane[i] += block[i];
  }
  for (; word < words; ++word, at += 2) lane[word % lanes] += detail::load_native<std::uint16_t>(at);
  if (part.size() % 2 != 0) {
    const octet last[2] = {*at, 0};
    lane[word % lanes] += detail::load_native<std::uint16_t>(last);
  }

  const std::size_t words_in_all = (part.size() + 1) / 2 + words_after;
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < lanes; ++i) {
    // Lane i holds words i, i + 16, ...; all have the same number of words to the end, modulo 16.
    const std::size_t rotation = (words_in_all + lanes - i % lanes) % lanes;
    sum += rotate_left(detail::big_endian(fold(lane[i])), rotation);
  }
  return fold(sum);
}

std::uint16_t updated_checksum(std::uint16_t old_checksum, std::size_t words_from_end, std::uint16_t old_word,
                               std::uint16_t new_word) {
  if (old_checksum == no_checksum) return no_checksum;
  const std::uint16_t change = add_contributions(new_word, static_cast<std::uint16_t>(~old_word));
  return checksum_from_sum(add_contributions(old_checksum, rotate_left(change, words_from_end)));
}

}  // namespace seqwire
