#include "sim/channel.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/registry.hpp"

namespace seqwire {
namespace {

constexpr std::size_t most_flows = 65'536;  // that are counted apart: packets may come from anywhere

const queue_type& queue_type_of(const channel_settings& settings) {
  const auto& wanted = settings.further.get<std::string>("queue_discipline");
  const auto types = queue_types();
  const auto found =
      std::find_if(types.begin(), types.end(), [&](const queue_type& each) { return each.name == wanted; });
  require(found != types.end());
  return *found;
}

// The octets on the link that may be ahead of a frame and are still under way, its own and one in service included.
double most_ahead(const channel_settings& settings, const queue_discipline& queue, std::size_t largest_frame) {
  const auto overhead = static_cast<double>(settings.overhead);
  const double largest = std::max(static_cast<double>(largest_frame) + overhead, 0.0);
  if (queue.longest_wait != duration::maximum()) return 2 * largest;
  if (queue.bounded) return static_cast<double>(settings.queue + 2) * largest;
  // Only their memory bounds them: they take most on the link when they are all as large as can be, or empty.
  const auto room = static_cast<double>(settings.memory);
  const double if_large = room / static_cast<double>(channel::memory_of(largest_frame)) * largest;
  return std::max(if_large, room / static_cast<double>(channel::memory_of(0)) * std::max(overhead, 0.0)) + 2 * largest;
}

}  // namespace

duration frame_life(const channel_settings& settings, std::size_t largest_frame) {
  const random_stream none(0);
  duration life = settings.delay;
  for (const timed_value& each : settings.further.get<timed_values>("delay_changes"))
    life = std::max(life, duration{static_cast<std::int64_t>(each.value)});
  for (const impairment_type& type : impairment_types())
    if (const auto made = type.make(settings, none)) life += made->longest_hold();
  if (const auto sender = make_transmitter(settings, instant{})) {
    const queue_discipline queue = queue_type_of(settings).make(settings, none);
    life += sender->longest(most_ahead(settings, queue, largest_frame));
    if (queue.longest_wait != duration::maximum()) life += queue.longest_wait;
  }
  return life;
}

std::string to_string(const channel_verdict& verdict) {
  using fate = channel_verdict::fate;
  std::string text = verdict.what == fate::queued ? "queued" : "delivered";
  switch (verdict.what) {
    case fate::lost: return verdict.by.empty() ? "lost" : fmt::format("lost: {}", verdict.by);
    case fate::dropped_by_list: return "dropped by list";
    case fate::queue_full: return "dropped: queue full";
    case fate::overflow: return "dropped: too much under way";
    case fate::down: return "lost: link down";
    case fate::dropped_early: return fmt::format("dropped: {}", verdict.by);
    case fate::queued:
    case fate::delivered: break;
  }
  if (verdict.corrupted_bit) text += fmt::format("; corrupted: bit {} flipped", *verdict.corrupted_bit);
  if (!verdict.damage.empty()) text += fmt::format("; corrupted: {}", verdict.damage);
  if (verdict.reordered) text += "; held back";
  if (verdict.duplicated) text += "; duplicated";
  if (verdict.marked) text += "; marked";
  return text;
}

channel::channel(schedule& time, channel_settings settings, const random_stream& random, receiver deliver,
                 channel_hooks hooks)
    : schedule_(time),
      settings_(std::move(settings)),
      random_(random),
      began_(time.now()),
      deliver_(std::move(deliver)),
      hooks_(std::move(hooks)) {
  configure({});
}

void channel::configure(instant free_from) {
  transmitter_ = make_transmitter(settings_, began_, free_from);
  delays_ = settings_.further.get<timed_values>("delay_changes");
  queue_octets_ = settings_.further.get<std::uint64_t>("queue_octets");
  marks_ = settings_.further.get<bool>("ecn");
  const queue_type& type = queue_type_of(settings_);
  queue_ = type.make(settings_, random_);
  queue_name_ = type.name;
  impairments_.clear();
  counts_data_ = false;
  std::vector<impairment_count>& counts = statistics_.impairments;
  for (const impairment_type& each : impairment_types()) {
    auto made = each.make(settings_, random_);
    if (made == nullptr) continue;
    counts_data_ = counts_data_ || made->counts_data();
    const auto known =
        std::find_if(counts.begin(), counts.end(), [&](const impairment_count& of) { return of.name == each.name; });
    impairments_.push_back({std::move(made), static_cast<std::size_t>(known - counts.begin())});
    if (known == counts.end()) counts.push_back({each.name});
  }
}

void channel::change(channel_settings settings) {
  const instant now = schedule_.now();
  std::vector<waiting_frame> waiting;
  if (queue_.on_departure)
    while (auto next = queue_.on_departure->dequeue(now, *this)) waiting.push_back(std::move(*next));
  settings_ = std::move(settings);
  configure(transmitter_ != nullptr ? transmitter_->idle_from() : now);
  for (waiting_frame& each : waiting) {
    if (queue_.on_departure && transmitter_ != nullptr) {
      queue_.on_departure->enqueue(now, std::move(each), *this);
      continue;
    }
    under_way_ -= memory_of(each.frame.contents.size());
    carry(transmitter_ != nullptr ? depart(now, each.octets) : now, each.frame, each.ordinal, each.effects);
  }
  if (queue_.on_departure && transmitter_ != nullptr) serve(now);
}

void channel::heal() {
  settings_.loss = settings_.reordering = settings_.duplication = settings_.corruption = 0;
  std::erase_if(impairments_, [](const active_impairment& each) { return each.what->heals(); });
}

std::optional<std::uint64_t> channel::data_ordinal(const frame_class& of) {
  if (!of.data) return std::nullopt;
  const bool known = data_packets_.size() < most_flows || data_packets_.contains(of.flow);
  return data_packets_[known ? of.flow : 0]++;
}

// False: it is lost.
bool channel::impair(instant now, std::uint64_t ordinal, const frame_class& of, frame_effects& effects,
                     channel_verdict& verdict) {
  const frame_event event{.now = instant{} + (now - began_),
                          .ordinal = ordinal,
                          .data_ordinal = counts_data_ ? data_ordinal(of) : std::nullopt,
                          .first_octet = settings_.corruption_offset};
  for (const active_impairment& each : impairments_) {
    const bool lost_before = effects.lost;
    if (!each.what->on_frame(event, effects) || lost_before) continue;
    impairment_count& count = statistics_.impairments[each.count];
    ++count.frames;
    if (effects.lost) verdict.by = count.name == "loss" ? std::string_view{} : count.name;
  }
  if (effects.lost) {
    verdict.what =
        effects.listed && verdict.by == "drop" ? channel_verdict::fate::dropped_by_list : channel_verdict::fate::lost;
    ++(verdict.what == channel_verdict::fate::lost ? statistics_.lost : statistics_.dropped_by_list);
    return false;
  }
  verdict.corrupted_bit = effects.corrupted_bit;
  verdict.damage = effects.damage;
  verdict.reordered = effects.held_back || effects.at_once;
  verdict.duplicated = !effects.copies.empty();
  return true;
}

std::size_t channel::octets_on_link(std::size_t frame_size) const {
  return static_cast<std::size_t>(
      std::max<std::int64_t>(static_cast<std::int64_t>(frame_size) + settings_.overhead, 0));
}

// Nothing but carriage: what most links do, and what a simulator's speed hangs on.
channel_verdict channel::send_plainly(instant now, const channel_frame& frame, std::uint64_t ordinal) {
  channel_verdict verdict;
  const std::size_t size = octets_on_link(frame.contents.size());
  if (!fits(frame.contents.size())) {
    ++statistics_.overflow;
    verdict.what = channel_verdict::fate::overflow;
  } else if (transmitter_ != nullptr && !has_room(now, size)) {
    ++statistics_.queue_full;
    verdict.what = channel_verdict::fate::queue_full;
  } else {
    const instant left = transmitter_ != nullptr ? depart(now, size) : now;
    launch(left + delay_at(left), frame, ordinal);
  }
  return verdict;
}

channel_verdict channel::send(instant now, const channel_frame& frame) {
  const std::uint64_t ordinal = ordinal_++;
  ++statistics_.offered;
  channel_verdict verdict;
  if (down_) {
    ++statistics_.down;
    verdict.what = channel_verdict::fate::down;
    return verdict;
  }
  if (impairments_.empty() && !queue_.on_arrival && !queue_.on_departure) return send_plainly(now, frame, ordinal);
  frame_class of;
  if (hooks_.classify && (counts_data_ || queue_.on_departure))
    of = hooks_.classify(frame.contents.view().subspan(std::min(frame.contents.size(), settings_.corruption_offset)));
  frame_effects effects{.contents = frame.contents};
  if (!impairments_.empty() && !impair(now, ordinal, of, effects, verdict)) return verdict;
  if (!fits(frame.contents.size())) {
    ++statistics_.overflow;
    verdict = {.what = channel_verdict::fate::overflow};
    return verdict;
  }
  const std::size_t size = octets_on_link(frame.contents.size());
  if (transmitter_ == nullptr) {
    carry(now, frame, ordinal, effects);
  } else if (queue_.on_departure) {
    wait_in_turn(now, {frame, of, ordinal, now, size, std::move(effects)}, verdict);
  } else if (admit(now, ordinal, size, effects, verdict)) {
    carry(depart(now, size), frame, ordinal, effects);
  }
  return verdict;
}

bool channel::has_room(instant now, std::size_t size) {
  const bool full = (waiting(now) >= settings_.queue && queue_.bounded) ||
                    (queue_octets_ != 0 && octets_waiting_ + size > queue_octets_);
  return !full || transmitter_->next_start(now) <= now;
}

// Whether a frame may wait in order of arrival, or be sent at once.
bool channel::admit(instant now, std::uint64_t ordinal, std::size_t size, frame_effects& effects,
                    channel_verdict& verdict) {
  const std::size_t frames_waiting = waiting(now);
  using decision = arrival_discipline::decision;
  decision decided = decision::take;
  if (queue_.on_arrival)
    decided =
        queue_.on_arrival->on_arrival({now, ordinal, size, frames_waiting, octets_waiting_, transmitter_->idle_from()});
  if (!has_room(now, size)) {
    ++statistics_.queue_full;
    verdict = {.what = channel_verdict::fate::queue_full};
    return false;
  }
  if (decided == decision::take) return true;
  if (decided != decision::drop && hooks_.mark) {
    if (auto marked = hooks_.mark(effects.contents)) {
      effects.contents = std::move(*marked);
      ++statistics_.marked;
      return verdict.marked = true;
    }
  }
  if (decided == decision::mark_or_take) return true;
  ++statistics_.dropped_early;
  verdict = {.what = channel_verdict::fate::dropped_early, .by = queue_name_};
  return false;
}

std::size_t channel::waiting(instant now) {
  if (queue_.on_departure) return queue_.on_departure->frames();
  while (!waiting_.empty() && waiting_.front().starts <= now) {
    octets_waiting_ -= waiting_.front().octets;
    waiting_.pop_front();
  }
  return waiting_.size();
}

// When the last bit of a frame that was admitted has left.
instant channel::depart(instant now, std::size_t size) {
  const instant start = transmitter_->next_start(now);
  if (start > now) {
    waiting_.push_back({start, size});
    octets_waiting_ += size;
    statistics_.most_waiting = std::max<std::size_t>(statistics_.most_waiting, waiting_.size());
    count_wait(start - now);
  }
  const instant left = transmitter_->send(start, size);
  statistics_.busy += left - start;
  return left;
}

void channel::count_wait(duration wait) {
  statistics_.waited += wait;
  statistics_.longest_wait = std::max(statistics_.longest_wait, wait);
}

void channel::wait_in_turn(instant now, waiting_frame frame, channel_verdict& verdict) {
  under_way_ += memory_of(frame.frame.contents.size());
  being_queued_ = frame.ordinal;
  refused_.reset();
  queue_.on_departure->enqueue(now, std::move(frame), *this);
  if (refused_) verdict = {.what = channel_verdict::fate::queue_full};
  else verdict.what = channel_verdict::fate::queued;
  serve(now);
}

// Sends what can begin now; an event when the next one can.
void channel::serve(instant now) {
  while (queue_.on_departure->frames() != 0) {
    const instant start = transmitter_->next_start(now);
    if (start > now) {
      statistics_.most_waiting = std::max(statistics_.most_waiting, queue_.on_departure->frames());
      if (!service_scheduled_) schedule_.at(start, *this, token_service);
      service_scheduled_ = true;
      return;
    }
    auto next = queue_.on_departure->dequeue(now, *this);
    if (!next) return;
    under_way_ -= memory_of(next->frame.contents.size());
    count_wait(now - next->entered);
    const instant left = transmitter_->send(start, next->octets);
    statistics_.busy += left - start;
    carry(left, next->frame, next->ordinal, next->effects);
  }
}

void channel::drop(waiting_frame frame, reason why) {
  under_way_ -= memory_of(frame.frame.contents.size());
  if (frame.ordinal == being_queued_) refused_ = why;
  switch (why) {
    case reason::full: ++statistics_.queue_full; return;
    case reason::early: ++statistics_.dropped_early; return;
    case reason::expired: ++statistics_.dropped_late; return;
  }
}

bool channel::mark(waiting_frame& frame) {
  if (!marks_ || !hooks_.mark) return false;
  auto marked = hooks_.mark(frame.effects.contents);
  if (!marked) return false;
  frame.effects.contents = std::move(*marked);
  ++statistics_.marked;
  return true;
}

duration channel::delay_at(instant left) const {
  if (delays_.empty()) return settings_.delay;
  const auto before = static_cast<std::uint64_t>(settings_.delay.nanoseconds);
  return duration{static_cast<std::int64_t>(value_at(delays_, instant{} + (left - began_), before))};
}

// The frame has left the link's sender: it propagates, and its copies with it.
void channel::carry(instant left, const channel_frame& frame, std::uint64_t ordinal, frame_effects& effects) {
  const instant usual = effects.at_once ? left : left + delay_at(left);
  instant arrival = std::max(usual + effects.later, left);
  if (effects.in_order) arrival = std::max(arrival, newest_arrival_);
  if (!effects.held_back) newest_arrival_ = std::max(newest_arrival_, arrival);
  if (effects.corrupted_bit || !effects.damage.empty()) ++statistics_.corrupted;
  if (effects.held_back || effects.at_once) ++statistics_.reordered;
  channel_frame arriving{std::move(effects.contents), frame.packet_id, frame.source};
  for (const duration later : effects.copies) {
    if (&later != effects.copies.data() && !fits(arriving.contents.size())) break;
    ++statistics_.duplicated;
    launch(arrival + later, arriving, ordinal);
  }
  if (effects.behind != 0) return hold(usual, arrival, {std::move(arriving), ordinal}, effects.behind);
  launch(arrival, std::move(arriving), ordinal);
  if (!held_.empty()) pass_held(arrival);
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
  schedule_.at(at, *this, slot * token_kinds + token_flight);
}

void channel::hold(instant usual, instant latest, flight what, std::uint64_t behind) {
  const std::uint64_t ordinal = what.ordinal;
  under_way_ += memory_of(what.frame.contents.size());
  held_.emplace(ordinal, held_frame{std::move(what), behind, usual, latest});
  schedule_.at(latest, *this, ordinal * token_kinds + token_held);
}

// A later frame arrives then: one fewer for those that wait for it. They never arrive later than they said.
void channel::pass_held(instant arrival) {
  for (auto each = held_.begin(); each != held_.end();) {
    held_frame& held = each->second;
    if (held.still_to_pass > 0) --held.still_to_pass;
    const instant at = std::max(arrival, held.not_before);
    if (held.still_to_pass > 0 || at >= held.latest) {
      ++each;
      continue;
    }
    under_way_ -= memory_of(held.what.frame.contents.size());
    launch(at, std::move(held.what.frame), held.what.ordinal);
    each = held_.erase(each);
  }
}

void channel::on_event(instant now, std::uint64_t token) {
  const std::uint64_t number = token / token_kinds;
  switch (static_cast<token_kind>(token % token_kinds)) {
    case token_flight: {
      const flight arrived = std::exchange(flights_[number], flight{});
      free_slots_.push_back(number);
      return deliver(now, arrived);
    }
    case token_held:
      if (const auto held = held_.find(number); held != held_.end()) deliver(now, held_.extract(held).mapped().what);
      return;
    case token_service:
      service_scheduled_ = false;
      if (queue_.on_departure && transmitter_ != nullptr) serve(now);
      return;
    case token_kinds: return;
  }
}

void channel::deliver(instant now, const flight& arrived) {
  under_way_ -= memory_of(arrived.frame.contents.size());
  ++statistics_.delivered;
  statistics_.octets_delivered += arrived.frame.contents.size();
  if (arrived.ordinal + 1 < newest_delivered_) ++statistics_.overtaken;
  newest_delivered_ = std::max(newest_delivered_, arrived.ordinal + 1);
  deliver_(now, arrived.frame);
}

}  // namespace seqwire
