// Which duplicates mean a loss, and what is sent again: go back to the oldest (Tahoe), or hole by hole (New Reno).
#include "protocol/policy/loss_recovery.hpp"

#include <boost/test/unit_test.hpp>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(loss_recovery_test)

using hole_by_hole = hole_by_hole_recovery;

flight_view flight(packet_number oldest, packet_number next) { return {oldest, next, 1000}; }

recovery_step duplicates(loss_recovery& recovery, int times, flight_view view) {
  recovery_step last;
  for (int i = 0; i < times; ++i) last = recovery.on_duplicate({{}, view});
  return last;
}
recovery_step acknowledged(loss_recovery& recovery, flight_view view) {
  return recovery.on_acknowledgement({{}, 1, recovery.recovering(), view});
}
bool nothing(const recovery_step& step) { return !step.resend && !step.start_over && !step.loss_detected; }

hole_by_hole new_reno() { return {hole_by_hole::after_timeout::start_over, hole_by_hole::inflation::by_duplicates}; }
hole_by_hole fixed() { return {hole_by_hole::after_timeout::hole_by_hole, hole_by_hole::inflation::none}; }

BOOST_AUTO_TEST_CASE(go_back__the_third_duplicate_starts_over_once) {
  go_back_recovery recovery;
  BOOST_TEST(nothing(duplicates(recovery, 2, flight(14, 24))));
  const auto step = duplicates(recovery, 1, flight(14, 24));
  BOOST_TEST(step.start_over);
  BOOST_TEST(step.loss_detected);
  BOOST_TEST(!step.resend.has_value());
  for (int i = 0; i < 20; ++i) BOOST_TEST(nothing(duplicates(recovery, 1, flight(14, 24))));
  BOOST_TEST(!recovery.recovering());
  BOOST_TEST(recovery.departed() == 0u);
}

BOOST_AUTO_TEST_CASE(go_back__progress_forgets_duplicates) {
  go_back_recovery recovery;
  duplicates(recovery, 2, flight(3, 9));
  acknowledged(recovery, flight(4, 9));
  BOOST_TEST(nothing(duplicates(recovery, 2, flight(4, 9))));
  BOOST_TEST(duplicates(recovery, 1, flight(4, 9)).start_over);
}

BOOST_AUTO_TEST_CASE(go_back__duplicates_of_what_was_resent_are_no_new_loss) {
  go_back_recovery recovery;
  duplicates(recovery, 3, flight(14, 24));
  acknowledged(recovery, flight(20, 24));  // below 24: the same loss event
  BOOST_TEST(nothing(duplicates(recovery, 3, flight(20, 24))));
  acknowledged(recovery, flight(24, 30));
  BOOST_TEST(duplicates(recovery, 3, flight(24, 30)).start_over);
}

BOOST_AUTO_TEST_CASE(go_back__a_timeout_starts_over_without_a_loss_event) {
  go_back_recovery recovery;
  duplicates(recovery, 2, flight(5, 9));
  const auto step = recovery.on_timeout({{}, flight(5, 9)});
  BOOST_TEST(step.start_over);
  BOOST_TEST(!step.loss_detected);
  BOOST_TEST(nothing(duplicates(recovery, 3, flight(5, 9))));  // drawn by what the timeout sent again
}

BOOST_AUTO_TEST_CASE(new_reno__the_third_duplicate_resends_the_oldest_and_inflates) {
  auto recovery = new_reno();
  BOOST_TEST(nothing(duplicates(recovery, 2, flight(14, 24))));
  const auto step = duplicates(recovery, 1, flight(14, 24));
  BOOST_TEST(step.resend.value() == 14u);
  BOOST_TEST(step.loss_detected);
  BOOST_TEST(!step.start_over);
  BOOST_TEST(recovery.recovering());
  BOOST_TEST(recovery.departed() == 3u);
  BOOST_TEST(nothing(duplicates(recovery, 4, flight(14, 24))));
  BOOST_TEST(recovery.departed() == 7u);
}

BOOST_AUTO_TEST_CASE(new_reno__each_partial_acknowledgement_resends_the_next_hole) {
  auto recovery = new_reno();
  duplicates(recovery, 3, flight(14, 29));
  const auto partial = acknowledged(recovery, flight(26, 29));
  BOOST_TEST(partial.resend.value() == 26u);
  BOOST_TEST(!partial.loss_detected);
  BOOST_TEST(recovery.recovering());
  BOOST_TEST(recovery.departed() == 0u);  // what the duplicates told is acknowledged now
  BOOST_TEST(acknowledged(recovery, flight(28, 31)).resend.value() == 28u);
  BOOST_TEST(nothing(acknowledged(recovery, flight(29, 31))));  // all that was out at the loss
  BOOST_TEST(!recovery.recovering());
  BOOST_TEST(recovery.departed() == 0u);
}

BOOST_AUTO_TEST_CASE(new_reno__a_timeout_ends_recovery_and_starts_over) {
  auto recovery = new_reno();
  duplicates(recovery, 5, flight(14, 24));
  const auto step = recovery.on_timeout({{}, flight(14, 24)});
  BOOST_TEST(step.start_over);
  BOOST_TEST(!step.resend.has_value());
  BOOST_TEST(!recovery.recovering());
  BOOST_TEST(recovery.departed() == 0u);
  BOOST_TEST(nothing(duplicates(recovery, 3, flight(20, 24))));  // below 24: drawn by what is sent again
  acknowledged(recovery, flight(24, 30));
  BOOST_TEST(duplicates(recovery, 3, flight(24, 30)).resend.value() == 24u);
}

BOOST_AUTO_TEST_CASE(fixed__never_inflates_and_repairs_hole_by_hole_after_a_timeout_too) {
  auto recovery = fixed();
  BOOST_TEST(duplicates(recovery, 3, flight(0, 8)).resend.value() == 0u);
  BOOST_TEST(recovery.departed() == 0u);
  const auto step = recovery.on_timeout({{}, flight(0, 8)});
  BOOST_TEST(step.resend.value() == 0u);
  BOOST_TEST(!step.start_over);
  BOOST_TEST(acknowledged(recovery, flight(3, 8)).resend.value() == 3u);
  BOOST_TEST(nothing(acknowledged(recovery, flight(8, 8))));
}

// A timeout was too early: the acknowledgements that follow at once answer the originals, and nothing more is resent.
BOOST_AUTO_TEST_CASE(fixed__an_answer_sooner_than_half_a_round_trip_ends_the_recovery) {
  hole_by_hole recovery(hole_by_hole::after_timeout::hole_by_hole, hole_by_hole::inflation::none,
                        hole_by_hole::late_originals::recognised);
  flight_view out = flight(0, 8);
  out.round_trip = 100_ms;
  const instant now = instant{} + 1_s;
  BOOST_TEST(recovery.on_timeout({now, out}).resend.value() == 0u);
  out.oldest = 1;
  BOOST_TEST(nothing(recovery.on_acknowledgement({now + 49_ms, 1, true, out})));
  BOOST_TEST(!recovery.recovering());
  recovery.on_timeout({now + 1_s, out});
  out.oldest = 3;
  BOOST_TEST(recovery.on_acknowledgement({now + 1_s + 100_ms, 2, true, out}).resend.value() == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
