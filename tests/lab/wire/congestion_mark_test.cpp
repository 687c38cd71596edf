// Marks on IP headers: where a sender takes them, with a checksum that still holds, and nowhere else.
#include "lab/wire/congestion_mark.hpp"

#include <rapidcheck/boost_test.h>

#include <boost/test/unit_test.hpp>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(congestion_mark_test)

std::uint16_t sum_of(const octets& frame) {
  std::uint32_t sum = 0;
  for (std::size_t at = 14; at < 34; at += 2) sum += load_u16(frame.data() + at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

octets ipv4_frame(unsigned congestion, std::uint16_t identification = 0x1234) {
  octets frame(60, 0);
  store_u16(frame.data() + 12, 0x0800);
  frame[14] = 0x45;
  frame[15] = static_cast<octet>(0xb8 | congestion);
  frame[17] = 46;
  store_u16(frame.data() + 18, identification);
  frame[22] = 64;
  frame[23] = 6;
  store_u16(frame.data() + 24, static_cast<std::uint16_t>(~sum_of(frame)));
  return frame;
}

octets ipv6_frame(unsigned congestion) {
  octets frame(60, 0);
  store_u16(frame.data() + 12, 0x86dd);
  frame[14] = 0x6b;
  frame[15] = static_cast<octet>(0x80 | congestion << 4 | 0x5);
  return frame;
}

octets marked(const octets& frame) {
  const auto made = mark_congestion(slice::copy_of(frame));
  if (!made) return {};
  return {made->view().begin(), made->view().end()};
}

RC_BOOST_PROP(mark_congestion__ipv4_with_its_checksum, (std::uint16_t identification)) {
  for (const unsigned capable : {1u, 2u}) {
    const octets after = marked(ipv4_frame(capable, identification));
    RC_ASSERT(after == ipv4_frame(3, identification));
    RC_ASSERT(sum_of(after) == 0xffff);
  }
}

BOOST_AUTO_TEST_CASE(mark_congestion__ipv6) {
  BOOST_TEST((marked(ipv6_frame(1)) == ipv6_frame(3)));
  BOOST_TEST((marked(ipv6_frame(2)) == ipv6_frame(3)));
}

BOOST_AUTO_TEST_CASE(mark_congestion__not_where_nobody_takes_marks) {
  BOOST_TEST(marked(ipv4_frame(0)).empty());
  BOOST_TEST(marked(ipv6_frame(0)).empty());
  octets idp(60, 0x01);
  store_u16(idp.data() + 12, 0x0600);
  BOOST_TEST(marked(idp).empty());
}

BOOST_AUTO_TEST_CASE(mark_congestion__what_is_marked_stays_marked) {
  BOOST_TEST((marked(ipv4_frame(3)) == ipv4_frame(3)));
}

RC_BOOST_PROP(mark_congestion__takes_any_octets, (octets frame)) {
  frame.insert(frame.begin(), 12, octet{0});
  static_cast<void>(mark_congestion(slice::copy_of(frame)));
}

BOOST_AUTO_TEST_SUITE_END()
