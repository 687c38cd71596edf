// Virtual time: the four invariants of the schedule.
#include "sim/schedule.hpp"

#include <rapidcheck/boost_test.h>
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <set>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(schedule_test)

constexpr instant at_ms(std::int64_t ms) { return instant{ms * 1'000'000}; }

struct happening {
  instant at;
  std::uint64_t token;
  bool operator==(const happening&) const = default;
};

class recorder final : public actor {
 public:
  std::vector<happening> seen;
  std::function<void(instant, std::uint64_t)> also;
  void on_event(instant now, std::uint64_t token) override {
    seen.push_back({now, token});
    if (also) also(now, token);
  }
};

BOOST_AUTO_TEST_CASE(run_next__time_goes_to_the_earliest_event) {
  schedule time;
  recorder who;
  time.at(at_ms(20), who, 2);
  time.at(at_ms(10), who, 1);
  BOOST_TEST((time.next_at() == at_ms(10)));
  time.run_next();
  BOOST_TEST((time.now() == at_ms(10)));
  time.run_next();
  BOOST_TEST((who.seen == std::vector<happening>{{at_ms(10), 1}, {at_ms(20), 2}}));
  BOOST_TEST(time.empty());
  BOOST_TEST((time.next_at() == instant::never()));
  BOOST_TEST(time.events_run() == 2u);
}

BOOST_AUTO_TEST_CASE(run_next__events_of_one_instant_keep_their_order_also_when_added_during_it) {
  schedule time;
  recorder who;
  for (std::uint64_t token = 0; token < 100; ++token) time.at(at_ms(5), who, token);
  who.also = [&](instant now, std::uint64_t token) {
    if (token < 100) time.at(now, who, 100 + token);
  };
  while (!time.empty()) time.run_next();
  BOOST_TEST_REQUIRE(who.seen.size() == 200u);
  for (std::uint64_t token = 0; token < 200; ++token) BOOST_TEST(who.seen[token].token == token);
}

BOOST_AUTO_TEST_CASE(run_until__includes_its_end_and_moves_the_time_there) {
  schedule time;
  recorder who;
  time.at(at_ms(10), who, 1);
  time.at(at_ms(11), who, 2);
  time.run_until(at_ms(10));
  BOOST_TEST(who.seen.size() == 1u);
  time.run_until(at_ms(10));
  BOOST_TEST(who.seen.size() == 1u);
  time.run_until(at_ms(50));
  BOOST_TEST(who.seen.size() == 2u);
  BOOST_TEST((time.now() == at_ms(50)));
}

RC_BOOST_PROP(schedule__every_event_happens_once_when_it_should_in_order, (const std::vector<std::uint16_t>& delays)) {
  schedule time;
  recorder who;
  std::vector<happening> expected;
  who.also = [&](instant now, std::uint64_t token) {
    const std::uint64_t child = token + 100'000;
    if (token >= 100'000 || token % 3 != 0) return;
    const instant when = now + duration{delays[token] % 50};
    time.at(when, who, child);
    expected.push_back({when, child});
  };
  for (std::uint64_t token = 0; token < delays.size(); ++token) {
    const instant when{delays[token] % 100};
    time.at(when, who, token);
    expected.push_back({when, token});
  }
  while (!time.empty()) time.run_next();
  RC_ASSERT(std::is_sorted(who.seen.begin(), who.seen.end(),
                           [](const happening& a, const happening& b) { return a.at < b.at; }));
  const auto by_token = [](const happening& a, const happening& b) { return a.token < b.token; };
  std::sort(expected.begin(), expected.end(), by_token);
  std::vector<happening> seen = who.seen;
  std::sort(seen.begin(), seen.end(), by_token);
  RC_ASSERT(seen == expected);
}

BOOST_AUTO_TEST_SUITE_END()
