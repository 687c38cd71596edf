// CoDel (RFC 8289; Nichols, Jacobson 2012): frames are dropped or marked as they leave once every one has waited longer
// than the target for an interval, and then the more often the longer that lasts: the next one after
// interval / sqrt(count). One queue of it; fq_codel has many.
#pragma once

#include <deque>

#include "sim/queue.hpp"

namespace seqwire {

struct codel_settings {        // RFC 8289 3
  duration target = 5_ms;      // sojourn time that may stand
  duration interval = 100_ms;  // how long it may stand above it; a worst round trip
};

class codel_queue {  // one CoDel queue; FQ-CoDel has many
 public:
  explicit codel_queue(const codel_settings& settings) : settings_(settings) {}  // empty

  void push(waiting_frame frame);  // to its end
  /// The next frame that goes; those that do not go on its way are dropped or marked.
  std::optional<waiting_frame> pop(instant now, queue_officer& officer);
  /// The frame that has waited longest, whatever the law says; there is one.
  waiting_frame pop_head();

  std::size_t frames() const { return frames_.size(); }  // that wait
  std::size_t octets() const { return octets_; }         // of these, on the link
  instant drop_next() const { return drop_next_; }       // when the next drop is due while it drops

 private:
  struct candidate {
    std::optional<waiting_frame> frame;
    bool ok_to_drop = false;
  };
  candidate take(instant now);
  bool drop_or_mark(candidate& which, instant now, queue_officer& officer);
  instant control_law(instant from) const;

  codel_settings settings_;
  std::deque<waiting_frame> frames_;
  std::size_t octets_ = 0;
  std::size_t largest_ = 0;  // frame that ever came: with no more than that waiting, nobody waits for others
  bool dropping_ = false;
  std::optional<instant> first_above_;  // when the wait will have been above the target for an interval
  instant drop_next_{};
  std::uint64_t count_ = 0;
  std::uint64_t last_count_ = 0;
};

}  // namespace seqwire
