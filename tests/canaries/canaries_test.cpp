// The checker is tested first: every canary of the real engine is found by name, and a healthy engine is not accused.
#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <iostream>
#include <set>

#include "protocol/spp/fault.hpp"
#include "tests/canaries/world.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(canaries_test)

constexpr std::uint64_t most_seeds = 1000;

// Arms a canary for as long as it lives.
struct armed {
  explicit armed(fault which) { armed_fault = which; }
  ~armed() { armed_fault = fault::none; }
};

std::string list_of(const complaints& broken) {
  std::string text;
  for (const auto& [rule, sentence] : broken) text += fmt::format("\n  {}: {}", rule, sentence);
  return text;
}

void expect_found(fault armed_one, std::string_view name, landscape where, rule_id by) {
  const armed for_now(armed_one);
  complaints others;
  for (std::uint64_t seed = 1; seed <= most_seeds; ++seed) {
    const outcome what = run_world(where, seed);
    if (const auto found = what.broken.find(std::string(row_of(by).name)); found != what.broken.end()) {
      std::cout << fmt::format("{:<34} {:<13} {:>4} seeds  {} {}: {}\n", name, name_of(where), seed, row_of(by).number,
                               row_of(by).name, found->second);
      return;
    }
    others.insert(what.broken.begin(), what.broken.end());
  }
  BOOST_ERROR(name << " is not found by its rule in " << most_seeds << " seeds; found instead:" << list_of(others));
}

// Which faults have a case below.
std::set<fault>& sung() {
  static std::set<fault> all;
  return all;
}
struct singer {
  explicit singer(fault which) { sung().insert(which); }
};

// The fault, the landscape in which it shows, and the rule or invariant that must name it.
#define CANARY(name, where, rule)                                                                             \
  BOOST_AUTO_TEST_CASE(canary__##name) { expect_found(fault::name, #name, landscape::where, rule_id::rule); } \
  const singer name##_sings(fault::name)

CANARY(skip_retransmission, weather, progress_after_heal);
CANARY(change_payload_on_retransmission, weather, immutability);
CANARY(drop_end_of_message, weather, boundary_integrity);
CANARY(swap_records, weather, prefix);
CANARY(exceed_allocation, weather, window_respected);
CANARY(retransmit_acknowledged, weather, retransmit_only_outstanding);
CANARY(number_system_packets, weather, system_packets_consume_no_sequence);
CANARY(close_before_data, weather, graceful_close);
CANARY(data_after_close, weather, graceful_close);
CANARY(change_datastream_type, weather, boundary_integrity);
CANARY(skip_zero_length_record, weather, prefix);
CANARY(forget_zero_window_probe, slow_reader, fairness_to_the_reader);
CANARY(deliver_twice, weather, prefix);
CANARY(deliver_out_of_order, weather, prefix);
CANARY(merge_records, weather, boundary_integrity);
CANARY(split_record, weather, boundary_integrity);
CANARY(acknowledge_unsent, weather, no_acknowledgement_of_the_unsent);
CANARY(acknowledge_unreceived, weather, honest_acknowledgement);
CANARY(acknowledge_backwards, weather, acknowledgement_monotone);
CANARY(shrink_allocation, weather, no_shrink);
CANARY(attention_as_data, weather, attention);
CANARY(attention_twice, weather, attention);
CANARY(accept_wrong_connection_id, weather, connection_match);
CANARY(accept_bad_checksum, weather, honest_acknowledgement);
CANARY(answer_acknowledgements, weather, no_storm);
CANARY(claim_graceful_close, severed, status_is_true);
CANARY(ignore_packet_life, wrap, half_space);
CANARY(reuse_connection_id, incarnations, connection_id_freshness);
CANARY(forget_back_off, severed, no_storm);
CANARY(sample_retransmissions, weather, statistics_against_ghost);
CANARY(deliver_partial_on_failure, severed, no_partial_on_failure);
CANARY(forget_opening, weather, agreement_on_open);
CANARY(repeat_answer_without_end, severed, output_bound);
CANARY(close_by_reply, weather, legal_transitions_only);
CANARY(never_give_up, severed, give_up_bound);
CANARY(end_twice, weather, one_terminal_event);
CANARY(forget_writable, weather, application_interface);
CANARY(send_bad_checksum, weather, codec_round_trip);
CANARY(miscount_drops, weather, counters_add_up);
CANARY(keep_finished_connections, weather, memory_bound);

BOOST_AUTO_TEST_CASE(canaries__every_fault_has_one) {
  BOOST_TEST(sung().size() == fault_count - 1);
  BOOST_TEST(!sung().contains(fault::none));
}

void expect_clean(landscape where, std::uint64_t seeds) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const outcome what = run_world(where, seed);
    BOOST_TEST_REQUIRE(what.holds(), name_of(where) << " seed " << seed << ":" << list_of(what.broken) << '\n'
                                                    << render_text(what.judged));
  }
}

BOOST_AUTO_TEST_CASE(healthy__is_not_accused_in_bad_weather) { expect_clean(landscape::weather, 300); }
BOOST_AUTO_TEST_CASE(healthy__is_not_accused_with_a_slow_reader) { expect_clean(landscape::slow_reader, 200); }
BOOST_AUTO_TEST_CASE(healthy__is_not_accused_over_incarnations) { expect_clean(landscape::incarnations, 200); }
BOOST_AUTO_TEST_CASE(healthy__is_not_accused_on_a_dead_path) { expect_clean(landscape::severed, 200); }
BOOST_AUTO_TEST_CASE(healthy__is_not_accused_over_a_wrap) { expect_clean(landscape::wrap, 3); }

BOOST_AUTO_TEST_SUITE_END()
