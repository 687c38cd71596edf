#include "lab/workload/arrivals.hpp"

#include <algorithm>

#include "sim/random_variates.hpp"

namespace seqwire {
namespace {

// Later than any run ends, and early enough for sums with other times.
constexpr duration end_of_time = 3600_s * 24 * 365 * 100;

// Means are at most a year, variates at most 37: within 64 bits.
duration exponential(duration mean, const random_stream& from, std::uint64_t index) {
  const double span = exponential_variate(from, index) * static_cast<double>(mean.nanoseconds);
  return {static_cast<std::int64_t>(span + 0.5)};
}

}  // namespace

arrivals::arrivals(const flow_settings& of, const random_stream& random)
    : settings_(of.workload),
      count_(of.workload.kind == workload_kind::trace ? of.workload.trace.records->size() : of.records),
      size_(of.record_size),
      interval_(interval_of(of)),
      intervals_(random.fork("intervals")),
      sizes_(random.fork("sizes")),
      phases_(random.fork("phases")) {
  if (settings_.kind == workload_kind::on_off)
    on_until_ = drawn(settings_.on_off, settings_.on_time, phases_, phase_++);
}

std::optional<arrival> arrivals::next() {
  if (made_ == count_) return std::nullopt;
  const std::uint64_t number = made_++;
  if (settings_.kind == workload_kind::trace) return (*settings_.trace.records)[number];
  return arrival{std::min(due_of(number), end_of_time), size_of(number)};
}

duration arrivals::due_of(std::uint64_t number) {
  const bool first = number == 0;
  clock_ = std::min(clock_, end_of_time);
  switch (settings_.kind) {
    case workload_kind::bulk:
    case workload_kind::trace: break;
    case workload_kind::constant:
      if (!first) clock_ += interval_;
      break;
    case workload_kind::poisson: clock_ += exponential(interval_, intervals_, number); break;
    case workload_kind::on_off:
      if (!first) clock_ += interval_;
      return clock_with_pauses();
    case workload_kind::request_response:
      if (first) break;
      return drawn(settings_.thinking, settings_.think_time, intervals_, number);
  }
  return clock_;
}

duration arrivals::clock_with_pauses() {
  while (clock_ >= on_until_ && paused_ < end_of_time) {
    paused_ += drawn(settings_.on_off, settings_.off_time, phases_, phase_++);
    on_until_ += drawn(settings_.on_off, settings_.on_time, phases_, phase_++);
  }
  return clock_ + paused_;
}

std::uint64_t arrivals::size_of(std::uint64_t number) const {
  const auto bounded = [&](double factor) {
    const double drawn_size = factor * static_cast<double>(size_) + 0.5;
    if (drawn_size >= static_cast<double>(settings_.maximum_size)) return settings_.maximum_size;
    return std::max(settings_.minimum_size, static_cast<std::uint64_t>(drawn_size));
  };
  switch (settings_.sizes) {
    case size_distribution::fixed: break;
    case size_distribution::uniform:
      return settings_.minimum_size + sizes_.below(settings_.maximum_size - settings_.minimum_size + 1, number);
    case size_distribution::exponential: return bounded(exponential_variate(sizes_, number));
    case size_distribution::pareto: return bounded(pareto_variate(sizes_, settings_.pareto_shape, number));
  }
  return size_;
}

duration arrivals::drawn(span_distribution how, duration mean, const random_stream& from, std::uint64_t index) const {
  return how == span_distribution::fixed ? mean : exponential(mean, from, index);
}

}  // namespace seqwire
