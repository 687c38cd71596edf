// Flows written out: stars, copies and staggers, with their ways, largest packets and longest lives.
#include "lab/scenario/flow_plan.hpp"
#include "tests/lab/scenario/scenario_text.hpp"

#include <boost/test/unit_test.hpp>

using namespace seqwire;
using namespace seqwire::scenario_text;

BOOST_AUTO_TEST_SUITE(flow_plan_test)

std::vector<planned_flow> plan_of(const std::string& text) {
  const scenario from = parsed(text);
  auto plan = plan_flows(from, map_of(from));
  BOOST_TEST_REQUIRE(plan.has_value());
  return *std::move(plan);
}

std::string labels(const std::vector<planned_flow>& plan) {
  std::string all;
  for (const planned_flow& each : plan) all += (all.empty() ? "" : "; ") + each.label;
  return all;
}

const std::string dumbbell = "[topology]\nshape = \"dumbbell\"\nsize = 3\n";
const std::string star = "[topology]\nshape = \"star\"\nsize = 3\n";

BOOST_AUTO_TEST_CASE(plan_flows__stars_pair_hosts_by_their_numbers) {
  BOOST_TEST(labels(plan_of("[[flow]]\n")) == "0 a to b");
  BOOST_TEST(labels(plan_of(dumbbell + "[[flow]]\n")) == "0.0 a1 to b1; 0.1 a2 to b2; 0.2 a3 to b3");
  BOOST_TEST(labels(plan_of(dumbbell + "[[flow]]\nfrom = \"b*\"\nto = \"a2\"\n")) ==
             "0.0 b1 to a2; 0.1 b2 to a2; 0.2 b3 to a2");
  BOOST_TEST(labels(plan_of(star + "[[flow]]\n")) == "0.0 h2 to h1; 0.1 h3 to h1", "nobody sends to itself");
  BOOST_TEST(labels(plan_of(star + "[[flow]]\nfrom = \"h2\"\nto = \"h*\"\n")) == "0.0 h2 to h1; 0.1 h2 to h3");
  BOOST_TEST(labels(plan_of(star + "[[flow]]\nfrom = \"h2\"\nto = \"r\"\n")) == "0 h2 to r");
}

BOOST_AUTO_TEST_CASE(plan_flows__numbers_count_as_numbers) {
  const auto plan = plan_of("[topology]\nshape = \"star\"\nsize = 11\n[[flow]]\nfrom = \"h*\"\nto = \"r\"\n");
  BOOST_TEST_REQUIRE(plan.size() == 11u);
  BOOST_TEST(plan[1].label == "0.1 h2 to r");
  BOOST_TEST(plan[10].label == "0.10 h11 to r");
}

BOOST_AUTO_TEST_CASE(plan_flows__copies_start_one_after_the_other) {
  const auto plan =
      plan_of(star + "[[flow]]\ncopies = 2\nstart = \"5s\"\nstagger = \"1s\"\n[[flow]]\nfrom = \"h1\"\nto = \"h2\"\n");
  BOOST_TEST(labels(plan) == "0.0 h2 to h1; 0.1 h2 to h1; 0.2 h3 to h1; 0.3 h3 to h1; 1 h1 to h2");
  for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(plan[i].start.seconds() == 5.0 + static_cast<double>(i));
  BOOST_TEST(plan[4].settings == 1u);
}

BOOST_AUTO_TEST_CASE(path_mtu__is_that_of_the_narrowest_link_on_the_way) {
  const std::string text =
      "[topology]\nlinks = \"a-r1, r1-r2, r2-b, r2-c\"\n[link.r1-r2]\nmtu = 600\n[link.r2-c]\nmtu = 500\n[[flow]]\n";
  const scenario from = parsed(text);
  BOOST_TEST(path_mtu(from, plan_of(text).front()) == 600u);
}

BOOST_AUTO_TEST_CASE(path_life__adds_up_along_the_way) {
  const std::string text =
      "[topology]\nlinks = \"a-r1, r1-r2, r2-b, r2-c\"\n[link]\ndelay = \"10ms\"\n[link.r2_to_r1]\ndelay = \"30ms\"\n"
      "[link.r2-c]\ndelay = \"1s\"\n[[flow]]\n";
  const scenario from = parsed(text);
  BOOST_TEST((path_life(from, plan_of(text).front()) == 50_ms));
  BOOST_TEST((path_life(from, plan_of(text).front(), 2_ms) == 56_ms));
}

BOOST_AUTO_TEST_SUITE_END()
