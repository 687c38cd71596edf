// Ranges as people write them, and every combination of values exactly once.
#include "lab/sweep/grid.hpp"

#include <rapidcheck/boost_test.h>

#include <boost/test/unit_test.hpp>
#include <set>

using namespace seqwire;
using texts = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(grid_test)

texts by_step(const std::string& from, const std::string& to, const std::string& step) {
  const auto values = expand({.from = from, .to = to, .step = step, .points = {}});
  return values ? *values : texts{"expected " + values.error().expected};
}

texts by_points(const std::string& from, const std::string& to, std::uint64_t points, bool logarithmic = false) {
  const auto values = expand({.from = from, .to = to, .step = {}, .points = points, .logarithmic = logarithmic});
  return values ? *values : texts{"expected " + values.error().expected};
}

BOOST_AUTO_TEST_CASE(expand__steps_are_exact_in_every_unit) {
  BOOST_TEST(by_step("1", "10", "3") == (texts{"1", "4", "7", "10"}));
  BOOST_TEST(by_step("0%", "0.3%", "0.1%") == (texts{"0%", "0.1%", "0.2%", "0.3%"}));
  BOOST_TEST(by_step("0", "1", "0.25") == (texts{"0", "0.25", "0.5", "0.75", "1"}));
  BOOST_TEST(by_step("0", "1s", "400ms") == (texts{"0", "400ms", "800ms"}));
  BOOST_TEST(by_step("1Mbit/s", "3Mbit", "1Mbit/s") == (texts{"1Mbit/s", "2Mbit/s", "3Mbit/s"}));
  BOOST_TEST(by_step("512", "2KiB", "512") == (texts{"512", "1KiB", "1536", "2KiB"}));
}

BOOST_AUTO_TEST_CASE(expand__points_reach_both_ends) {
  BOOST_TEST(by_points("0%", "10%", 5) == (texts{"0%", "2.5%", "5%", "7.5%", "10%"}));
  BOOST_TEST(by_points("1", "64", 7, true) == (texts{"1", "2", "4", "8", "16", "32", "64"}));
  BOOST_TEST(by_points("1ms", "1s", 4, true) == (texts{"1ms", "10ms", "100ms", "1s"}));
  BOOST_TEST(by_points("10ms", "1s", 3, true) == (texts{"10ms", "100ms", "1s"}));
  BOOST_TEST(by_points("1ms", "2ms", 3, true) == (texts{"1ms", "1414210ns", "2ms"}), "six digits");
}

BOOST_AUTO_TEST_CASE(expand__whole_numbers_stay_whole_and_come_once) {
  BOOST_TEST(by_points("1", "4", 10) == (texts{"1", "2", "3", "4"}));
  BOOST_TEST(by_points("1", "5", 9, true) == (texts{"1", "2", "3", "4", "5"}));
}

BOOST_AUTO_TEST_CASE(expand__refuses_what_is_no_range) {
  BOOST_TEST(by_step("1", "10", "0") == texts{"expected a step above 0"});
  BOOST_TEST(by_step("10", "1", "1") == texts{"expected from below to"});
  BOOST_TEST(by_step("1ms", "10%", "1ms") == texts{"expected ends and step of one kind"});
  BOOST_TEST(by_step("1ms", "10ms", "1") == texts{"expected ends and step of one kind"});
  BOOST_TEST(by_step("1", "1000000", "1") == texts{"expected at most 100000 values"});
  BOOST_TEST(by_step("0", "9223372036854775807", "1").size() == 1u);
  BOOST_TEST(by_points("0", "10", 3, true) == texts{"expected a logarithmic range that begins above 0"});
  BOOST_TEST(by_points("0", "10", 1) == texts{"expected from 2 to 100000 points"});
  for (const char* end : {"", "x", "-1", "1e3", "unlimited", "9223372036854775808", "1.0000000001", "1."})
    BOOST_TEST(by_points("0", end, 3).front().starts_with("expected ends and step such as"), end);
  BOOST_TEST(expand({.from = "1", .to = "2", .step = {}, .points = {}}).error().expected == "either step or points");
}

RC_BOOST_PROP(expand__linear_points_are_as_many_rise_and_reach_both_ends, ()) {
  const auto from = *rc::gen::inRange<std::uint64_t>(0, 1'000'000);
  const auto points = *rc::gen::inRange<std::uint64_t>(2, 50);
  const auto to = from + *rc::gen::inRange<std::uint64_t>(points, 1'000'000'000);
  const texts values = by_points(std::to_string(from), std::to_string(to), points);
  RC_ASSERT(values.size() == points);
  RC_ASSERT(values.front() == std::to_string(from));
  RC_ASSERT(values.back() == std::to_string(to));
  for (std::size_t i = 1; i < values.size(); ++i) RC_ASSERT(std::stoull(values[i - 1]) < std::stoull(values[i]));
}

RC_BOOST_PROP(combinations__are_every_one_once_in_order, ()) {
  const auto keys = *rc::gen::inRange<std::size_t>(0, 5);
  const auto sizes = *rc::gen::container<std::vector<std::size_t>>(keys, rc::gen::inRange<std::size_t>(1, 5));
  std::size_t product = 1;
  for (const std::size_t size : sizes) product *= size;
  const auto all = combinations(sizes);
  RC_ASSERT(all.has_value());
  RC_ASSERT(all->size() == product);
  // In ascending order they differ; so many different ones within the bounds are all.
  for (std::size_t i = 0; i < all->size(); ++i) {
    if (i > 0) RC_ASSERT((*all)[i - 1] < (*all)[i]);
    for (std::size_t key = 0; key < sizes.size(); ++key) RC_ASSERT((*all)[i][key] < sizes[key]);
  }
}

BOOST_AUTO_TEST_CASE(combinations__too_many_are_none) {
  BOOST_TEST(!combinations(std::vector<std::size_t>{1000, 101}).has_value());
  BOOST_TEST(!combinations(std::vector<std::size_t>(60, 100'000)).has_value());
  BOOST_TEST(combinations(std::vector<std::size_t>{1000, 100})->size() == 100'000u);
}

BOOST_AUTO_TEST_SUITE_END()
