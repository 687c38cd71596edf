// Acknowledgement: whether an arrived data packet is answered now or a little later. A request from an application that
// changes what can be sent, and a system packet that asks for an answer, are answered at once whatever the policy.
#pragma once

#include <memory>

#include "protocol/policy/flight.hpp"

namespace seqwire {

/// A data packet that the receiver may take, new or already received.
struct arrival_event {
  instant now;     // when it was handed to the engine
  bool in_order;   // the number that was expected, and nothing is held behind it
  bool duplicate;  // received before, or held already
  bool requested;  // the packet carries SEND-ACK
};

/// What is owed for it: nothing new, a packet at once, or one after delay() unless data carries it before.
enum class acknowledgement_decision : std::uint8_t { none, now, later };

/// Decides for one connection, and keeps its state; the receiver tells it every arrival in order of time.
class acknowledgement_policy {
 public:
  virtual ~acknowledgement_policy() = default;
  /// Told once for each arrival. Of several decisions the earliest counts.
  virtual acknowledgement_decision on_arrival(const arrival_event& event) = 0;
  /// An acknowledgement left, alone or on data: nothing is owed.
  virtual void on_acknowledged() = 0;
  /// How long "later" may wait.
  virtual duration delay() const = 0;
};

/// One acknowledgement for each data packet, for a duplicate if it asks (protocol sheet 4.2).
class immediate_acknowledgement final : public acknowledgement_policy {
 public:
  acknowledgement_decision on_arrival(const arrival_event& event) override {
    return event.duplicate && !event.requested ? acknowledgement_decision::none : acknowledgement_decision::now;
  }
  void on_acknowledged() override {}
  duration delay() const override { return {}; }
};

/// One for every second packet in order, or after the delay; at once for everything out of order, and for a duplicate
/// if it asks.
class delayed_acknowledgement final : public acknowledgement_policy {
 public:
  explicit delayed_acknowledgement(duration delay) : delay_(delay) {}  // how long at most; 4.3BSD: 200 ms
  acknowledgement_decision on_arrival(const arrival_event& event) override {
    if (event.duplicate && !event.requested) return acknowledgement_decision::none;
    if (!event.in_order || event.duplicate || ++owed_ >= 2) return acknowledgement_decision::now;
    return acknowledgement_decision::later;
  }
  void on_acknowledged() override { owed_ = 0; }
  duration delay() const override { return delay_; }

 private:
  duration delay_;
  int owed_ = 0;
};

}  // namespace seqwire
