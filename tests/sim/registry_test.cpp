// The lists of impairments, disciplines and parameters: names once, nothing that acts unasked.
#include "sim/registry.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

#include "sim/channel.hpp"

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(registry_test)

BOOST_AUTO_TEST_CASE(link_parameters__each_name_once_with_its_meaning) {
  std::set<std::string_view> seen;
  for (const parameter& each : link_parameters()) {
    BOOST_TEST(seen.insert(each.name).second, each.name << " is there twice");
    BOOST_TEST(!each.meaning.empty());
    BOOST_TEST(find_parameter(each.name) == &each);
  }
  BOOST_TEST((find_parameter("nothing") == nullptr));
}

BOOST_AUTO_TEST_CASE(impairment_types__none_acts_unless_asked) {
  std::set<std::string_view> seen;
  for (const impairment_type& each : impairment_types()) {
    BOOST_TEST(seen.insert(each.name).second);
    BOOST_TEST((each.make({}, random_stream(1)) == nullptr), each.name);
  }
}

BOOST_AUTO_TEST_CASE(queue_types__each_makes_a_queue) {
  const parameter* const choice = find_parameter("queue_discipline");
  BOOST_TEST_REQUIRE(choice != nullptr);
  BOOST_TEST(choice->choices.size() == queue_types().size());
  for (const queue_type& each : queue_types()) {
    const queue_discipline made = each.make({.rate = 1'000'000}, random_stream(1));
    BOOST_TEST(!(made.on_arrival && made.on_departure), each.name);
  }
}

BOOST_AUTO_TEST_CASE(parameter_values__a_default_is_as_if_unsaid) {
  parameter_values values;
  BOOST_TEST(values.get<std::uint64_t>("mark_threshold") == 20u);
  values.set("mark_threshold", std::uint64_t{7});
  BOOST_TEST(values.is_set("mark_threshold"));
  BOOST_TEST((values != parameter_values{}));
  values.set("mark_threshold", std::uint64_t{20});
  BOOST_TEST(!values.is_set("mark_threshold"));
  BOOST_TEST((values == parameter_values{}));
}

BOOST_AUTO_TEST_CASE(is_within__half_open_and_always_without_windows) {
  const time_windows windows{{instant{10}, instant{20}}};
  BOOST_TEST(!is_within(windows, instant{9}));
  BOOST_TEST(is_within(windows, instant{10}));
  BOOST_TEST(is_within(windows, instant{19}));
  BOOST_TEST(!is_within(windows, instant{20}));
  BOOST_TEST(is_within({}, instant{5}));
}

BOOST_AUTO_TEST_CASE(value_at__the_last_step_up_to_then) {
  const timed_values steps{{instant{10}, 1}, {instant{20}, 2}};
  BOOST_TEST(value_at(steps, instant{9}, 7) == 7u);
  BOOST_TEST(value_at(steps, instant{10}, 7) == 1u);
  BOOST_TEST(value_at(steps, instant{25}, 7) == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
