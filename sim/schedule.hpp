// Virtual time: a queue of events and nothing else. The bridge drives the same object with the real clock.
// Invariants:
//  1. Time never goes back: an event happens at the instant it was scheduled for, and none is scheduled in the past.
//  2. Events of the same instant happen in the order in which they were scheduled.
//  3. Every event happens exactly once; an actor that changed its mind ignores it.
//  4. Nothing in a simulation happens outside an event.
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

#include "protocol/base/require.hpp"
#include "protocol/base/time.hpp"

namespace seqwire {

/// What events happen to; it outlives those it is due.
class actor {
 public:
  virtual ~actor() = default;
  /// `token` is what the actor gave to at(); it means nothing to the schedule.
  virtual void on_event(instant now, std::uint64_t token) = 0;
};

/// Virtual time, from 0, and what is to happen in it.
class schedule {
 public:
  instant now() const { return now_; }            // of the event that happens, or of the last one
  bool empty() const { return events_.empty(); }  // nothing more will happen
  instant next_at() const { return events_.empty() ? instant::never() : events_.top().at; }  // never() when it is empty
  std::uint64_t events_run() const { return run_; }                                          // since the beginning

  /// Not before now(), which is require()d. Never taken back: the actor ignores what it no longer wants.
  void at(instant when, actor& who, std::uint64_t token) {
    require(when >= now_);
    events_.push({when, order_++, &who, token});
  }

  /// Runs the next event; the schedule must not be empty.
  void run_next() {
    const event next = events_.top();
    events_.pop();
    now_ = next.at;
    ++run_;
    next.who->on_event(now_, next.token);
  }

  /// Runs every event up to and including `until`, and moves the time there.
  void run_until(instant until) {
    while (!events_.empty() && events_.top().at <= until) run_next();
    if (until > now_) now_ = until;
  }

 private:
  struct event {
    instant at;
    std::uint64_t order;
    actor* who;
    std::uint64_t token;
    bool operator<(const event& other) const {  // the queue's top is the greatest: the earliest
      return at != other.at ? at > other.at : order > other.order;
    }
  };

  std::priority_queue<event> events_;
  instant now_{};
  std::uint64_t order_ = 0;
  std::uint64_t run_ = 0;
};

}  // namespace seqwire
