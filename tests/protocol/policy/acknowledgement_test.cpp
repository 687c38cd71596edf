// Now or later: which arrivals are answered at once.
#include "protocol/policy/acknowledgement.hpp"

#include <boost/test/unit_test.hpp>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(acknowledgement_test)

using decision = acknowledgement_decision;

constexpr arrival_event in_order{.now = {}, .in_order = true, .duplicate = false, .requested = true};
constexpr arrival_event early{.now = {}, .in_order = false, .duplicate = false, .requested = true};
constexpr arrival_event again{.now = {}, .in_order = false, .duplicate = true, .requested = true};
constexpr arrival_event again_unasked{.now = {}, .in_order = false, .duplicate = true, .requested = false};

BOOST_AUTO_TEST_CASE(immediate__every_packet_but_a_duplicate_that_does_not_ask) {
  immediate_acknowledgement policy;
  BOOST_TEST((policy.on_arrival(again_unasked) == decision::none));
  for (const auto& event : {in_order, early, again}) BOOST_TEST((policy.on_arrival(event) == decision::now));
}

BOOST_AUTO_TEST_CASE(delayed__every_second_packet_in_order) {
  delayed_acknowledgement policy(40_ms);
  BOOST_TEST(policy.delay().nanoseconds == 40'000'000);
  for (int pair = 0; pair < 3; ++pair) {
    BOOST_TEST((policy.on_arrival(in_order) == decision::later));
    BOOST_TEST((policy.on_arrival(in_order) == decision::now));
    policy.on_acknowledged();
  }
}

BOOST_AUTO_TEST_CASE(delayed__an_acknowledgement_that_left_on_data_starts_the_count_again) {
  delayed_acknowledgement policy(40_ms);
  policy.on_arrival(in_order);
  policy.on_acknowledged();
  BOOST_TEST((policy.on_arrival(in_order) == decision::later));
}

BOOST_AUTO_TEST_CASE(delayed__at_once_for_what_is_early_or_comes_again) {
  delayed_acknowledgement policy(40_ms);
  BOOST_TEST((policy.on_arrival(early) == decision::now));
  BOOST_TEST((policy.on_arrival(again) == decision::now));
  BOOST_TEST((policy.on_arrival(again_unasked) == decision::none));
}

BOOST_AUTO_TEST_SUITE_END()
