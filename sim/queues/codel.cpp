#include "sim/queues/codel.hpp"

#include <algorithm>
#include <cmath>

#include "sim/channel.hpp"

namespace seqwire {

void codel_queue::push(waiting_frame frame) {
  octets_ += frame.octets;
  largest_ = std::max(largest_, frame.octets);
  frames_.push_back(std::move(frame));
}

waiting_frame codel_queue::pop_head() {
  require(!frames_.empty());
  waiting_frame head = std::move(frames_.front());
  frames_.pop_front();
  octets_ -= head.octets;
  return head;
}

instant codel_queue::control_law(instant from) const {
  const double span = static_cast<double>(settings_.interval.nanoseconds) / std::sqrt(static_cast<double>(count_));
  return from + duration{static_cast<std::int64_t>(span)};
}

// dodequeue of RFC 8289 section 5.6.
codel_queue::candidate codel_queue::take(instant now) {
  if (frames_.empty()) {
    first_above_.reset();
    return {};
  }
  candidate taken{pop_head()};
  if (now - taken.frame->entered < settings_.target || octets_ <= largest_) {
    first_above_.reset();
  } else if (!first_above_) {
    first_above_ = now + settings_.interval;
  } else {
    taken.ok_to_drop = now >= *first_above_;
  }
  return taken;
}

// True: the frame is gone and another one taken. A marked one goes.
bool codel_queue::drop_or_mark(candidate& which, instant now, queue_officer& officer) {
  if (officer.mark(*which.frame)) return false;
  officer.drop(std::move(*which.frame), queue_officer::reason::early);
  which = take(now);
  return true;
}

// dequeue of RFC 8289 section 5.5.
std::optional<waiting_frame> codel_queue::pop(instant now, queue_officer& officer) {
  candidate next = take(now);
  if (!next.frame) {
    dropping_ = false;
    return std::nullopt;
  }
  if (dropping_) {
    if (!next.ok_to_drop) dropping_ = false;
    while (dropping_ && now >= drop_next_) {
      ++count_;
      const bool dropped = drop_or_mark(next, now, officer);
      if (!next.ok_to_drop) dropping_ = false;
      else drop_next_ = control_law(drop_next_);
      if (!dropped) break;
    }
  } else if (next.ok_to_drop) {
    drop_or_mark(next, now, officer);
    dropping_ = true;
    // Soon after the last time: at the pace that was right then.
    const std::uint64_t steps = count_ - last_count_;
    count_ = steps > 1 && now - drop_next_ < settings_.interval * 16 ? steps : 1;
    drop_next_ = control_law(now);
    last_count_ = count_;
  }
  return std::move(next.frame);
}

namespace {

class codel_discipline final : public departure_discipline {
 public:
  codel_discipline(const codel_settings& settings, std::size_t limit) : queue_(settings), limit_(limit) {}

  void enqueue(instant, waiting_frame frame, queue_officer& officer) override {
    if (queue_.frames() >= limit_) officer.drop(std::move(frame), queue_officer::reason::full);
    else queue_.push(std::move(frame));
  }
  std::optional<waiting_frame> dequeue(instant now, queue_officer& officer) override {
    return queue_.pop(now, officer);
  }
  std::size_t frames() const override { return queue_.frames(); }

 private:
  codel_queue queue_;
  std::size_t limit_;
};

}  // namespace

queue_type codel() {
  constexpr auto minute = static_cast<std::uint64_t>((60_s).nanoseconds);
  return {"codel",
          {{"codel_target", parameter_kind::span, 5_ms, "wait that CoDel and FQ-CoDel let stand", 1'000, minute},
           {"codel_interval", parameter_kind::span, 100_ms, "for so long at least, before they drop", 1'000, minute}},
          [](const channel_settings& settings, const random_stream&) {
            const codel_settings chosen{settings.further.get<duration>("codel_target"),
                                        settings.further.get<duration>("codel_interval")};
            queue_discipline made;
            made.on_departure = std::make_unique<codel_discipline>(chosen, std::max<std::size_t>(settings.queue, 1));
            return made;
          }};
}

}  // namespace seqwire
