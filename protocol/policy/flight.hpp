// What policies see: facts about the packets that are sent and not yet acknowledged. Numbers are absolute packet
// numbers. A policy gets one event struct a call, returns a decision, and never touches the connection.
#pragma once

#include "protocol/base/sequence.hpp"
#include "protocol/base/time.hpp"

namespace seqwire {

/// What a sender has under way, in absolute packet numbers.
struct flight_view {
  packet_number oldest = 0;      // the first not acknowledged
  packet_number next = 0;        // the first never sent; oldest == next: nothing in flight
  packet_count peer_window = 0;  // how many the peer's allocation permits from `oldest` on
  duration round_trip{};         // smoothed; 0 before the first sample

  /// Never more than the smaller of the windows, attention apart.
  packet_count outstanding() const { return next - oldest; }
};

/// The acknowledgement moved forward; `flight` is as it is after that.
struct acknowledgement_event {
  // When it happened, and the flight after it.
  instant now;
  packet_count newly_acknowledged;  // at least 1
  bool recovering;                  // loss recovery still repairs a loss
  /// Without the newly acknowledged packets.
  flight_view flight;
};

/// A system packet repeated the acknowledgement and the allocation while packets are outstanding.
struct duplicate_event {
  // When, and the flight at that moment.
  instant now;
  flight_view flight;
};

/// Loss recovery concluded that a packet was lost (never told for a timeout).
struct loss_event {
  // When, and the flight at that moment.
  instant now;
  flight_view flight;
};

/// The retransmission timer ran out.
struct timeout_event {
  // When, and the flight at that moment.
  instant now;
  flight_view flight;
};

}  // namespace seqwire
