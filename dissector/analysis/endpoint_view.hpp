// One end of one connection as seen from that end's own vantage point: what it emitted and what arrived there, in
// order. From these two streams nearly all rules about emission are functions. Numbers are 64-bit absolute. Knows
// nothing of other vantage points; packets with a wrong checksum are not shown to it when they arrive.
#pragma once

#include <vector>

#include "dissector/analysis/docket.hpp"
#include "dissector/analysis/records.hpp"

namespace seqwire {

/// One end of one connection, seen at its own interface.
class endpoint_view {
 public:
  /// `own` is the end whose vantage point this is.
  endpoint_view(docket& charges, const speaker& own, const speaker& peer, bool hash_records);

  /// A packet that left here, in order of time with arrived().
  void emitted(const packet_facts& packet);
  /// A packet that reached this end with a right checksum, or none.
  void arrived(const packet_facts& packet);

  /// Whether the opening was seen here. Otherwise the capture began later and absolute numbers are a guess: the rules
  /// that need the beginning are not applied.
  bool from_start() const { return from_start_; }
  /// The absolute number of a data packet that was just emitted here, when numbers are known.
  std::optional<absolute_number> last_emitted_number() const { return last_emitted_number_; }

  const reassembler& sent() const { return sent_records_; }           // records that left here
  const reassembler& received() const { return received_records_; }   // records that arrived here
  std::uint64_t retransmissions() const { return retransmissions_; }  // data packets that left again
  /// Of what this end sent, lets go of the records that have arrived there the same.
  void let_go_of_records_at(endpoint_view& receiver) {
    reassembler::let_go_of_equal(sent_records_, receiver.received_records_);
  }
  /// Forgets what was sent and received under which number: nothing has been heard of this connection for long.
  void forget_numbers();

 private:
  struct acknowledgement_progress {
    instant since;
    instant at;
    absolute_number reached;
    frame_reference frame;
  };

  void seed_from_middle(const packet_facts& packet, bool leaving);
  void check_opening(const packet_facts& packet);
  void check_acknowledgement(const packet_facts& packet);
  void check_allocation(const packet_facts& packet);
  void check_output(const packet_facts& packet);
  void check_quiet(const packet_facts& packet, bool says_nothing_new);
  void emitted_system(const packet_facts& packet);
  void emitted_data(const packet_facts& packet);
  void check_within_window(const packet_facts& packet, absolute_number number);
  void emitted_new(const packet_facts& packet, absolute_number number);
  void check_close(const packet_facts& packet, absolute_number number);
  void emitted_again(const packet_facts& packet, absolute_number number, numbered_packet& row);
  void check_backoff(const packet_facts& packet, absolute_number number, const numbered_packet& row);
  void arrived_acknowledgement(const packet_facts& packet);
  void arrived_data(const packet_facts& packet);
  void settle(instant now);
  void settle_later(const packet_facts& packet);

  docket& docket_;
  speaker own_;
  speaker peer_;
  bool from_start_ = false;
  bool seeded_ = false;

  // What this end emits.
  number_table sent_;
  reassembler sent_records_;
  bool any_data_sent_ = false;
  absolute_number next_number_ = 0;    // one beyond the highest emitted
  absolute_number lowest_unsent_ = 0;  // differs only after an attention that overtook
  std::optional<absolute_number> last_emitted_number_;
  std::optional<absolute_number> close_request_number_;
  std::optional<absolute_number> close_reply_number_;
  std::optional<absolute_number> emitted_acknowledgement_;
  std::optional<absolute_number> emitted_allocation_;
  std::uint64_t retransmissions_ = 0;

  // What arrives at this end.
  number_table received_;
  reassembler received_records_;
  absolute_number unacknowledged_ = 0;  // the highest acknowledgement that arrived and could be true
  absolute_number settled_ = 0;         // the same, as of the processing grace ago
  std::vector<acknowledgement_progress> settling_;
  frame_reference settled_frame_;
  std::optional<absolute_number> permitted_;  // the highest allocation that arrived
  bool peer_closes_ = false;                  // a 254 or 255 arrived
  std::optional<instant> answered_at_;        // the first packet with our id arrived

  // Opening and amplification.
  bool we_opened_ = false;
  bool peer_opened_ = false;
  std::uint64_t octets_in_ = 0;
  std::uint64_t octets_out_ = 0;

  // Storms and back-off.
  std::vector<instant> quiet_;      // system packets emitted since anything new was said
  std::uint64_t answers_owed_ = 0;  // data packets that arrived and were not yet answered
  std::optional<instant> last_arrival_;
  absolute_number backoff_number_ = -1;
  std::vector<duration> backoff_intervals_;
};

}  // namespace seqwire
