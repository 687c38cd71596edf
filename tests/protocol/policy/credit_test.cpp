// The allocation that a receiver with so much room advertises.
#include "protocol/policy/credit.hpp"

#include <boost/test/unit_test.hpp>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(credit_test)

BOOST_AUTO_TEST_CASE(all_room__what_is_not_taken_up_by_unread_records) {
  all_room_credit credit;
  BOOST_TEST(credit.limit({.expected = 0, .unread = 0, .capacity = 8}) == 8u);
  BOOST_TEST(credit.limit({.expected = 100, .unread = 3, .capacity = 8}) == 105u);
}

BOOST_AUTO_TEST_CASE(all_room__none_when_full_or_fuller) {
  all_room_credit credit;
  BOOST_TEST(credit.limit({.expected = 100, .unread = 8, .capacity = 8}) == 100u);
  BOOST_TEST(credit.limit({.expected = 100, .unread = 90, .capacity = 8}) == 100u);
}

BOOST_AUTO_TEST_SUITE_END()
