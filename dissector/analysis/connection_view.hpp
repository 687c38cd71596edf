// One connection at one vantage point, in numbers: for each direction what was sent, sent again and why, doubled by the
// network, out of order, acknowledged and allowed, and a series of events for whoever draws it. Says only what this
// vantage point can tell: a repeated packet is known to be a retransmission where it left its sender; elsewhere it is
// one if anything but the contents of the number differs, the network's copy if the packet id is the same, and
// undecided otherwise. Judges nothing (that is verify's). docs/analyze.md has each term's condition.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>

#include "dissector/analysis/distribution.hpp"
#include "dissector/analysis/facts.hpp"

namespace seqwire {

/// Why a sender sent a packet again, as far as its own vantage point shows.
enum class resend_cause : std::uint8_t {
  fast,     // right after an acknowledgement that repeated itself
  repair,   // right after an acknowledgement that moved on
  timeout,  // after silence of at least a round trip
  unknown,  // anything else
};
inline constexpr std::size_t resend_causes = 4;  // how many there are

/// What an observed_event tells of. Every packet gives exactly one of the first five.
enum class event_kind : std::uint8_t {
  system,        // a packet without a number of its own: `number` is the next one
  data,          // a number that this place had not seen
  resent,        // a number again, by its sender
  copied,        // a number again, by the network
  repeated,      // a number again, undecided which
  lost,          // the capture's comment says that the link loses this packet
  acknowledged,  // the direction's numbers below `number`
  allocated,     // the direction's numbers up to `number`
  round_trip,    // packet `number` was acknowledged after `round_trip`
};

/// One thing that happened in one direction, in order of the capture.
struct observed_event {
  event_kind kind = event_kind::data;  // what happened
  std::size_t connection = 0;          // index of the analysis' connection
  std::size_t view = 0;                // index of its vantage point
  std::size_t side = 0;                // whose numbers: the side that sends them
  vantage where = vantage::path;       // of the packet that tells it
  // That packet, as long as the listener is being told; an opening's data is gone, and body_hash its keyed_hash({}).
  const packet_facts* packet = nullptr;
  frame_reference frame;                                  // that packet
  instant at{};                                           // when it was seen
  absolute_number number = 0;                             // as the kind says
  std::optional<frame_reference> repeats = std::nullopt;  // where the number was seen last before
  resend_cause cause = resend_cause::unknown;             // of resent
  duration round_trip{};                                  // of round_trip
};

/// Told of every event while a capture is read, in the order of the packets.
using event_listener = std::function<void(const observed_event&)>;

/// One side's packets at one vantage point.
struct direction_summary {
  std::uint64_t packets = 0;                          // all of them
  std::uint64_t octets = 0;                           // of these as IDP packets
  std::uint64_t system_packets = 0;                   // of these, without a number
  std::uint64_t attentions = 0;                       // different numbers that are attentions
  std::uint64_t data_packets = 0;                     // different numbers, close and attention included
  std::uint64_t data_octets = 0;                      // in these
  std::uint64_t records = 0;                          // of these, how many end one
  std::uint64_t unseen = 0;                           // numbers below the highest that never were seen
  std::array<std::uint64_t, resend_causes> resent{};  // by resend_cause
  std::uint64_t needless = 0;         // of these, sent again though it was acknowledged, or had arrived already
  std::uint64_t copied = 0;           // by the network
  std::uint64_t repeated = 0;         // again, undecided whether sent again or copied
  std::uint64_t lost = 0;             // by the word of the link that the capture keeps
  distribution late_by;               // a first sighting below the highest number: how far below
  distribution round_trip;            // nanoseconds from here to the other end and back, of numbers sent once
  distribution in_flight;             // packets, this one included, at each new number
  std::uint64_t allocation_full = 0;  // new numbers that used the last one allowed
  std::uint64_t repeated_acknowledgements = 0;  // given to this direction with data outstanding
  bool close_request = false;                   // datastream type 254 was seen
  bool close_reply = false;                     // datastream type 255 was seen
  std::optional<vantage> where;                 // path if its packets were seen in different ways
  // Of its packets and of its new numbers.
  std::optional<instant> first;
  instant last{};
  std::optional<instant> first_data;
  instant last_data{};

  /// Packets sent again, whatever the cause.
  std::uint64_t resent_in_all() const;
  /// Data octets per second from the first number to the last; 0 where that takes no time.
  double data_rate() const;
};

/// A connection as one interface sees it.
class connection_view {
 public:
  /// `sender`: the side, 0 or 1, that sent the packet. `lost`: the capture says that the link loses it. Events go to
  /// `tell`, with connection and view left for the listener's caller to fill in.
  void see(const packet_facts& packet, std::size_t sender, vantage where, bool lost, const event_listener& tell);

  /// What is known of the side's packets by now.
  const direction_summary& summary(std::size_t side) const { return directions_[side].summary; }
  /// Numbers that are kept to tell what is repeated: at most 65,536 of each direction.
  std::size_t numbers_kept() const { return directions_[0].rows.size() + directions_[1].rows.size(); }
  /// Forgets them; their repetitions are undecided from now on.
  void forget_numbers();

 private:
  struct row {
    frame_reference last_frame;
    instant last_at{};
    std::uint64_t header_hash = 0;  // of the last
    std::optional<packet_key> first_id;
    std::optional<packet_key> last_id;
    bool repeated = false;
  };
  struct direction {
    direction_summary summary;
    std::map<absolute_number, row> rows;
    absolute_number known_from = 0;  // lower numbers may have been seen and forgotten
    bool started = false;
    absolute_number first = 0;
    absolute_number next = 0;  // one beyond the highest seen
    std::optional<absolute_number> acknowledged;
    std::optional<absolute_number> permitted;
    // The latest packet that came back.
    std::optional<instant> answered_at;
    bool answer_moved_on = false;
    bool answer_repeated = false;
  };

  static void begin(direction& of, absolute_number at);
  void system(direction& ours, observed_event told, const packet_facts& packet, const event_listener& tell);
  void answer(direction& asked, observed_event told, const packet_facts& packet, const event_listener& tell);
  void number(direction& ours, observed_event told, const packet_facts& packet, const event_listener& tell);
  void again(direction& ours, observed_event told, const packet_facts& packet, row* before, const event_listener& tell);
  static resend_cause cause_of(const direction& ours, instant now, const row& before);

  direction directions_[2];
};

}  // namespace seqwire
