// A queue by absolute numbers: the same as a deque whose first entry has a number, whatever it grew from.
#include "protocol/base/number_ring.hpp"

#include <rapidcheck/boost_test.h>
#include <boost/test/unit_test.hpp>
#include <deque>
#include <memory>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(number_ring_test)

BOOST_AUTO_TEST_CASE(ring__starts_empty_at_zero) {
  const number_ring<int> ring;
  BOOST_TEST(ring.empty());
  BOOST_TEST(ring.begin() == 0u);
  BOOST_TEST(ring.end() == 0u);
  BOOST_TEST(ring.size() == 0u);
}

BOOST_AUTO_TEST_CASE(push_back__numbers_go_on_after_everything_was_taken) {
  number_ring<int> ring;
  ring.push_back(10);
  ring.push_back(11);
  BOOST_TEST(ring[0] == 10);
  BOOST_TEST(ring[1] == 11);
  BOOST_TEST(ring.pop_front() == 10);
  BOOST_TEST(ring.pop_front() == 11);
  BOOST_TEST(ring.empty());
  ring.push_back(12);
  BOOST_TEST(ring.begin() == 2u);
  BOOST_TEST(ring[2] == 12);
}

BOOST_AUTO_TEST_CASE(push_back__growth_keeps_entries_that_wrap_around_the_slots) {
  number_ring<int> ring;
  for (int i = 0; i < 5; ++i) ring.push_back(i);
  for (int i = 0; i < 5; ++i) ring.pop_front();
  for (int i = 5; i < 30; ++i) ring.push_back(i);  // starts at slot 5 of 8, grows twice
  for (std::uint64_t number = 5; number < 30; ++number) BOOST_TEST(ring[number] == static_cast<int>(number));
}

BOOST_AUTO_TEST_CASE(extend_to__makes_empty_entries_and_never_takes_any_away) {
  number_ring<int> ring;
  ring.push_back(7);
  ring.extend_to(4);
  BOOST_TEST(ring.size() == 4u);
  BOOST_TEST(ring[3] == 0);
  ring.extend_to(2);
  BOOST_TEST(ring.end() == 4u);
  ring.pop_front();
  ring.extend_to(9);  // the slot of number 0 is used again and must not show the 7
  BOOST_TEST(ring[8] == 0);
  for (int i = 9; i < 16; ++i) ring.push_back(i);
  while (!ring.empty()) ring.pop_front();
  ring.extend_to(24);  // without growth: slots that held something
  for (std::uint64_t number = 16; number < 24; ++number) BOOST_TEST(ring[number] == 0);
}

BOOST_AUTO_TEST_CASE(pop_front__leaves_nothing_alive_in_the_slot) {
  number_ring<std::shared_ptr<int>> ring;
  const auto entry = std::make_shared<int>(1);
  ring.push_back(entry);
  BOOST_TEST(entry.use_count() == 2);
  ring.pop_front();
  BOOST_TEST(entry.use_count() == 1);
}

RC_BOOST_PROP(ring__is_a_deque_with_numbers, (const std::vector<std::uint8_t>& steps)) {
  number_ring<int> ring;
  std::deque<int> model;
  std::uint64_t first = 0;
  int next = 1;
  for (const std::uint8_t step : steps) {
    if (step % 3 != 0) {
      ring.push_back(next);
      model.push_back(next++);
    } else if (!model.empty()) {
      RC_ASSERT(ring.front() == model.front());
      RC_ASSERT(ring.pop_front() == model.front());
      model.pop_front();
      ++first;
    }
    RC_ASSERT(ring.begin() == first);
    RC_ASSERT(ring.size() == model.size());
    for (std::size_t i = 0; i < model.size(); ++i) RC_ASSERT(ring[first + i] == model[i]);
  }
}

BOOST_AUTO_TEST_SUITE_END()
