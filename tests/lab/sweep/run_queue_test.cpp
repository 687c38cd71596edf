// Every run once and none too many, in whatever order runs end.
#include "lab/sweep/run_queue.hpp"

#include <rapidcheck/boost_test.h>

#include <boost/test/unit_test.hpp>
#include <set>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(run_queue_test)

// A value for each run: points differ in how much theirs scatter.
double value_of(planned_run run) {
  return 100 + static_cast<double>(run.point) * static_cast<double>(run.number * 37 % 11);
}

using run_set = std::set<std::pair<std::size_t, std::uint64_t>>;

// What runs with so many at a time, of which any may end next.
struct outcome {
  run_set begun;
  bool twice = false;
};
outcome sweep_with(run_queue& queue, std::size_t jobs, std::uint64_t seed) {
  outcome got;
  std::vector<planned_run> under_way;
  for (;;) {
    while (under_way.size() < jobs) {
      const auto next = queue.next();
      if (!next) break;
      got.twice = !got.begun.insert({next->point, next->number}).second || got.twice;
      under_way.push_back(*next);
    }
    if (under_way.empty()) return got;
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    const std::size_t ends = static_cast<std::size_t>(seed >> 33) % under_way.size();
    const planned_run run = under_way[ends];
    under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(ends));
    queue.finished(run, value_of(run));
  }
}

// How many seeds a point needs, from the rule alone.
std::uint64_t needed(std::size_t point, const stopping_rule& rule) {
  running_mean so_far;
  for (std::uint64_t number = 0;; ++number) {
    so_far.add(value_of({point, number}));
    if (rule.enough(number + 1, so_far)) return number + 1;
  }
}

RC_BOOST_PROP(next__without_a_rule_is_every_run_once, ()) {
  const auto points = *rc::gen::inRange<std::size_t>(0, 6);
  const auto jobs = *rc::gen::inRange<std::size_t>(1, 9);
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < points; ++i) numbers.push_back(3 * i);
  run_queue queue(numbers, {.seeds = 7, .narrow_enough = {}});
  const outcome got = sweep_with(queue, jobs, *rc::gen::arbitrary<std::uint64_t>());
  RC_ASSERT(!got.twice);
  RC_ASSERT(got.begun.size() == points * 7);
  RC_ASSERT(queue.done());
  RC_ASSERT(queue.ended() == queue.most());
}

RC_BOOST_PROP(next__with_a_rule_covers_what_is_needed_and_little_more, ()) {
  const auto jobs = *rc::gen::inRange<std::size_t>(1, 9);
  const stopping_rule rule{.seeds = 25, .narrow_enough = 0.05};
  run_queue queue({0, 1, 2, 5, 9}, rule);
  const outcome got = sweep_with(queue, jobs, *rc::gen::arbitrary<std::uint64_t>());
  std::size_t least = 0;
  for (const std::size_t point : {0u, 1u, 2u, 5u, 9u}) {
    const std::uint64_t seeds = needed(point, rule);
    least += seeds;
    for (std::uint64_t number = 0; number < seeds; ++number) RC_ASSERT(got.begun.contains({point, number}));
  }
  RC_ASSERT(!got.twice);
  RC_ASSERT(queue.done());
  RC_ASSERT(queue.ended() == queue.most());
  if (jobs == 1) RC_ASSERT(got.begun.size() == least);
}

RC_BOOST_PROP(already_there__is_not_run_again_and_counts, ()) {
  const stopping_rule rule{.seeds = 12,
                           .narrow_enough = *rc::gen::element(std::optional<double>(), std::optional(0.05))};
  run_queue queue({0, 3, 4}, rule);
  run_set there;
  for (const std::size_t point : {0u, 3u, 4u})
    for (std::uint64_t number = 0; number < 15; ++number)
      if (*rc::gen::arbitrary<bool>()) {
        there.insert({point, number});
        queue.already_there({point, number}, value_of({point, number}));
      }
  const outcome got = sweep_with(queue, *rc::gen::inRange<std::size_t>(1, 5), 1);
  for (const auto& run : there) RC_ASSERT(!got.begun.contains(run));
  for (const std::size_t point : {0u, 3u, 4u})
    for (std::uint64_t number = 0; number < needed(point, rule); ++number)
      RC_ASSERT(got.begun.contains({point, number}) || there.contains({point, number}));
  RC_ASSERT(queue.done());
  RC_ASSERT(queue.ended() == queue.most());
}

BOOST_AUTO_TEST_CASE(next__waits_for_a_decision_while_other_points_are_to_begin) {
  run_queue queue({0, 1}, {.seeds = 10, .narrow_enough = 0.5});
  BOOST_TEST(queue.next()->point == 0u);
  BOOST_TEST(queue.next()->point == 1u);
  // Nothing else to do: the next seeds may be needed.
  BOOST_TEST(queue.next()->number == 1u);
}

BOOST_AUTO_TEST_CASE(next__of_no_points_is_done) {
  run_queue queue({}, {});
  BOOST_TEST(!queue.next().has_value());
  BOOST_TEST(queue.done());
}

BOOST_AUTO_TEST_SUITE_END()
