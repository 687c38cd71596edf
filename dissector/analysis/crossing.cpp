#include "dissector/analysis/crossing.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <vector>

namespace seqwire {
namespace {

constexpr std::size_t nowhere = SIZE_MAX;
constexpr std::size_t fewest_gaps = 20;      // that a rate is told from
constexpr double widest_gaps = 0.05;         // from the lower quartile to the upper one, of the median
constexpr std::int64_t closer_together = 2;  // times closer when sent than when they arrived: the link spread them

// The same packet wherever it is seen. With ids nothing else counts.
auto key_of(const passage& of, bool by_id) {
  return by_id ? std::tuple(std::int64_t{0}, *of.id) : std::tuple(of.number, of.variable);
}

std::int64_t delay(const passage& from, const passage& to) { return to.at.nanoseconds - from.at.nanoseconds; }

// Which passage at the second is the arrival of each at the first, and which are copies of it.
class matching {
 public:
  matching(std::span<const passage> first, std::span<const passage> second, bool by_id)
      : first_(first), second_(second), arrival_(first.size(), nowhere), original_(second.size(), nowhere) {
    const std::vector<std::size_t> sent = by_key(first, by_id), seen = by_key(second, by_id);
    std::vector<group> unclear;
    for (std::size_t s = 0, a = 0; s < sent.size() && a < seen.size();) {
      const auto key = key_of(first[sent[s]], by_id), other = key_of(second[seen[a]], by_id);
      const group both{s, end_of(sent, s, first, by_id), a, end_of(seen, a, second, by_id)};
      if (key == other && both.sent_end - s == 1) settle(sent[s], {&seen[a], both.seen_end - a});
      if (key == other && both.sent_end - s > 1) unclear.push_back(both);
      if (key <= other) s = both.sent_end;
      if (other <= key) a = both.seen_end;
    }
    const std::int64_t usual = median_delay();
    for (const group& each : unclear)
      settle_unclear({&sent[each.sent], each.sent_end - each.sent}, {&seen[each.seen], each.seen_end - each.seen},
                     usual);
  }

  std::size_t arrival_of(std::size_t sent) const { return arrival_[sent]; }    // nowhere: it did not arrive
  std::size_t original_of(std::size_t seen) const { return original_[seen]; }  // nowhere: it was not sent
  bool is_copy(std::size_t seen) const { return original_[seen] != nowhere && arrival_[original_[seen]] != seen; }

 private:
  struct group {  // from and to, in the orders by key
    std::size_t sent, sent_end, seen, seen_end;
  };

  static std::vector<std::size_t> by_key(std::span<const passage> of, bool by_id) {
    std::vector<std::size_t> order(of.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
      return key_of(of[left], by_id) < key_of(of[right], by_id);
    });
    return order;
  }
  static std::size_t end_of(const std::vector<std::size_t>& order, std::size_t from, std::span<const passage> of,
                            bool by_id) {
    std::size_t end = from + 1;
    while (end < order.size() && key_of(of[order[end]], by_id) == key_of(of[order[from]], by_id)) ++end;
    return end;
  }

  // One was sent: what came first is it, the others are copies.
  void settle(std::size_t sent, std::span<const std::size_t> seen) {
    arrival_[sent] = seen.front();
    for (const std::size_t each : seen) original_[each] = sent;
  }

  void settle_unclear(std::span<const std::size_t> sent, std::span<const std::size_t> seen, std::int64_t usual) {
    for (const std::size_t arrived : seen) {
      const auto far_off = [&](std::size_t each) {
        return std::tuple(arrival_[each] != nowhere, std::abs(delay(first_[each], second_[arrived]) - usual));
      };
      const std::size_t best = *std::min_element(sent.begin(), sent.end(), [&](std::size_t left, std::size_t right) {
        return far_off(left) < far_off(right);
      });
      if (arrival_[best] == nowhere) arrival_[best] = arrived;
      original_[arrived] = best;
    }
  }

  std::int64_t median_delay() const {
    std::vector<std::int64_t> delays;
    for (std::size_t i = 0; i < arrival_.size(); ++i)
      if (arrival_[i] != nowhere) delays.push_back(delay(first_[i], second_[arrival_[i]]));
    if (delays.empty()) return 0;
    const auto middle = delays.begin() + static_cast<std::ptrdiff_t>(delays.size() / 2);
    std::nth_element(delays.begin(), middle, delays.end());
    return *middle;
  }

