#include "sim/channel.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace seqwire {
namespace {
// Lanes of the random stream: one for each decision about a frame, so that adding one shifts no other.
enum lane : std::uint32_t {
  lane_loss,
  lane_reordering,
  lane_held,
  lane_duplication,
  lane_copy,
  lane_corruption,
  lane_bit
};
}  // namespace

std::string to_string(const channel_verdict& verdict) {
  switch (verdict.what) {
    case channel_verdict::fate::lost: return "lost";
    case channel_verdict::fate::dropped_by_list: return "dropped by list";
    case channel_verdict::fate::queue_full: return "dropped: queue full";
    case channel_verdict::fate::overflow: return "dropped: too much under way";
    case channel_verdict::fate::down: return "lost: link down";
    case channel_verdict::fate::delivered: break;
  }
  std::string text = "delivered";
  if (verdict.corrupted_bit) text += fmt::format("; corrupted: bit {} flipped", *verdict.corrupted_bit);
  if (verdict.reordered) text += "; held back";
  if (verdict.duplicated) text += "; duplicated";
  return text;
}

channel::channel(schedule& time, channel_settings settings, const random_stream& random, receiver deliver)
    : schedule_(time), settings_(std::move(settings)), random_(random), deliver_(std::move(deliver)) {
  require(std::is_sorted(settings_.drop.begin(), settings_.drop.end()));
}

duration frame_life(const channel_settings& settings, std::size_t largest_frame) {
  duration life = settings.delay;
  if (settings.reordering > 0) life += settings.reordering_delay;
  if (settings.duplication > 0) life += settings.duplication_delay;
  if (settings.rate != 0) {
    const double octets_each = static_cast<double>(largest_frame) + static_cast<double>(settings.overhead);
    const double bits = static_cast<double>(settings.queue + 2) * std::max(octets_each, 0.0) * 8;
    life += duration{static_cast<std::int64_t>(bits / static_cast<double>(settings.rate) * 1e9)};
  }
  return life;
}

// When the frame's last bit has left, or nothing if there is no room to wait.
std::optional<instant> channel::departure(instant now, std::size_t size) {
  if (settings_.rate == 0) return now;
  while (!service_starts_.empty() && service_starts_.front() <= now) service_starts_.pop_front();
  if (service_starts_.size() >= settings_.queue && free_at_ > now) return std::nullopt;
  const instant start = std::max(now, free_at_);
  const std::int64_t on_link = std::max<std::int64_t>(static_cast<std::int64_t>(size) + settings_.overhead, 0);
  const std::int64_t bits = on_link * 8;
  const auto rate = static_cast<std::int64_t>(settings_.rate);
  // In two steps: bits times a thousand million would overflow for large frames on very slow links.
  free_at_ = start + duration{bits / rate * 1'000'000'000 + bits % rate * 1'000'000'000 / rate};
  if (start > now) service_starts_.push_back(start);
  return free_at_;
}

channel_verdict::fate channel::early_fate(std::uint64_t ordinal) const {
  using fate = channel_verdict::fate;
  if (down_) return fate::down;
  if (std::binary_search(settings_.drop.begin(), settings_.drop.end(), ordinal)) return fate::dropped_by_list;
  if (settings_.loss > 0 && random_.uniform(ordinal, lane_loss) < settings_.loss) return fate::lost;
  return fate::delivered;
}

channel_verdict channel::send(instant now, const channel_frame& frame) {
  const std::uint64_t ordinal = ordinal_++;
  ++statistics_.offered;
  channel_verdict verdict{.what = early_fate(ordinal), .corrupted_bit = {}};
  switch (verdict.what) {
    case channel_verdict::fate::down: ++statistics_.down; return verdict;
    case channel_verdict::fate::dropped_by_list: ++statistics_.dropped_by_list; return verdict;
    case channel_verdict::fate::lost: ++statistics_.lost; return verdict;
    default: break;
  }
  if (!fits(frame.contents.size())) {
    ++statistics_.overflow;
    verdict.what = channel_verdict::fate::overflow;
    return verdict;
  }
  const auto left = departure(now, frame.contents.size());
  if (!left) {
    ++statistics_.queue_full;
    verdict.what = channel_verdict::fate::queue_full;
    return verdict;
  }
  instant arrival = *left + settings_.delay;
  channel_frame arriving = frame;
  const std::size_t corruptible = frame.contents.size() - std::min(frame.contents.size(), settings_.corruption_offset);
  if (corruptible > 0 && settings_.corruption > 0 && random_.uniform(ordinal, lane_corruption) < settings_.corruption) {
    verdict.corrupted_bit = 8 * settings_.corruption_offset + random_.below(8 * corruptible, ordinal, lane_bit);
    arriving.contents = with_flipped_bit(frame.contents, *verdict.corrupted_bit);
    ++statistics_.corrupted;
  }
  if (settings_.reordering > 0 && random_.uniform(ordinal, lane_reordering) < settings_.reordering) {
    verdict.reordered = true;
    ++statistics_.reordered;
    arrival += duration{static_cast<std::int64_t>(
        random_.below(static_cast<std::uint64_t>(settings_.reordering_delay.nanoseconds) + 1, ordinal, lane_held))};
  }
  if (settings_.duplication > 0 && random_.uniform(ordinal, lane_duplication) < settings_.duplication) {
    verdict.duplicated = true;
    ++statistics_.duplicated;
    const duration later{static_cast<std::int64_t>(
        random_.below(static_cast<std::uint64_t>(settings_.duplication_delay.nanoseconds) + 1, ordinal, lane_copy))};
    launch(arrival + later, arriving, ordinal);
  }
  launch(arrival, std::move(arriving), ordinal);
  return verdict;
}

void channel::launch(instant at, channel_frame frame, std::uint64_t ordinal) {
  std::uint64_t slot = flights_.size();
  if (free_slots_.empty()) {
    flights_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  under_way_ += memory_of(frame.contents.size());
  flights_[slot] = {std::move(frame), ordinal};
  schedule_.at(at, *this, slot);
}

void channel::on_event(instant now, std::uint64_t token) {
  const flight arrived = std::exchange(flights_[token], flight{});
  free_slots_.push_back(token);
  under_way_ -= memory_of(arrived.frame.contents.size());
  ++statistics_.delivered;
  statistics_.octets_delivered += arrived.frame.contents.size();
  if (arrived.ordinal + 1 < newest_delivered_) ++statistics_.overtaken;
  newest_delivered_ = std::max(newest_delivered_, arrived.ordinal + 1);
  deliver_(now, arrived.frame);
}

slice channel::with_flipped_bit(const slice& contents, std::uint64_t bit) {
  octets changed(contents.view().begin(), contents.view().end());
  changed[bit / 8] = static_cast<octet>(changed[bit / 8] ^ (0x80u >> (bit % 8)));
  return slice::owning(std::move(changed));
}

}  // namespace seqwire
