// Credit: which allocation to advertise. SPP's allocation number is a credit channel, so receiver-driven transports
// need no new header.
#pragma once

#include "protocol/base/sequence.hpp"

namespace seqwire {

/// The receiver's place and room, in packets.
struct credit_view {
  packet_number expected = 0;  // the first number not yet received
  packet_count unread = 0;     // packets of whole records that the application has not taken
  packet_count capacity = 0;   // packets the receiver will hold
};

/// What a receiver allocates (SPP's allocation number, protocol sheet 4.2).
class credit_policy {
 public:
  virtual ~credit_policy() = default;
  /// One past the highest number the peer may send. The receiver never lets it shrink.
  virtual packet_number limit(const credit_view& view) = 0;
};

/// As much as there is room for.
class all_room_credit final : public credit_policy {
 public:
  packet_number limit(const credit_view& view) override {
    return view.expected + (view.capacity > view.unread ? view.capacity - view.unread : 0);
  }
};

}  // namespace seqwire
