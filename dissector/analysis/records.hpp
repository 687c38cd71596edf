// Data packets by absolute number, and the records that end-of-message bits cut from them: the same walk at the
// sender's vantage point (unique numbers, first transmission) and at the receiver's (first arrival, in order of
// number). Also the one comparison of two lists of records, used between vantage points and with journals.
#pragma once

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "dissector/analysis/facts.hpp"
#include "dissector/analysis/rules.hpp"
#include "rawio/capture/journal.hpp"

namespace seqwire {

/// What must not change when a number is transmitted again, and when it was.
struct numbered_packet {
  // Of the first transmission, unless the name says otherwise.
  std::uint64_t body_hash = 0;
  std::uint32_t body_octets = 0;
  std::uint32_t transmissions = 0;  // 0: this number has not been seen
  instant last_at{};                // of the latest transmission
  // Of the first transmission.
  frame_reference first_frame;
  std::uint8_t datastream_type = 0;
  bool attention = false;
  bool end_of_record = false;

  /// A first transmission.
  static numbered_packet of(const packet_facts& packet);
  /// Immutability: equal in all that a retransmission must repeat (reliability rule I06).
  bool same_contents(const numbered_packet& other) const {
    return body_hash == other.body_hash && body_octets == other.body_octets &&
           datastream_type == other.datastream_type && attention == other.attention &&
           end_of_record == other.end_of_record;
  }
};

/// A window of numbers: the latest 65,536 at most, because wire numbers reach no farther back than 32,768.
class number_table {
 public:
  /// The row, or nullptr when the number has not been seen or lies outside the window.
  numbered_packet* find(absolute_number number);
  /// Adds a number that find() does not know. False: too far from the rest, nothing was added.
  bool add(absolute_number number, const numbered_packet& packet);
  /// Numbers below this one may have been seen and forgotten.
  absolute_number known_from() const { return known_from_; }
  /// Forgets every number.
  void forget();

 private:
  static constexpr absolute_number capacity = 65536;
  void forget_below(absolute_number number);

  // A node for each number seen, however far apart a hostile sender chooses them.
  std::map<absolute_number, numbered_packet> rows_;
  absolute_number known_from_ = std::numeric_limits<absolute_number>::min();
};

/// A record put together from packets.
struct observed_record {
  std::uint64_t octets = 0;  // of its data
  sha256_digest digest{};  // of its data when hashing was asked for, else a fingerprint of its packets' data, in order
  std::uint8_t datastream_type = 0;  // of its packets
  frame_reference last_frame;        // that completed it
};

/// Puts packets in order of number and cuts records. Attention packets, close requests and replies belong to no
/// record.
class reassembler {
 public:
  /// `hashing`: compute the SHA-256 of records, for comparison with journals.
  explicit reassembler(bool hashing) : hashing_(hashing) {}

  /// Before the first packet is taken: the number with which the first record begins.
  void start_at(absolute_number first) { next_ = first; }
  /// Each number once; at most 65,536 numbers ahead are kept, others are ignored.
  void take(absolute_number number, const numbered_packet& packet, octets_view body);

  /// The first number not yet there.
  absolute_number next() const { return next_; }
  /// Whether the last packet in order left a record open.
  bool record_open() const { return open_packets_ != 0; }
  /// Datastream type of the open record.
  std::uint8_t open_datastream_type() const { return open_.datastream_type; }
  /// Whole ones, in order, but for those let go.
  const std::vector<observed_record>& records() const { return records_; }
  std::uint64_t let_go() const { return let_go_; }  // records before records()

  /// Lets go of the records that are the same at both ends so far, but for the latest `kept_of_equal`, which a later
  /// one may turn out to be again: so that a capture of any length takes no more memory.
  static void let_go_of_equal(reassembler& sent, reassembler& received);
  static constexpr std::size_t kept_of_equal = 4096;  // records, and up to as many again

 private:
  struct held_packet {
    numbered_packet packet;
    octets body;
  };
  void append(const numbered_packet& packet, octets_view body);
  void end_record();

  bool hashing_;
  absolute_number next_ = 0;
  std::map<absolute_number, held_packet> held_;
  observed_record open_;
  std::uint64_t open_packets_ = 0;
  std::uint64_t open_fingerprint_ = 0;
  std::optional<sha256_stream> open_data_;  // made with the first record
  std::vector<observed_record> records_;
  std::uint64_t let_go_ = 0;
  std::uint64_t equal_ = 0;  // counted from the first record: those before it are the same at the other end
};

/// A record as any witness describes it.
struct record_account {
  std::uint64_t octets = 0;          // of its data
  sha256_digest digest{};            // or anything else that is equal exactly for equal data
  std::uint8_t datastream_type = 0;  // as sent
  frame_reference frame{};           // number 0: a journal said it
  std::uint64_t number = 0;          // counted from 0 in its list
};

/// What compare_records() found.
struct record_mismatch {
  rule_id rule;           // no invention, prefix, or boundary integrity
  std::uint64_t index;    // into the observed list
  std::string what;       // "record 3 (5 octets) is record 4 of those submitted"
  frame_reference frame;  // of the observed record, where it has one
};

/// The first place where `observed` is not a prefix of `reference`, and which rule that breaks. `open_ended`: the
/// reference may have been cut short, so that observed records beyond its end prove nothing. `first`: what the first of
/// both is counted as.
std::optional<record_mismatch> compare_records(const std::vector<record_account>& reference,
                                               const std::vector<record_account>& observed, bool open_ended,
                                               std::uint64_t first = 0);

/// In order, numbered from 0 or after those that were let go.
std::vector<record_account> accounts_of(const reassembler& records);
/// Of the attentions, or of all other records.
std::vector<record_account> accounts_of(const std::vector<journal_record>& records, bool attentions);

}  // namespace seqwire
