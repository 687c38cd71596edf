#include "sim/queues/pie.hpp"

#include <algorithm>

#include "sim/channel.hpp"

namespace seqwire {
namespace {

constexpr double alpha = 0.125;  // for each second that the wait is above the target
constexpr double beta = 1.25;    // for each second by which it grew
constexpr double most_marked = 0.1;
constexpr std::size_t mean_frame = 1500;  // fewer than two of them never count as a queue

// A small share is adjusted in small steps (RFC 8033 section 4.2).
double scale_at(double share) {
  constexpr struct {
    double below;
    double divisor;
  } steps[]{{0.000001, 2048}, {0.00001, 512}, {0.0001, 128}, {0.001, 32}, {0.01, 8}, {0.1, 2}};
  for (const auto& step : steps)
    if (share < step.below) return 1 / step.divisor;
  return 1;
}

}  // namespace

void pie_discipline::adjust(duration wait) {
  const double error = alpha * (wait - settings_.target).seconds() + beta * (wait - wait_before_).seconds();
  share_ += error * scale_at(share_);
  if (wait == duration{} && wait_before_ == duration{}) share_ *= 0.98;
  share_ = std::clamp(share_, 0.0, 1.0);
  burst_left_ = std::max(burst_left_ - settings_.update, duration{});
  if (share_ <= 0 && is_calm(wait) && is_calm(wait_before_)) burst_left_ = settings_.burst;
  wait_before_ = wait;
}

void pie_discipline::catch_up(const queue_arrival& frame) {
  if (!next_update_) next_update_ = frame.now + settings_.update;
  while (*next_update_ <= frame.now) {
    const duration wait = std::max(frame.idle_from - *next_update_, duration{});
    const bool at_rest = share_ <= 0 && wait == duration{} && wait_before_ == duration{};
    adjust(wait);
    const std::int64_t missed = at_rest ? (frame.now - *next_update_) / settings_.update : 0;
    *next_update_ += settings_.update * (missed + 1);
  }
}

arrival_discipline::decision pie_discipline::on_arrival(const queue_arrival& frame) {
  catch_up(frame);
  const bool spared =
      burst_left_ > duration{} || (is_calm(wait_before_) && share_ < 0.2) || frame.octets_waiting <= 2 * mean_frame;
  if (spared || random_.uniform(frame.ordinal) >= share_) return decision::take;
  return settings_.marks && share_ < most_marked ? decision::mark_or_drop : decision::drop;
}

queue_type pie() {
  constexpr auto minute = static_cast<std::uint64_t>((60_s).nanoseconds);
  return {"pie",
          {{"pie_target", parameter_kind::span, 15_ms, "how long frames are to wait", 1'000, minute},
           {"pie_update", parameter_kind::span, 15_ms, "how often it adjusts", 1'000, minute},
           {"pie_burst", parameter_kind::span, 150_ms, "of waiting that passes after calm", 0, minute}},
          [](const channel_settings& settings, const random_stream& random) {
            const parameter_values& said = settings.further;
            const pie_settings chosen{said.get<duration>("pie_target"), said.get<duration>("pie_update"),
                                      said.get<duration>("pie_burst"), said.get<bool>("ecn")};
            queue_discipline made;
            made.on_arrival = std::make_unique<pie_discipline>(chosen, random.fork("pie"));
            return made;
          }};
}

}  // namespace seqwire
