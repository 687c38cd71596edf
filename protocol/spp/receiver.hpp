// The receiving half of an SPP connection: numbered packets in, whole records out. It holds what arrives early, joins
// packets to records up to end of message, advertises an allocation that never shrinks, and decides with its policy
// when an acknowledgement is owed. It shares packets' octets and copies none, but for pieces so small that the buffers
// they arrived in would outweigh them.
#pragma once

#include <memory>
#include <optional>

#include "protocol/base/number_ring.hpp"
#include "protocol/base/result.hpp"
#include "protocol/base/slice_run.hpp"
#include "protocol/policy/registry.hpp"
#include "protocol/spp/config.hpp"
#include "protocol/spp/connection_memory.hpp"
#include "protocol/wire/spp.hpp"

namespace seqwire {

/// A record as it was sent: its octets in order, in one or more pieces (none for a record of length zero). While
/// packets are delivered one by one it is one packet of a record, or the octet of an attention in its place.
struct received_record {
  slice_run pieces;                  // shared with the datagrams that brought them
  std::size_t size = 0;              // octets of all pieces
  std::uint8_t datastream_type = 0;  // of all its packets
  packet_count packets = 0;          // that carried it
  bool end_of_message = true;        // false: more of the record follows, or its datastream type changed
  bool attention = false;            // the place of an attention; only while packets are delivered
  bool after_attention = false;      // an attention came into order just before it
  spp_header last_header{};          // of its last packet

  /// The record in one piece: shared when it has one, copied otherwise.
  slice flatten() const;
};

/// One direction's receiving end. Numbers are absolute; what is outside the allocation is refused (reliability rule
/// I15).
class spp_receiver {
 public:
  /// All outlive it. Without a memory that it shares only its own configuration bounds it.
  spp_receiver(const spp_config& config, spp_statistics& statistics, connection_memory* shared = nullptr);

  /// Takes the data channel's part of a packet that is not a system packet; `body` shares the datagram's octets.
  /// Refusals: duplicate, beyond_allocation, record_too_long; they may leave an acknowledgement owed. And
  /// receive_memory_full, which leaves none: the peer sends it again later, when there may be room.
  result<void, drop_reason> on_packet(instant now, const spp_header& header, slice body);
  /// A system packet asked for an answer.
  void on_request() { acknowledgement_due_ = true; }

  /// The next whole record, in order. Taking it makes room, which the peer is told when it matters.
  std::optional<received_record> take_record();
  std::optional<octet> take_attention();        // the oldest not taken; nothing: none
  std::optional<octet> next_attention() const;  // the same, which stays
  /// From now on. What has arrived of an unfinished record is delivered when packets are asked for.
  void set_delivery(record_delivery wanted);
  /// What take_record() would give next, or nullptr.
  const received_record* record(std::size_t ahead) const {
    return ahead < records_.size() ? &records_[records_.begin() + static_cast<packet_number>(ahead)] : nullptr;
  }
  /// The header of the last packet that came into order.
  const std::optional<spp_header>& last_header() const { return last_header_; }
  packet_count unread_packets() const { return unread_packets_; }  // in order, of whole records not taken
  /// The types 254 and 255 that came into order since the last call.
  std::optional<std::uint8_t> take_close();
  bool has_record() const { return !records_.empty(); }        // take_record() would give something
  bool has_attention() const { return !attentions_.empty(); }  // take_attention() would give something
  /// Octets of everything that arrived and was not taken.
  std::size_t held_octets() const { return memory_.held(); }
  /// Octets of what cannot be taken yet: of an unfinished record, or behind a gap.
  std::size_t unfinished_octets() const;
  /// Nothing more will come: what is unfinished stays so, and holds no memory.
  void drop_unfinished();
  /// Delivers what there is of an unfinished record: only a canary does.
  void cut_record() {
    if (assembling_any_) finish_record(false);
  }

  /// Numbers for the next packet that leaves.
  std::uint16_t acknowledge() const;
  /// The highest number permitted, inclusive; never goes back (reliability rule I11). What it returns counts as
  /// promised.
  std::uint16_t allocation();

  /// An acknowledgement should leave now even without data.
  bool acknowledgement_due() const { return acknowledgement_due_; }
  /// A packet with the present numbers has left.
  void acknowledgement_sent();
  /// When a delayed acknowledgement becomes due.
  std::optional<instant> next_timeout() const {
    if (acknowledge_at_ == instant::never()) return std::nullopt;
    return acknowledge_at_;
  }
  /// Makes due what is owed by now.
  void on_timeout(instant now);

 private:
  struct held_packet {
    bool present = false;
    spp_header header{};
    slice body;
  };

  void note_arrival(instant now, bool in_order, bool duplicate, bool requested);
  result<void, drop_reason> absorb_in_order();
  void refuse_data();
  result<void, drop_reason> absorb(held_packet packet);
  void append(slice body);
  void finish_record(bool end_of_message);
  packet_number limit() const;

  const spp_config& config_;
  spp_statistics& statistics_;
  record_delivery delivery_;
  std::unique_ptr<acknowledgement_policy> policy_;
  std::unique_ptr<credit_policy> credit_;

  memory_share memory_;
  number_ring<held_packet> held_;  // begins at the first number not yet received
  packet_number advertised_ = 0;   // one past the highest number ever allocated
  received_record assembling_;
  bool assembling_any_ = false;
  std::size_t small_pieces_ = 0;  // at the end of what is assembled
  number_ring<received_record> records_;
  std::size_t record_octets_ = 0;  // of these
  packet_count unread_packets_ = 0;
  bool peer_closed_ = false;       // its 254 is in order: it has no data any more
  bool attention_passed_ = false;  // since the last unit began
  std::optional<spp_header> last_header_;
  number_ring<octet> attentions_;
  number_ring<std::uint8_t> closes_;
  bool acknowledgement_due_ = false;
  instant acknowledge_at_ = instant::never();
};

}  // namespace seqwire
