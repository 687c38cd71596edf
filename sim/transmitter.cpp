#include "sim/transmitter.hpp"

#include <algorithm>

#include "sim/channel.hpp"

namespace seqwire {
namespace {

constexpr std::int64_t second = 1'000'000'000;

// In two steps: bits times a thousand million would overflow for large frames on very slow links.
duration time_of(std::int64_t bits, std::int64_t rate) {
  return duration{bits / rate * second + bits % rate * second / rate};
}

class constant_rate final : public transmitter {
 public:
  explicit constant_rate(std::uint64_t rate, instant free_from = {})
      : rate_(static_cast<std::int64_t>(rate)), free_at_(free_from) {}

  instant next_start(instant now) override { return std::max(now, free_at_); }
  instant send(instant start, std::size_t size) override {
    free_at_ = start + time_of(static_cast<std::int64_t>(size) * 8, rate_);
    return free_at_;
  }
  instant idle_from() const override { return free_at_; }
  duration longest(double size) const override {
    return duration{static_cast<std::int64_t>(size * 8 / static_cast<double>(rate_) * 1e9)};
  }

 private:
  std::int64_t rate_;
  instant free_at_;
};

class stepped_rate final : public transmitter {
 public:
  stepped_rate(std::uint64_t rate, const timed_values& steps, instant began, instant free_from)
      : rate_(rate), free_at_(free_from) {
    for (const timed_value& each : steps) steps_.push_back({each.from + (began - instant{}), each.value});
  }

  instant next_start(instant now) override { return std::max(now, free_at_); }
  instant send(instant start, std::size_t size) override {
    auto bits = static_cast<std::int64_t>(size) * 8;
    instant at = start;
    for (;;) {
      while (next_ < steps_.size() && steps_[next_].from <= at) rate_ = steps_[next_++].value;
      if (rate_ == 0 || bits == 0) return free_at_ = at;
      const auto rate = static_cast<std::int64_t>(rate_);
      const instant done = at + time_of(bits, rate);
      if (next_ == steps_.size() || done <= steps_[next_].from) return free_at_ = done;
      bits = std::max<std::int64_t>(bits - carried(rate, steps_[next_].from - at), 0);
      at = steps_[next_].from;
    }
  }
  instant idle_from() const override { return free_at_; }
  duration longest(double size) const override {
    std::uint64_t slowest = rate_;
    for (const timed_value& each : steps_)
      if (slowest == 0 || (each.value != 0 && each.value < slowest)) slowest = each.value;
    return slowest == 0 ? duration{} : constant_rate(slowest).longest(size);
  }

 private:
  // Whole bits that pass in a span that is too short for all of them: no product here exceeds them by much.
  static std::int64_t carried(std::int64_t rate, duration span) {
    const std::int64_t seconds = span.nanoseconds / second;
    const std::int64_t rest = span.nanoseconds % second;
    return rate * seconds + rate / second * rest + rate % second * rest / second;
  }

  std::uint64_t rate_;
  timed_values steps_;
  std::size_t next_ = 0;
  instant free_at_;
};

// Opportunities are numbered through all rounds of the trace. What an opportunity has left is for frames that are there
// at its instant; a larger frame takes several.
class traced final : public transmitter {
 public:
  traced(std::shared_ptr<const std::vector<std::uint64_t>> milliseconds, instant began, instant free_from)
      : at_(std::move(milliseconds)), began_(began), sent_(free_from) {
    if (free_from > began) move_to(first_from(free_from));
  }

  instant next_start(instant now) override {
    if (instant_of(opportunity_) < now) move_to(first_from(now));
    if (used_ >= opportunity_octets) move_to(opportunity_ + 1);
    return instant_of(opportunity_);
  }
  instant send(instant, std::size_t size) override {
    while (size > opportunity_octets - used_) {
      size -= opportunity_octets - used_;
      move_to(opportunity_ + 1);
    }
    used_ += size;
    sent_ = instant_of(opportunity_);
    return sent_;
  }
  instant idle_from() const override { return sent_; }
  duration longest(double size) const override {
    // Whatever the phase: one opportunity more than fill up, between the two that lie farthest apart.
    const auto count = static_cast<std::uint64_t>(size / static_cast<double>(opportunity_octets)) + 2;
    std::uint64_t most = 0;
    for (std::uint64_t from = 0; from < at_->size(); ++from)
      most = std::max(most, millisecond_of(from + count) - millisecond_of(from));
    return duration{static_cast<std::int64_t>(most) * 1'000'000};
  }

 private:
  std::uint64_t millisecond_of(std::uint64_t number) const {
    return number / at_->size() * at_->back() + (*at_)[number % at_->size()];
  }
  instant instant_of(std::uint64_t number) const {
    return began_ + duration{static_cast<std::int64_t>(millisecond_of(number)) * 1'000'000};
  }
  // The last opportunity of a round may coincide with the first of the next one.
  std::uint64_t first_from(instant now) const {
    const auto since = static_cast<std::uint64_t>((now - began_).nanoseconds);
    const std::uint64_t wanted = (since + 999'999) / 1'000'000;
    const std::uint64_t round = wanted == 0 ? 0 : (wanted - 1) / at_->back();
    const auto found = std::lower_bound(at_->begin(), at_->end(), wanted - round * at_->back());
    return round * at_->size() + static_cast<std::uint64_t>(found - at_->begin());
  }
  void move_to(std::uint64_t opportunity) {
    opportunity_ = opportunity;
    used_ = 0;
  }

  std::shared_ptr<const std::vector<std::uint64_t>> at_;
  instant began_;
  std::uint64_t opportunity_ = 0;
  std::uint64_t used_ = 0;
  instant sent_;
};

}  // namespace

std::unique_ptr<transmitter> make_transmitter(const channel_settings& settings, instant began, instant free_from) {
  if (const auto& trace = settings.further.get<delivery_trace>("trace"); trace.milliseconds != nullptr)
    return std::make_unique<traced>(trace.milliseconds, began, free_from);
  if (const auto& steps = settings.further.get<timed_values>("rate_changes"); !steps.empty())
    return std::make_unique<stepped_rate>(settings.rate, steps, began, free_from);
  if (settings.rate == 0) return nullptr;
  return std::make_unique<constant_rate>(settings.rate, free_from);
}

std::uint64_t mean_rate(const channel_settings& settings) {
  const auto& trace = settings.further.get<delivery_trace>("trace");
  if (trace.milliseconds == nullptr) return settings.rate;
  return trace.milliseconds->size() * opportunity_octets * 8 * 1000 / trace.milliseconds->back();
}

}  // namespace seqwire
