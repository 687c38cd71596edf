// The sending half of an SPP connection: records in, numbered packets out, again until they are acknowledged.
// It cuts records into packets when a packet may leave, keeps each in flight as a share of the record, and asks its
// policies how many may be out and what to resend. It knows no connection ids, no peer and no close handshake beyond
// "a packet with this datastream type after everything queued".
#pragma once

#include <algorithm>
#include <optional>

#include "protocol/base/number_ring.hpp"
#include "protocol/base/slice.hpp"
#include "protocol/policy/registry.hpp"
#include "protocol/spp/config.hpp"
#include "protocol/spp/connection_memory.hpp"
#include "protocol/spp/round_trip.hpp"

namespace seqwire {

/// A packet's part that belongs to the data channel; the connection adds ids, acknowledgement and allocation.
struct sequenced_packet {
  packet_number number = 0;          // absolute
  slice body;                        // shared with the record
  std::uint16_t body_checksum = 0;   // its contribution, summed once
  std::uint8_t datastream_type = 0;  // of its record
  bool end_of_message = false;       // it carries the record's last octet
  bool attention = false;            // `body` is its one octet
};

/// One direction's sending end: records queued, packets in flight, their timer.
class spp_sender {
 public:
  /// All outlive it; of the configuration packet_data may change. Without a memory that it shares only its own
  /// configuration bounds it.
  spp_sender(const spp_config& config, spp_statistics& statistics, connection_memory* shared = nullptr);

  // --- what the application gives ---
  /// Room for a record of this size: nothing is queued, or the send buffer has room; and the shared memory has room, or
  /// nothing is queued or in flight.
  bool has_room(std::size_t size) const;
  bool has_room_for_attention() const;  // attentions have a queue of their own
  /// Without end of message what is queued next belongs to the same record.
  void queue_record(slice contents, std::uint8_t datastream_type, bool end_of_message = true);
  /// Goes ahead of all records not yet cut; the caller has asked for room.
  void queue_attention(octet value);
  /// Queues a dataless packet of type 254 or 255 behind everything else. Records queued later are refused by the
  /// caller.
  void queue_close(std::uint8_t datastream_type);
  /// Nothing will be sent any more: forgets what is queued, and the octets of what is in flight.
  void drop_contents();

  // --- what the peer says ---
  /// What the connection has to know of it.
  struct acknowledgement_result {
    bool progress = false;  // something new was acknowledged
  };
  /// Takes acknowledge and allocation numbers. `repeats_only`: a system packet, so an unchanged pair is a duplicate.
  acknowledgement_result on_acknowledgement(instant now, std::uint16_t acknowledge, std::uint16_t allocation,
                                            bool repeats_only);

  /// A round trip measured by somebody else (the opening exchange).
  void sample_round_trip(duration measured);

  // --- what may leave ---
  /// The next packet that may leave now, or nothing. What it returned counts as sent.
  std::optional<sequenced_packet> next_packet(instant now);
  /// The window is closed and data waits: the connection sends a system packet that asks for an answer.
  bool take_probe();

  /// As engine's: retransmission, closed-window probe, or the packet life's leave to go on.
  std::optional<instant> next_timeout() const {
    const instant next = std::min({retransmit_at_, probe_at_, life_over_at_});
    if (next == instant::never()) return std::nullopt;
    return next;
  }
  void on_timeout(instant now);  // as engine's

  /// The absolute number that a system packet carries: the next one to be sent.
  packet_number next() const { return next_; }
  packet_number oldest() const { return flight_.begin(); }                                // the first not acknowledged
  bool everything_acknowledged() const { return flight_.empty() && !anything_queued(); }  // and nothing is queued
  /// Nothing but the close packet may still be unacknowledged.
  bool only_close_outstanding() const { return close_queued_ && !anything_queued() && flight_.size() <= 1; }
  /// Nothing is in flight, and what is queued waits for nothing but the packet life.
  bool held_back() const { return flight_.empty() && life_over_at_ != instant::never(); }
  /// Something is in flight, or queued and not held back by ourselves.
  bool waits_for_peer() const { return !flight_.empty() || (anything_queued() && !held_back()); }
  /// Timeouts and probes since the peer last moved anything forward.
  int consecutive_timeouts() const { return silent_timeouts_; }
  std::size_t queued_octets() const { return queued_octets_; }          // of records, not yet cut into packets
  packet_count in_flight() const { return flight_.size(); }             // sent and not acknowledged
  packet_count window() const { return policy_.congestion->window(); }  // that congestion control permits
  /// Packets that the peer's allocation permits beyond what is acknowledged.
  packet_count permitted() const { return permitted_ > flight_.begin() ? permitted_ - flight_.begin() : 0; }
  duration timeout() const { return round_trip_.timeout(); }  // of the next retransmission, backed off

 private:
  struct queued_record {
    slice contents = {};
    std::size_t offset = 0;  // octets already cut into packets
    std::uint8_t datastream_type = 0;
    bool attention = false;
    bool close = false;
    bool end_of_message = true;
  };
  struct flight_entry {
    sequenced_packet packet;
    instant sent_at{};
    std::uint32_t transmissions = 0;
  };

  bool anything_queued() const { return !records_.empty() || !attentions_.empty(); }
  flight_view view() const;
  packet_number window_end() const;
  bool life_permits(instant now, packet_number number);
  bool may_send_new(instant now);
  sequenced_packet cut_next();
  sequenced_packet transmit(instant now, flight_entry& entry);
  sequenced_packet retransmit(instant now, packet_number number);
  void take_newly_acknowledged(instant now, packet_number acknowledged);
  void apply(instant now, const recovery_step& step);
  void restart_timer(instant now);

  const spp_config& config_;
  spp_statistics& statistics_;
  sender_policy policy_;
  round_trip_estimator round_trip_;

  number_ring<queued_record> records_;
  number_ring<queued_record> attentions_;
  std::size_t queued_octets_ = 0;
  memory_share memory_;  // of records queued, and of packets in flight
  bool close_queued_ = false;

  number_ring<flight_entry> flight_;  // numbers [oldest, next)
  packet_number next_ = 0;
  packet_number cursor_ = 0;  // below next_: the next to send again after a start-over
  std::optional<packet_number> resend_;
  std::optional<sequenced_packet> resurrected_;  // only ever set by a canary
  packet_number permitted_ = 0;                  // one past the highest number the peer allocated
  packet_count widest_window_ = 0;               // that the peer ever allocated
  std::uint16_t last_allocation_ = 0;
  bool attention_in_flight_ = false;  // one at a time, so that none overtakes another
  packet_number attention_number_ = 0;

  instant retransmit_at_ = instant::never();
  instant probe_at_ = instant::never();
  bool probe_due_ = false;
  int silent_timeouts_ = 0;
  bool repairs_timeout_ = false;  // what is resent now is because of a timeout, not of duplicates
  instant life_over_at_ = instant::never();

  // When each block of numbers was last behind the acknowledgement: no copy older than that plus the packet life.
  // By the number of the block; as many as there are in the sequence space.
  static constexpr packet_count life_block = 1024;
  number_ring<instant> settled_at_;
  instant progress_at_{};
};

}  // namespace seqwire
