// Canaries: deliberate faults in the real engine, one line each, that exist only in a build with SEQWIRE_FAULTS.
// tests/canaries arms one at a time and requires that verify, or a named invariant of the simulation, finds it.
// In every other build fault_armed() is constant false and the lines vanish.
#pragma once

#include <cstddef>
#include <cstdint>

namespace seqwire {

/// One mistake each, named by what it does wrong; none: no mistake.
enum class fault : std::uint8_t {
  none,
  // sender
  skip_retransmission,
  change_payload_on_retransmission,
  drop_end_of_message,
  swap_records,
  exceed_allocation,
  retransmit_acknowledged,
  number_system_packets,
  close_before_data,
  data_after_close,
  change_datastream_type,
  skip_zero_length_record,
  forget_zero_window_probe,
  forget_back_off,
  sample_retransmissions,
  // receiver
  deliver_twice,
  deliver_out_of_order,
  merge_records,
  split_record,
  acknowledge_unsent,
  acknowledge_unreceived,
  acknowledge_backwards,
  shrink_allocation,
  attention_as_data,
  attention_twice,
  deliver_partial_on_failure,
  // connection and host
  accept_wrong_connection_id,
  accept_bad_checksum,
  answer_acknowledgements,
  claim_graceful_close,
  ignore_packet_life,
  reuse_connection_id,
  forget_opening,
  repeat_answer_without_end,
  close_by_reply,
  never_give_up,
  end_twice,
  forget_writable,
  send_bad_checksum,
  miscount_drops,
  keep_finished_connections,
};
/// `none` included.
inline constexpr std::size_t fault_count = static_cast<std::size_t>(fault::keep_finished_connections) + 1;

#ifdef SEQWIRE_FAULTS
extern fault armed_fault;                                              // process-wide; set by tests/canaries alone
inline bool fault_armed(fault which) { return armed_fault == which; }  // asked where the mistake would be made
#else
constexpr bool fault_armed(fault) { return false; }  // asked where the mistake would be made
#endif

}  // namespace seqwire
