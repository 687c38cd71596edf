// The rules that a run is judged by: number, name, one-line statement and the evidence that decides each.
// The table is data; who applies a rule is in endpoint_view, path_view, tracker, packet_identity and journal_rules.
// Numbers and names are stable: tests, reports and users refer to them. Reliability rules I01 to I41.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace seqwire {

/// In the order of their numbers: I01 is the first.
enum class rule_id : std::uint8_t {
  no_invention,
  prefix,
  boundary_integrity,
  no_partial_on_failure,
  attention,
  immutability,
  no_acknowledgement_of_the_unsent,
  acknowledgement_monotone,
  honest_acknowledgement,
  window_respected,
  no_shrink,
  half_space,
  system_packets_consume_no_sequence,
  retransmit_only_outstanding,
  receiver_acceptance,
  connection_match,
  incarnation,
  connection_id_freshness,
  legal_transitions_only,
  agreement_on_open,
  graceful_close,
  one_terminal_event,
  status_is_true,
  memory_bound,
  work_bound,
  output_bound,
  no_storm,
  timer_sanity,
  deadlock_free,
  progress_after_heal,
  fairness_to_the_reader,
  give_up_bound,
  determinism,
  conservation,
  capture_truth,
  dissector_agreement,
  codec_round_trip,
  counters_add_up,
  statistics_against_ghost,
  application_interface,
  same_packet_same_octets,
};

inline constexpr std::size_t rule_count = static_cast<std::size_t>(rule_id::same_packet_same_octets) + 1;  // 41

/// What must be at hand before a rule can be applied.
enum class rule_evidence : std::uint8_t {
  capture,            // any vantage point
  senders_vantage,    // packets marked as leaving the host that sent them
  receivers_vantage,  // packets marked as arriving at the host they are for
  packet_ids,         // two vantage points that name a packet alike
  journals,           // what the applications say
  engine,             // the engine's own state: never decidable here
};

std::string_view name_of(rule_evidence evidence);  // as the table for people has it

/// One rule.
struct rule_row {
  rule_id id;                  // its place in the table
  std::string_view number;     // "I09"
  std::string_view name;       // "honest acknowledgement"
  std::string_view statement;  // what is checked here, in one line
  rule_evidence evidence;      // without which it is not applied
  bool hole_sensitive;         // a packet that the capture itself lost could look like a violation
};

/// All rules, by number.
const std::array<rule_row, rule_count>& rules();

inline const rule_row& row_of(rule_id id) { return rules()[static_cast<std::size_t>(id)]; }  // never fails

}  // namespace seqwire
