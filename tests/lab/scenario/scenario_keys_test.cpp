// The table of keys: each key once, each with a default that it takes itself, and the list made of it for users.
#include "lab/scenario/scenario_keys.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(scenario_keys_test)

scenario defaults() {
  scenario made;
  made.flows.push_back(default_flow());
  return made;
}

BOOST_AUTO_TEST_CASE(scenario_keys__each_name_once_in_its_table) {
  std::set<std::pair<bool, std::string_view>> seen;  // keys of the link's tables share their names
  for (const scenario_key& key : scenario_keys()) {
    const bool of_flow = key.table == key_table::flow;
    BOOST_TEST(seen.emplace(of_flow, key.name).second, key.name << " is there twice");
    BOOST_TEST(!key.meaning.empty());
    BOOST_TEST(!key.expected.empty());
  }
}

BOOST_AUTO_TEST_CASE(scenario_keys__every_default_is_a_value_that_the_key_takes) {
  for (const scenario_key& key : scenario_keys()) {
    scenario at = defaults();
    const std::string value = key.print(at, {});
    const auto done = key.set(at, {}, value);
    BOOST_TEST(done.has_value(), key.name << " refuses its default " << value);
    BOOST_TEST(key.print(at, {}) == value);
  }
}

BOOST_AUTO_TEST_CASE(scenario_keys__refusal_leaves_the_scenario_as_it_was) {
  for (const scenario_key& key : scenario_keys()) {
    scenario at = defaults();
    const std::string before = to_toml(at);
    BOOST_TEST(!key.set(at, {}, "\x01 nothing takes this").has_value(), key.name << " takes anything");
    BOOST_TEST(to_toml(at) == before);
  }
}

BOOST_AUTO_TEST_CASE(scenario_keys__place_chooses_direction_and_flow) {
  scenario at = defaults();
  at.flows.push_back(default_flow());
  using directions = key_place::directions;
  for (const scenario_key& key : scenario_keys()) {
    if (key.name == "loss") BOOST_TEST(key.set(at, {directions::b_to_a, 0}, "5%").has_value());
    if (key.name == "window") BOOST_TEST(key.set(at, {directions::both, 1}, "28").has_value());
  }
  BOOST_TEST(at.links[0].a_to_b.loss == 0.0);
  BOOST_TEST(at.links[0].b_to_a.loss == 0.05);
  BOOST_TEST(at.flows[0].spp.window == 64u);
  BOOST_TEST(at.flows[1].spp.window == 28u);
}

BOOST_AUTO_TEST_CASE(describe_scenario_keys__has_a_line_for_each_key) {
  const std::string text = describe_scenario_keys();
  for (const scenario_key& key : scenario_keys())
    BOOST_TEST(text.find("\n  " + std::string(key.name) + " ") != std::string::npos, key.name << " is not listed");
  BOOST_TEST(text.starts_with("[scenario]\n  name"));
}

BOOST_AUTO_TEST_SUITE_END()
