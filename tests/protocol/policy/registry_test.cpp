// Policies by name: every name makes what it says, an unknown one makes nothing.
#include "protocol/policy/registry.hpp"

#include <boost/test/unit_test.hpp>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(registry_test)

constexpr flight_view ten_out{.oldest = 0, .next = 10, .peer_window = 100};

recovery_step third_duplicate(loss_recovery& recovery) {
  recovery.on_duplicate({{}, ten_out});
  recovery.on_duplicate({{}, ten_out});
  return recovery.on_duplicate({{}, ten_out});
}

BOOST_AUTO_TEST_CASE(make_sender__every_name_makes_a_pair) {
  BOOST_TEST(sender_names().size() == 3u);
  for (const auto name : sender_names()) {
    const auto sender = make_sender(name, {});
    BOOST_TEST_REQUIRE((sender.congestion != nullptr && sender.recovery != nullptr), name);
    BOOST_TEST(sender.congestion->window() >= 1u);
  }
}

BOOST_AUTO_TEST_CASE(make_sender__fixed_has_its_window_from_the_start) {
  const auto sender = make_sender("fixed", {.window = 9, .initial_window = 2});
  BOOST_TEST(sender.congestion->window() == 9u);
  BOOST_TEST(third_duplicate(*sender.recovery).resend.has_value());
  BOOST_TEST(sender.recovery->departed() == 0u);
}

BOOST_AUTO_TEST_CASE(make_sender__tahoe_restarts_and_starts_over) {
  const auto sender = make_sender("tahoe", {.window = 64, .initial_window = 8});
  BOOST_TEST(sender.congestion->window() == 8u);
  BOOST_TEST(third_duplicate(*sender.recovery).start_over);
  sender.congestion->on_loss({{}, ten_out});
  BOOST_TEST(sender.congestion->window() == 1u);
}

BOOST_AUTO_TEST_CASE(make_sender__newreno_halves_and_resends_one) {
  const auto sender = make_sender("newreno", {.window = 64, .initial_window = 8});
  BOOST_TEST(third_duplicate(*sender.recovery).resend.value() == 0u);
  BOOST_TEST(sender.recovery->departed() == 3u);
  sender.congestion->on_loss({{}, ten_out});
  BOOST_TEST(sender.congestion->window() == 4u);
}

BOOST_AUTO_TEST_CASE(make_sender__unknown_makes_nothing) {
  for (const auto name : {"", "Fixed", "reno", "newreno "}) {
    const auto sender = make_sender(name, {});
    BOOST_TEST((sender.congestion == nullptr && sender.recovery == nullptr), name);
  }
}

BOOST_AUTO_TEST_CASE(make_acknowledgement__by_name) {
  BOOST_TEST(acknowledgement_names().size() == 2u);
  for (const auto name : acknowledgement_names())
    BOOST_TEST((make_acknowledgement(name, 5_ms) != nullptr), std::string(name));
  BOOST_TEST(make_acknowledgement("delayed", 5_ms)->delay().nanoseconds == 5'000'000);
  BOOST_TEST((make_acknowledgement("never", 5_ms) == nullptr));
}

BOOST_AUTO_TEST_SUITE_END()
