// Serial arithmetic on the 16-bit circle, and the way back to absolute numbers.
#include "protocol/base/sequence.hpp"

#include <rapidcheck/boost_test.h>
#include <boost/test/unit_test.hpp>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(sequence_test)

BOOST_AUTO_TEST_CASE(serial_difference__of_every_distance_from_several_places) {
  for (const unsigned place : {0u, 1u, 32'767u, 32'768u, 65'535u})
    for (int distance = -32'768; distance <= 32'767; ++distance) {
      const auto from = static_cast<std::uint16_t>(place);
      const auto to = static_cast<std::uint16_t>(static_cast<int>(place) + distance);
      if (serial_difference(to, from) != distance)
        BOOST_FAIL("from " << place << " by " << distance << " gives " << serial_difference(to, from));
    }
}

BOOST_AUTO_TEST_CASE(unwrap__at_the_seam) {
  BOOST_TEST(unwrap(0, 65'535) == 65'536);
  BOOST_TEST(unwrap(65'535, 65'536) == 65'535);
  BOOST_TEST(unwrap(5, 0x1'0000'0000) == 0x1'0000'0005);
}

BOOST_AUTO_TEST_CASE(unwrap__may_lie_before_packet_0) {
  BOOST_TEST(unwrap(65'535, 0) == -1);
  BOOST_TEST(unwrap(40'000, 100) == 40'000 - 65'536);
}

RC_BOOST_PROP(unwrap__is_congruent_and_nearest, (std::uint16_t wire, std::uint64_t any)) {
  const packet_number reference = any >> 2;  // absolute numbers stay far below 2^63
  const std::int64_t number = unwrap(wire, reference);
  RC_ASSERT(static_cast<std::uint16_t>(number) == wire);
  const std::int64_t distance = number - static_cast<std::int64_t>(reference);
  RC_ASSERT(distance >= -32'768);
  RC_ASSERT(distance <= 32'767);
}

BOOST_AUTO_TEST_SUITE_END()
