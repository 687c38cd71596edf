// What policies see: facts about the packets that are sent and not yet acknowledged. Numbers are absolute packet
// numbers. A policy gets one event struct a call, returns a decision, and never touches the connection.
#pragma once

#include "protocol/base/sequence.hpp"
#include "protocol/base/time.hpp"

namespace seqwire {

struct flight_view {
  packet_number oldest = 0;      // the first not acknowledged
  packet_number next = 0;        // the first never sent; oldest == next: nothing in flight
  packet_count peer_window = 0;  // how many the peer's allocation permits from `oldest` on
  duration round_trip{};         // smoothed; 0 before the first sample

  packet_count outstanding() const { return next - oldest; }
};

/// The acknowledgement moved forward; `flight` is as it is after that.
struct acknowledgement_event {
  instant now;
  packet_count newly_acknowledged;  // at least 1
  bool recovering;                  // loss recovery still repairs a loss
  flight_view flight;
};

/// A system packet repeated the acknowledgement and the allocation while packets are outstanding.
struct duplicate_event {
  instant now;
  flight_view flight;
};

/// Loss recovery concluded that a packet was lost (never told for a timeout).
struct loss_event {
  instant now;
  flight_view flight;
};

/// The retransmission timer ran out.
struct timeout_event {
  instant now;
  flight_view flight;
};

}  // namespace seqwire