  std::span<const passage> first_;
  std::span<const passage> second_;
  std::vector<std::size_t> arrival_;
  std::vector<std::size_t> original_;
};

// Packets that a link of limited rate carries one after the other are as far apart as their own time on it.
std::optional<std::uint64_t> rate_of(std::span<const passage> first, std::span<const passage> second,
                                     const matching& both) {
  std::vector<double> rates;
  std::size_t before = nowhere;  // at the second
  for (std::size_t seen = 0; seen < second.size(); ++seen) {
    if (both.original_of(seen) == nowhere || both.is_copy(seen)) continue;
    const std::size_t last = std::exchange(before, seen);
    if (last == nowhere || both.original_of(seen) != both.original_of(last) + 1) continue;
    const std::int64_t sent_apart = delay(first[both.original_of(last)], first[both.original_of(seen)]);
    const std::int64_t seen_apart = delay(second[last], second[seen]);
    if (seen_apart > 0 && sent_apart * closer_together < seen_apart)
      rates.push_back(8e9 * second[seen].octets / static_cast<double>(seen_apart));
  }
  if (rates.size() < fewest_gaps) return std::nullopt;
  std::sort(rates.begin(), rates.end());
  const double middle = rates[rates.size() / 2];
  if (rates[rates.size() * 3 / 4] - rates[rates.size() / 4] > widest_gaps * middle) return std::nullopt;
  return static_cast<std::uint64_t>(middle + 0.5);
}

}  // namespace

passage passage::of(const packet_facts& packet, absolute_number number) {
  const sequenced_header& header = packet.header;
  const std::uint64_t flags = (header.system ? 8u : 0u) | (header.acknowledgement_request ? 4u : 0u) |
                              (header.attention ? 2u : 0u) | (header.end_of_record ? 1u : 0u);
  passage made{.number = number, .at = packet.at, .octets = static_cast<std::uint32_t>(packet.octets)};
  made.variable = flags << 40 | std::uint64_t{header.datastream_type} << 32 |
                  std::uint64_t{header.acknowledgement} << 16 | header.allocation;
  if (packet.packet) made.id = packet.packet->id;
  return made;
}

crossing measure_crossing(std::span<const passage> first, std::span<const passage> second, common_ground by) {
  const matching both(first, second, by == common_ground::ids);
  std::size_t begin = 0, end = first.size();
  if (by == common_ground::nothing) {  // another file may have begun later, or ended before
    while (begin < end && both.arrival_of(begin) == nowhere) ++begin;
    while (end > begin && both.arrival_of(end - 1) == nowhere) --end;
  }
  crossing found;
  found.rate = rate_of(first, second, both);
  std::vector<std::int64_t> delays, delays_of_rate;
  std::vector<bool> lost;
  for (std::size_t sent = begin; sent < end; ++sent) {
    const std::size_t seen = both.arrival_of(sent);
    ++found.sent;
    lost.push_back(seen == nowhere);
    if (seen == nowhere) continue;
    ++found.arrived;
    delays.push_back(delay(first[sent], second[seen]));
    if (found.rate)
      delays_of_rate.push_back(delays.back() -
                               static_cast<std::int64_t>(8e9 * first[sent].octets / static_cast<double>(*found.rate)));
  }
  found.losses = fit_losses(lost);
  if (!delays.empty()) found.least_delay = *std::min_element(delays.begin(), delays.end());
  if (!delays_of_rate.empty())
    found.least_delay_of_rate = *std::min_element(delays_of_rate.begin(), delays_of_rate.end());
  for (const std::int64_t each : delays) found.delay_above_least.add(each - found.least_delay);

  std::size_t furthest = 0;  // one beyond the latest sent that has arrived
  for (std::size_t seen = 0; seen < second.size(); ++seen) {
    const std::size_t sent = both.original_of(seen);
    if (sent == nowhere) {
      ++found.unexpected;
    } else if (both.is_copy(seen)) {
      ++found.copied;
      found.longest_copy_delay = std::max(found.longest_copy_delay, delay(second[both.arrival_of(sent)], second[seen]));
    } else if (sent + 1 < furthest) {
      found.late_by.add(static_cast<std::int64_t>(furthest - 1 - sent));
      found.longest_late_delay =
          std::max(found.longest_late_delay, delay(first[sent], second[seen]) - found.least_delay);
    } else {
      furthest = sent + 1;
    }
  }
  return found;
}

std::optional<std::int64_t> least_delay(std::span<const passage> first, std::span<const passage> second,
                                        common_ground by) {
  const matching both(first, second, by == common_ground::ids);
  std::optional<std::int64_t> least;
  for (std::size_t sent = 0; sent < first.size(); ++sent)
    if (const std::size_t seen = both.arrival_of(sent); seen != nowhere)
      least = std::min(least.value_or(INT64_MAX), delay(first[sent], second[seen]));
  return least;
}

}  // namespace seqwire
