// Big-endian loads and stores: the octets are where the network has them, at any alignment.
#include "protocol/base/bytes.hpp"

#include <rapidcheck/boost_test.h>
#include <array>
#include <boost/test/unit_test.hpp>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(bytes_test)

constexpr std::array<octet, 9> counting{0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08};

BOOST_AUTO_TEST_CASE(load__takes_the_first_octet_as_the_highest) {
  BOOST_TEST(load_u16(&counting[1]) == 0x0102u);
  BOOST_TEST(load_u32(&counting[1]) == 0x01020304u);
  BOOST_TEST(load_u48(&counting[1]) == 0x010203040506u);
  BOOST_TEST(load_u64(&counting[1]) == 0x0102030405060708u);
}

BOOST_AUTO_TEST_CASE(store_u48__touches_six_octets_and_ignores_higher_bits) {
  std::array<octet, 8> buffer;
  buffer.fill(0xee);
  store_u48(&buffer[1], 0xffff010203040506u);
  const std::array<octet, 8> expected{0xee, 1, 2, 3, 4, 5, 6, 0xee};
  BOOST_TEST(buffer == expected, boost::test_tools::per_element());
}

RC_BOOST_PROP(store__is_undone_by_load, (std::uint64_t value)) {
  std::array<octet, 9> buffer{};
  store_u16(&buffer[1], static_cast<std::uint16_t>(value));
  RC_ASSERT(load_u16(&buffer[1]) == static_cast<std::uint16_t>(value));
  store_u32(&buffer[1], static_cast<std::uint32_t>(value));
  RC_ASSERT(load_u32(&buffer[1]) == static_cast<std::uint32_t>(value));
  store_u48(&buffer[1], value);
  RC_ASSERT(load_u48(&buffer[1]) == (value & 0xffffffffffff));
  store_u64(&buffer[1], value);
  RC_ASSERT(load_u64(&buffer[1]) == value);
}

BOOST_AUTO_TEST_CASE(view_of__sees_the_text_itself) {
  const std::string_view text = "hello";
  const octets_view view = view_of(text);
  BOOST_TEST(view.size() == 5u);
  BOOST_TEST(static_cast<const void*>(view.data()) == static_cast<const void*>(text.data()));
}

BOOST_AUTO_TEST_SUITE_END()
