// The checksum: every vector of the protocol sheet, and our closed form beside the loop that defines it.
#include "protocol/wire/checksum.hpp"

#include <rapidcheck/boost_test.h>
#include <boost/test/unit_test.hpp>
#include <numeric>

#include "tests/protocol/wire/packets.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(checksum_test)

// The definition: add with end-around carry, rotate left, word after word; an odd end counts as followed by zero.
std::uint16_t checksum_by_loop(octets message) {
  if (message.size() % 2 != 0) message.push_back(0);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < message.size(); i += 2) {
    sum += std::uint32_t{message[i]} * 256 + message[i + 1];
    if (sum > 0xffff) sum -= 0xffff;
    sum = (sum << 1 | sum >> 15) & 0xffff;
  }
  return sum == 0xffff ? std::uint16_t{0} : static_cast<std::uint16_t>(sum);
}

octets counting_to(octet last) {
  octets result(last + 1u);
  std::iota(result.begin(), result.end(), octet{0});
  return result;
}

std::uint16_t checksum_of(std::string_view digits) { return checksum(from_hexadecimal(digits)); }

BOOST_AUTO_TEST_CASE(checksum__vectors) {
  BOOST_TEST(checksum_of("0000") == 0x0000);
  BOOST_TEST(checksum_of("0001") == 0x0002);
  BOOST_TEST(checksum_of("8000") == 0x0001);
  BOOST_TEST(checksum_of("ffff") == 0x0000);
  BOOST_TEST(checksum_of("fffe") == 0xfffd);
  BOOST_TEST(checksum_of("12345678") == 0xf5c0);
  BOOST_TEST(checksum_of("7fff8000") == 0xfffe);
  BOOST_TEST(checksum_of("80008000") == 0x0003);
  BOOST_TEST(checksum_of("ffffffff") == 0x0000);
  BOOST_TEST(checksum_of("01") == 0x0200);
  BOOST_TEST(checksum_of("0100") == 0x0200);
  BOOST_TEST(checksum_of("abcdef") == 0x8d38);
  BOOST_TEST(checksum_of("abcdef00") == 0x8d38);
  BOOST_TEST(checksum(counting_to(0x1b)) == 0x44c3);
  BOOST_TEST(checksum(counting_to(0x1c)) == 0xc186);
}

BOOST_AUTO_TEST_CASE(checksum__whole_packets) {
  for (const octets* packet : whole_packets)
    BOOST_TEST(checksum(octets_view(*packet).subspan(2)) == load_u16(packet->data()));
}

BOOST_AUTO_TEST_CASE(checksum__a_garbage_octet_counts_whatever_it_is) {
  octets packet = packet_a;
  packet.back() = 0x55;
  BOOST_TEST(checksum(octets_view(packet).subspan(2)) != load_u16(packet.data()));
  BOOST_TEST(checksum(octets_view(packet).subspan(2)) == checksum_by_loop({packet.begin() + 2, packet.end()}));
}

RC_BOOST_PROP(checksum__closed_form_is_the_loop, (const octets& message)) {
  RC_ASSERT(checksum(message) == checksum_by_loop(message));
}

BOOST_AUTO_TEST_CASE(checksum__closed_form_is_the_loop_at_every_length) {
  octets message;
  for (unsigned length = 0; length <= 1'600; ++length) {
    if (checksum(message) != checksum_by_loop(message)) BOOST_FAIL("they differ at length " << length);
    message.push_back(static_cast<octet>(length * 167 + 13));
  }
  // The longest packet, all ones: no lane overflows.
  BOOST_TEST(checksum(octets(65'534, 0xff)) == checksum_by_loop(octets(65'534, 0xff)));
}

RC_BOOST_PROP(checksum_contribution__of_parts_in_any_order,
              (octets message, std::uint16_t first, std::uint16_t second)) {
  std::size_t cut_1 = 2 * (first % (message.size() / 2 + 1));
  std::size_t cut_2 = 2 * (second % (message.size() / 2 + 1));
  if (cut_1 > cut_2) std::swap(cut_1, cut_2);
  const octets_view whole(message);
  const std::size_t words = (message.size() + 1) / 2;
  const std::uint16_t head = checksum_contribution(whole.first(cut_1), words - cut_1 / 2);
  const std::uint16_t middle = checksum_contribution(whole.subspan(cut_1, cut_2 - cut_1), words - cut_2 / 2);
  const std::uint16_t tail = checksum_contribution(whole.subspan(cut_2), 0);
  const std::uint16_t expected = checksum_by_loop(message);
  RC_ASSERT(checksum_from_sum(add_contributions(add_contributions(head, middle), tail)) == expected);
  RC_ASSERT(checksum_from_sum(add_contributions(tail, add_contributions(middle, head))) == expected);
}

BOOST_AUTO_TEST_CASE(checksum__words_sixteen_apart_commute_and_others_do_not) {
  octets message(64, 0);
  store_u16(&message[0], 0x1234);
  const std::uint16_t before = checksum(message);
  std::swap_ranges(&message[0], &message[2], &message[32]);
  BOOST_TEST(checksum(message) == before);
  std::swap_ranges(&message[32], &message[34], &message[30]);
  BOOST_TEST(checksum(message) != before);
}

RC_BOOST_PROP(checksum__every_single_flipped_bit_is_noticed, (octets message, std::uint32_t any)) {
  RC_PRE(!message.empty());
  const std::uint16_t before = checksum(message);
  message[any / 8 % message.size()] ^= static_cast<octet>(1u << any % 8);
  RC_ASSERT(checksum(message) != before);
}

BOOST_AUTO_TEST_CASE(updated_checksum__one_more_hop) {
  // Packet B is packet A after a router; 19 words in all, the hop count is the high octet of word 2.
  const std::uint16_t updated =
      updated_checksum(load_u16(packet_a.data()), 19 - 2, load_u16(&packet_a[4]), load_u16(&packet_b[4]));
  BOOST_TEST(updated == load_u16(packet_b.data()));
}

BOOST_AUTO_TEST_CASE(updated_checksum__leaves_not_checked_alone) {
  BOOST_TEST(updated_checksum(no_checksum, 17, 0x0002, 0x0102) == no_checksum);
}

BOOST_AUTO_TEST_CASE(updated_checksum__nothing_changed) {
  BOOST_TEST(updated_checksum(0x1234, 5, 0xabcd, 0xabcd) == 0x1234);
  BOOST_TEST(updated_checksum(0x0000, 5, 0xabcd, 0xabcd) == 0x0000);
}

RC_BOOST_PROP(updated_checksum__is_the_checksum_of_the_changed_packet,
              (octets message, std::uint16_t place, std::uint16_t new_word)) {
  RC_PRE(message.size() >= 2u);
  if (message.size() % 2 != 0) message.push_back(0);
  const std::size_t words = message.size() / 2;
  const std::size_t word = place % words;
  const std::uint16_t before = checksum(message);
  const std::uint16_t old_word = load_u16(&message[2 * word]);
  store_u16(&message[2 * word], new_word);
  RC_ASSERT(updated_checksum(before, words - word, old_word, new_word) == checksum_by_loop(message));
}

BOOST_AUTO_TEST_SUITE_END()
