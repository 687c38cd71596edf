// The earliest of many deadlines that move all the time.
#include "protocol/host/deadline_queue.hpp"

#include <rapidcheck/boost_test.h>
#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(deadline_queue_test)

struct owner {
  std::size_t deadline_position = deadline_queue_absent;
};

constexpr instant at(std::int64_t nanoseconds) { return instant{nanoseconds}; }

BOOST_AUTO_TEST_CASE(earliest__of_nothing_is_never) {
  const deadline_queue<owner> queue;
  BOOST_TEST(queue.empty());
  BOOST_TEST((queue.earliest() == instant::never()));
}

BOOST_AUTO_TEST_CASE(set__moves_a_deadline_both_ways) {
  deadline_queue<owner> queue;
  owner a, b;
  queue.set(&a, at(10));
  queue.set(&b, at(20));
  BOOST_TEST((queue.front() == &a));
  queue.set(&a, at(30));
  BOOST_TEST((queue.front() == &b));
  queue.set(&a, at(5));
  BOOST_TEST((queue.front() == &a));
  BOOST_TEST((queue.earliest() == at(5)));
}

BOOST_AUTO_TEST_CASE(set__never_removes) {
  deadline_queue<owner> queue;
  owner a;
  queue.set(&a, at(10));
  queue.set(&a, instant::never());
  BOOST_TEST(queue.empty());
  BOOST_TEST(a.deadline_position == deadline_queue_absent);
  queue.set(&a, instant::never());
  queue.remove(&a);
  BOOST_TEST(queue.empty());
}

RC_BOOST_PROP(front__is_always_the_earliest_of_all, (const std::vector<std::pair<std::uint8_t, std::uint8_t>>& steps)) {
  deadline_queue<owner> queue;
  std::array<owner, 16> owners;
  std::array<instant, 16> model;
  model.fill(instant::never());
  for (const auto& [who, when] : steps) {
    const std::size_t index = who % owners.size();
    model[index] = when % 5 == 0 ? instant::never() : at(when);
    if (when % 10 == 0) queue.remove(&owners[index]);
    else queue.set(&owners[index], model[index]);
    RC_ASSERT(queue.earliest() == *std::min_element(model.begin(), model.end()));
    if (!queue.empty()) RC_ASSERT(model[static_cast<std::size_t>(queue.front() - owners.data())] == queue.earliest());
  }
}

BOOST_AUTO_TEST_SUITE_END()
