// Windows, step by step: what one acknowledgement, one loss and one timeout do to each congestion control.
#include "protocol/policy/congestion_control.hpp"

#include <boost/test/unit_test.hpp>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(congestion_control_test)

constexpr flight_view wide{.oldest = 0, .next = 20, .peer_window = 1000};

void acknowledge(congestion_control& control, int times, bool recovering = false) {
  for (int i = 0; i < times; ++i) control.on_acknowledgement({{}, 1, recovering, wide});
}

slow_start_avoidance tahoe(packet_count initial, packet_count threshold) {
  return {slow_start_avoidance::after_loss::restart, initial, threshold};
}
slow_start_avoidance new_reno(packet_count initial, packet_count threshold) {
  return {slow_start_avoidance::after_loss::halve, initial, threshold};
}

BOOST_AUTO_TEST_CASE(fixed__nothing_moves_it) {
  fixed_window control(17);
  acknowledge(control, 5);
  control.on_loss({{}, wide});
  control.on_timeout({{}, wide});
  BOOST_TEST(control.window() == 17u);
}

BOOST_AUTO_TEST_CASE(slow_start__each_acknowledgement_adds_one_so_each_round_doubles) {
  auto control = tahoe(1, 64);
  BOOST_TEST(control.window() == 1u);
  acknowledge(control, 1);
  BOOST_TEST(control.window() == 2u);
  acknowledge(control, 2);
  BOOST_TEST(control.window() == 4u);
  acknowledge(control, 4);
  BOOST_TEST(control.window() == 8u);
}

BOOST_AUTO_TEST_CASE(slow_start__one_acknowledgement_of_many_packets_adds_one) {
  auto control = tahoe(1, 64);
  control.on_acknowledgement({{}, 10, false, wide});
  BOOST_TEST(control.window() == 2u);
}

// From 10, the window after k acknowledgements is about the root of 100 + 2.01 k: 10.96 after 10, 11.05 after 11.
BOOST_AUTO_TEST_CASE(avoidance__adds_one_in_about_a_window_of_acknowledgements) {
  auto control = tahoe(10, 10);
  acknowledge(control, 10);
  BOOST_TEST(control.window() == 10u);
  acknowledge(control, 1);
  BOOST_TEST(control.window() == 11u);
}

BOOST_AUTO_TEST_CASE(tahoe__a_loss_restarts_at_one_below_half_the_window) {
  auto control = tahoe(20, 64);
  control.on_loss({{}, wide});
  BOOST_TEST(control.window() == 1u);
  acknowledge(control, 9);  // slow start to the threshold of 10
  BOOST_TEST(control.window() == 10u);
  acknowledge(control, 10);  // then a tenth each
  BOOST_TEST(control.window() == 10u);
  acknowledge(control, 1);
  BOOST_TEST(control.window() == 11u);
}

BOOST_AUTO_TEST_CASE(new_reno__a_loss_halves_the_window_and_growth_waits_for_the_repair) {
  auto control = new_reno(15, 64);
  control.on_loss({{}, wide});
  BOOST_TEST(control.window() == 7u);  // whole packets
  acknowledge(control, 50, true);
  BOOST_TEST(control.window() == 7u);
  acknowledge(control, 7);  // at the threshold: about a seventh each, the root of 49 + 2.02 k
  BOOST_TEST(control.window() == 7u);
  acknowledge(control, 1);
  BOOST_TEST(control.window() == 8u);
}

BOOST_AUTO_TEST_CASE(loss__half_of_what_the_peer_permits_when_that_is_less) {
  auto control = new_reno(20, 64);
  control.on_loss({{}, {.oldest = 0, .next = 8, .peer_window = 8}});
  BOOST_TEST(control.window() == 4u);
}

BOOST_AUTO_TEST_CASE(loss__never_below_one_packet_and_a_threshold_of_two) {
  auto control = new_reno(1, 64);
  control.on_loss({{}, wide});
  BOOST_TEST(control.window() == 1u);
  acknowledge(control, 1);  // still slow start: the threshold is 2
  BOOST_TEST(control.window() == 2u);
  acknowledge(control, 1);  // from here a half
  BOOST_TEST(control.window() == 2u);
}

BOOST_AUTO_TEST_CASE(timeout__restarts_both_at_one) {
  for (auto control : {tahoe(20, 64), new_reno(20, 64)}) {
    control.on_timeout({{}, wide});
    BOOST_TEST(control.window() == 1u);
    acknowledge(control, 9);
    BOOST_TEST(control.window() == 10u);
    acknowledge(control, 1);
    BOOST_TEST(control.window() == 10u);
  }
}

BOOST_AUTO_TEST_SUITE_END()
