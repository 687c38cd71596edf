// SipHash-2-4 against the vectors of its authors (Aumasson and Bernstein): key 00..0f, message 00, 01, 02, ...
#include "protocol/base/keyed_hash.hpp"

#include <boost/test/unit_test.hpp>
#include <numeric>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(keyed_hash_test)

std::uint64_t hash_of_counting(std::size_t length) {
  hash_key key;
  std::iota(key.octets.begin(), key.octets.end(), octet{0});
  octets message(length);
  std::iota(message.begin(), message.end(), octet{0});
  return keyed_hash(key, message);
}

BOOST_AUTO_TEST_CASE(keyed_hash__authors_vectors) {
  // The digest's octets in order; the paper prints the 15-octet one as the little-endian number a129ca6149be45e5.
  BOOST_TEST(hash_of_counting(0) == 0x310e0edd47db6f72u);
  BOOST_TEST(hash_of_counting(1) == 0xfd67dc93c539f874u);
  BOOST_TEST(hash_of_counting(8) == 0x6224939a79f5f593u);
  BOOST_TEST(hash_of_counting(15) == 0xe545be4961ca29a1u);
}

BOOST_AUTO_TEST_CASE(make_hash_key__follows_from_the_stream) {
  const random_stream random(7);
  BOOST_TEST((make_hash_key(random).octets == make_hash_key(random_stream(7)).octets));
  BOOST_TEST((make_hash_key(random).octets != make_hash_key(random_stream(8)).octets));
  BOOST_TEST(load_u64(make_hash_key(random).octets.data()) == random.bits(0));
  BOOST_TEST(load_u64(make_hash_key(random).octets.data() + 8) == random.bits(1));
}

BOOST_AUTO_TEST_SUITE_END()
