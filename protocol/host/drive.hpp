// The joint between an engine and its links: datagrams in, timers, packets out. The simulated node and the epoll loop
// both call drive(); what works in one world and not in the other is wrong here or in the link.
#pragma once

#include "protocol/host/link.hpp"

namespace seqwire {

/// When the caller has to drive again, unless something arrives before.
struct drive_outcome {
  std::optional<instant> deadline;  // call again no later than this
  bool link_full = false;           // a link refused packets: call again when it may have room
};

/// An engine, its links (packet::link indexes them) and the packets that a full link has not taken yet.
class driver {
 public:
  driver(engine& driven, std::span<link* const> links) : engine_(driven), links_(links) {}  // both outlive it

  /// The step of a host without a program.
  struct no_application {
    bool operator()() const { return false; }  // never did anything
  };

  /// `step` lets the application act, before, between and after datagrams and as long as it returns true: it did
  /// something, so there may be more to send. Each datagram is dealt with whole before the next one: how they were
  /// batched must change nothing, neither acknowledgements nor the allocation that goes with them.
  /// `only`: no other link can have anything; what a router costs must not grow with its silent links.
  template <class Step = no_application>
  drive_outcome drive(instant now, Step&& step = {}, std::optional<link_index> only = {}) {
    settle(now, step);
    for (link_index index = only.value_or(0); index < (only ? *only + 1 : links_.size()); ++index)
      for (std::size_t batch = 0, count = 1; batch < batches_at_once && count > 0; ++batch) {
        count = links_[index]->receive(now, arrived_);
        for (std::size_t i = 0; i < count; ++i) {
          arrived_[i].link = index;
          engine_.on_datagram(now, arrived_[i]);
          arrived_[i].contents = {};  // hands the buffer back before the next batch needs it
          settle(now, step);
        }
      }
    if (const auto deadline = engine_.next_timeout(); deadline && *deadline <= now) engine_.on_timeout(now);
    bool settled = false;
    while (!settled && flush(now)) settled = settle(now, step);
    return {engine_.next_timeout(), !settled || !flush(now)};
  }

  /// Packets that the engine has given and a full link has not taken yet.
  std::size_t held() const { return waiting_ - sent_; }

 private:
  // More than this waits on the link, whose descriptor stays readable: a flood must not starve timers and signals.
  static constexpr std::size_t batches_at_once = 64;

  // The application acts and the engine's packets are taken until neither has more; false when a full link stopped
  // that. The application first: what it takes makes room that the acknowledgement then shows.
  template <class Step>
  bool settle(instant now, Step&& step) {
    for (bool acted = true, more = true; acted; more = true) {
      for (acted = step(); more;) {
        if (waiting_ == outgoing_.size() && !flush(now)) return false;
        const std::span<packet> free(&outgoing_[waiting_], outgoing_.size() - waiting_);
        const std::size_t count = engine_.poll_transmit(now, free);
        waiting_ += count;
        more = count == free.size();
      }
    }
    return true;
  }

  // Offers what waits to the links, in order; false when one was full.
  bool flush(instant now) {
    for (std::size_t end = sent_; sent_ < waiting_; end = sent_) {
      while (end < waiting_ && outgoing_[end].link == outgoing_[sent_].link) ++end;
      const std::span<const packet> batch(&outgoing_[sent_], end - sent_);
      const std::size_t taken = links_[batch.front().link]->transmit(now, batch);
      for (std::size_t i = 0; i < taken; ++i) outgoing_[sent_ + i].body = {};
      sent_ += taken;
      if (taken < batch.size()) return false;
    }
    sent_ = waiting_ = 0;
    return true;
  }

  engine& engine_;
  std::span<link* const> links_;
  std::array<datagram, 64> arrived_;
  std::array<packet, 64> outgoing_;
  std::size_t sent_ = 0;
  std::size_t waiting_ = 0;
};

}  // namespace seqwire
