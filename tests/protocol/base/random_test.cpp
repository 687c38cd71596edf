// The generator is the published Philox 4x32-10, and our streams over it are frozen: a seed written down in a paper or
// a bug report means the same run for ever. The frozen numbers were computed apart from this code, from its definition.
#include "protocol/base/random.hpp"

#include <Random123/philox.h>

#include <rapidcheck/boost_test.h>
#include <array>
#include <boost/test/unit_test.hpp>
#include <set>
#include <vector>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(random_test)

using block = std::array<std::uint32_t, 4>;

block philox(const block& counter, const std::array<std::uint32_t, 2>& key) {
  const auto out = r123::Philox4x32{}({{counter[0], counter[1], counter[2], counter[3]}}, {{key[0], key[1]}});
  return {out[0], out[1], out[2], out[3]};
}

BOOST_AUTO_TEST_CASE(philox__known_answers_of_its_authors) {
  // Random123, kat_vectors, philox4x32 10.
  BOOST_TEST((philox({0, 0, 0, 0}, {0, 0}) == block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  BOOST_TEST((philox({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}) == block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  BOOST_TEST((philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
              block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

BOOST_AUTO_TEST_CASE(bits__first_known_answer_through_our_stream) {
  BOOST_TEST(random_stream(0).bits(0) == 0xe169c58d6627e8d5u);
}

constexpr std::uint64_t seed = 0x0123456789abcdef;

BOOST_AUTO_TEST_CASE(fork__frozen) {
  const random_stream random(seed);
  BOOST_TEST(random.fork("loss").key() == 0x163964ab1f7c1584u);
  BOOST_TEST(random.fork("").key() == 0xfee38b5fd0e1fe69u);
  BOOST_TEST(random.fork(3).key() == 0x5b10873b1aa99e25u);
}

BOOST_AUTO_TEST_CASE(fork__different_names_give_different_streams) {
  const random_stream random(seed);
  std::set<std::uint64_t> keys{random.key()};
  const std::vector<std::string_view> names{"", "a", "b", "aa", "ab", "ba", "loss", "loss ", "reorder"};
  for (const std::string_view name : names) keys.insert(random.fork(name).key());
  for (std::uint64_t number = 0; number < 1'000; ++number) keys.insert(random.fork(number).key());
  keys.insert(random.fork("a").fork("b").key());
  BOOST_TEST(keys.size() == 1 + names.size() + 1'000 + 1);
}

BOOST_AUTO_TEST_CASE(bits__frozen) {
  const random_stream random(seed);
  BOOST_TEST(random.bits(0) == 0xc58cb04bb850222eu);
  BOOST_TEST(random.bits(1) == 0x523e0d85adca1466u);
  BOOST_TEST(random.bits(0x1'0000'0000, 7) == 0x38a0d4e6c2692e75u);
}

BOOST_AUTO_TEST_CASE(bits__a_draw_depends_on_nothing_but_its_place) {
  const random_stream random(seed);
  const std::uint64_t first = random.bits(100);
  for (std::uint64_t index = 0; index < 100; ++index) random.bits(index, 1);
  BOOST_TEST(random.bits(100) == first);
  BOOST_TEST(random_stream(seed).bits(100) == first);
}

BOOST_AUTO_TEST_CASE(bits__each_bit_is_set_half_of_the_time_and_streams_agree_by_chance_only) {
  constexpr int draws = 20'000;
  const random_stream loss = random_stream(seed).fork("loss");
  const random_stream corruption = random_stream(seed).fork("corruption");
  std::array<int, 64> set_count{};
  std::array<int, 64> agreements{};
  for (std::uint64_t index = 0; index < draws; ++index)
    for (std::size_t bit = 0; bit < 64; ++bit) {
      const std::uint64_t mine = loss.bits(index) >> bit & 1;
      set_count[bit] += static_cast<int>(mine);
      agreements[bit] += mine == (corruption.bits(index) >> bit & 1) ? 1 : 0;
    }
  // The standard deviation is 71; five of them are 354.
  for (std::size_t bit = 0; bit < 64; ++bit) {
    BOOST_TEST(std::abs(set_count[bit] - draws / 2) < 354);
    BOOST_TEST(std::abs(agreements[bit] - draws / 2) < 354);
  }
}

BOOST_AUTO_TEST_CASE(uniform__frozen_to_the_last_bit) {
  BOOST_TEST((random_stream(seed).uniform(0) == 0x1.8b19609770a04p-1));
}

RC_BOOST_PROP(uniform__lies_in_the_half_open_unit_interval, (std::uint64_t any, std::uint64_t index)) {
  const double value = random_stream(any).uniform(index);
  RC_ASSERT(value >= 0.0);
  RC_ASSERT(value < 1.0);
}

BOOST_AUTO_TEST_CASE(below__frozen) {
  BOOST_TEST(random_stream(seed).below(1'000, 0) == 771u);
  BOOST_TEST(random_stream(seed).below(6, 5) == 4u);
}

BOOST_AUTO_TEST_CASE(below__reaches_every_value_and_none_beyond) {
  const random_stream random(seed);
  std::array<int, 6> thrown{};
  for (std::uint64_t index = 0; index < 6'000; ++index) ++thrown.at(random.below(6, index));
  for (const int count : thrown) BOOST_TEST(std::abs(count - 1'000) < 150);  // five standard deviations
  BOOST_TEST(random.below(1, 0) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
