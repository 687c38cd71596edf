#include "lab/script/script_player.hpp"

#include <fmt/format.h>

#include <deque>

#include "lab/script/script_capture.hpp"
#include "lab/script/script_program.hpp"
#include "protocol/host/drive.hpp"

namespace seqwire {
namespace {

constexpr std::size_t most_story_lines = 100;
constexpr std::size_t most_recorded = 64 << 20;   // octets of a run's packets that are kept for its capture
constexpr std::uint64_t most_timers = 1'000'000;  // that a run comes to see: a day of microseconds has no end

struct leaving_packet {
  instant at{};
  octets frame;
};

// The host's only link; whatever it takes the script gets to see, unless it is lost.
class script_link final : public link {
 public:
  script_link(std::size_t mtu, std::vector<script_frame>& frames) : mtu_(mtu), frames_(frames) {}

  std::deque<leaving_packet> left;
  bool full = false;

  void lose(const std::vector<std::uint64_t>& ordinals) {
    taken_ = 0;
    lost_ = ordinals;
  }
  void arrive(instant now, octets frame) {
    record({now, false, frame, {}});
    arriving_.push_back({.link = 0, .previous_hop = script_peer, .contents = slice::owning(std::move(frame))});
  }

  link_capabilities capabilities() const override { return {.host = script_host, .mtu = mtu_}; }
  std::size_t receive(instant, std::span<datagram> to) override {
    std::size_t count = 0;
    for (; count < to.size() && !arriving_.empty(); arriving_.pop_front()) to[count++] = std::move(arriving_.front());
    return count;
  }
  std::size_t transmit(instant now, std::span<const packet> packets) override {
    if (full) return 0;
    for (const packet& each : packets) {
      octets frame(each.size());
      each.copy_to(frame.data());
      const bool lost = std::find(lost_.begin(), lost_.end(), ++taken_) != lost_.end();
      record({now, true, frame, lost ? "lost by the script" : ""});
      if (!lost) left.push_back({now, std::move(frame)});
    }
    return packets.size();
  }

 private:
  void record(script_frame frame) {
    recorded_ += frame.contents.size();
    if (recorded_ <= most_recorded) frames_.push_back(std::move(frame));
  }

  std::size_t mtu_;
  std::vector<script_frame>& frames_;
  std::size_t recorded_ = 0;
  std::deque<datagram> arriving_;
  std::uint64_t taken_ = 0;
  std::vector<std::uint64_t> lost_;
};

host_config config_of(const script& text, std::uint64_t seed) {
  host_config config;
  config.network = text.network;
  config.host = script_host;
  config.secret = make_hash_key(random_stream(seed).fork("host"));
  config.mtu = text.mtu;
  config.maximum_half_open = text.half_open;
  config.id_quarantine = text.quarantine;
  return config;
}

class script_player final : private waiter {
 public:
  script_player(const script& text, std::uint64_t seed)
      : text_(text),
        link_(text.mtu, outcome_.frames),
        packets_(text.network),
        host_(config_of(text, seed)),
        endpoint_(*this, text.endpoint),
        program_(std::in_place, endpoint_, packets_) {
    outcome_.seed = seed;
    drive();
  }

  script_outcome play() {
    for (const script_event& event : text_.events) {
      current_ = &event;
      std::visit([&](const auto& what) { on(what); }, event.what);
      if (outcome_.failure) break;
      base_ = now_;
      ++outcome_.events;
    }
    if (!outcome_.failure && !link_.left.empty()) {
      tell_left(link_.left.front());
      fail("> " + in_script_words(link_.left.front().frame), {"the script ends, and no line expects this packet"});
    }
    outcome_.end = now_;
    const std::vector<script_frame> before = outcome_.frames;  // what closing sends is no part of the script
    program_.reset();
    outcome_.frames = before;
    return std::move(outcome_);
  }

 private:
  // --- waiter: no call of a script waits ---
  instant now() override { return now_; }
  bool wait(instant) override { return false; }
  void flush() override { drive(); }

  // --- time ---

  void drive() {
    deadline_ = joint_.drive(now_, [&] { return endpoint_.step(now_, host_); }).deadline.value_or(instant::never());
  }

  // Until then, or until something leaves. What is due at `until` itself is done only if it is to be.
  void go_on(instant until, bool inclusive) {
    while (link_.left.empty() && (deadline_ < until || (inclusive && deadline_ == until))) {
      if (++timers_ > most_timers) return fail("timers without end", {"a run comes to see a million timers at most"});
      now_ = std::max(now_, deadline_);
      drive();
    }
    if (link_.left.empty()) now_ = std::max(now_, until);
  }

  // To the moment of an event that is no packet of the host's: none may leave before it.
  bool reach(bool inclusive = true) {
    if (link_.left.empty()) go_on(base_ + current_->earliest, inclusive);
    return nothing_left();
  }

  bool nothing_left() {
    if (outcome_.failure) return false;
    if (link_.left.empty()) return true;
    tell_left(link_.left.front());
    fail("> " + in_script_words(link_.left.front().frame), {"a packet that no line expects left before this line"});
    return false;
  }

  // --- events ---

  void on(const inject_event& event) {
    if (!reach(false)) return;
    const octets frame = packets_.build(event.packet);
    tell("< " + in_script_words(frame));
    link_.arrive(now_, frame);
    drive();
  }

  void on(const expect_event& event) {
    const instant earliest = base_ + current_->earliest;
    const instant latest = base_ + current_->latest;
    go_on(latest, true);
    if (link_.left.empty()) return fail("no packet", {fmt::format("none left until {:.9f} s", latest.seconds())});
    const leaving_packet actual = std::move(link_.left.front());
    link_.left.pop_front();
    tell_left(actual);
    std::vector<std::string> wrong = packets_.compare(event.packet, actual.frame);
    if (actual.at < earliest || actual.at > latest)
      wrong.push_back(fmt::format("time: expected {:.9f} s{}, got {:.9f} s", earliest.seconds(),
                                  latest > earliest ? fmt::format(" to {:.9f} s", latest.seconds()) : "",
                                  actual.at.seconds()));
    if (!wrong.empty()) fail("> " + in_script_words(actual.frame), std::move(wrong));
  }

  void on(const silence_event& event) {
    if (!reach(false)) return;
    go_on(now_ + event.span, false);
    nothing_left();
  }

  void on(const ignore_event&) {
    const instant until = base_ + current_->earliest;
    do {
      link_.left.clear();
      go_on(until, true);
    } while (!link_.left.empty() && !outcome_.failure);
  }

  void on(const lose_event& event) {
    if (reach()) link_.lose(event.ordinals);
  }
  void on(const link_event& event) {
    if (!reach()) return;
    link_.full = event.full;
    drive();
  }
  void on(const forget_event&) {
    if (reach()) packets_.forget();
  }
  void on(const default_event& event) {
    if (reach()) packets_.set_default(event.header);
  }

  void on(const call_event& event) {
    if (!reach()) return;
    const script_program::outcome made = program_->call(event);
    drive();
    tell(current_->text + (current_->text.find(" = ") == std::string::npos ? " = " + made.got : ""));
    if (!made.wrong.empty()) fail("= " + made.got, made.wrong);
  }

  void on(const counter_event& event) {
    if (!reach()) return;
    const auto actual = counted(event);
    if (!actual) return fail("no such connection", {"nobody has this connection now"});
    const std::uint64_t expected = packets_.value_of(event.number);
    if (!holds(*actual, event.how, expected))
      return fail(fmt::format("{}", *actual), {fmt::format("counter: got {}", *actual)});
    tell(current_->text);
  }

  void on(const state_event& event) {
    if (!reach()) return;
    const spp_connection* const found = find(event.of);
    const std::string actual = found == nullptr ? "none" : as_word(name_of(found->state()));
    const std::string expected = event.state ? as_word(name_of(*event.state)) : "none";
    if (actual != expected) return fail(actual, {fmt::format("state: expected {}, got {}", expected, actual)});
    tell(current_->text);
  }

  void on(const status_event& event) {
    if (!reach()) return;
    const spp_connection* const found = find(event.of);
    const std::string actual = found == nullptr ? "no such connection" : as_word(name_of(found->status()));
    const std::string expected = as_word(name_of(event.status));
    if (actual != expected) return fail(actual, {fmt::format("status: expected {}, got {}", expected, actual)});
    tell(current_->text);
  }

  // --- what can be asked for ---

  // Handles are given in turn.
  spp_connection* find(const connection_name& name) {
    if (name.is_variable) {
      const std::uint64_t id = packets_.value_of({name.name, 0});
      return find_if([&](const spp_connection& each) { return each.local_id() == id; });
    }
    const socket* const on = program_->find(name.name);
    if (on == nullptr) return nullptr;
    const xns_address local = on->local();
    const auto peer = on->peer();
    return find_if(
        [&](const spp_connection& each) { return each.local() == local && (!peer || each.peer() == *peer); });
  }

  template <class Predicate>
  spp_connection* find_if(Predicate&& fits) {
    std::size_t left = host_.sequenced().connections();
    for (connection_handle handle = 1; left > 0; ++handle) {
      spp_connection* const each = host_.sequenced().find(handle);
      if (each == nullptr) continue;
      if (fits(*each)) return each;
      --left;
    }
    return nullptr;
  }

  std::optional<std::uint64_t> counted(const counter_event& event) {
    if (const auto* reason = std::get_if<drop_reason>(&event.counter)) return host_.statistics().drops[*reason];
    if (const auto* of_host = std::get_if<std::uint64_t host_statistics::*>(&event.counter))
      return host_.statistics().*(*of_host);
    if (const auto* of_all = std::get_if<std::uint64_t (*)(const host&)>(&event.counter)) return (*of_all)(host_);
    const spp_connection* const found = find(event.of);
    if (found == nullptr) return std::nullopt;
    if (const auto* counted = std::get_if<std::uint64_t spp_statistics::*>(&event.counter))
      return found->statistics().*(*counted);
    return std::get<std::uint64_t (*)(const connection_information&)>(event.counter)(found->information());
  }

  static bool holds(std::uint64_t actual, comparison how, std::uint64_t expected) {
    switch (how) {
      case comparison::equal: return actual == expected;
      case comparison::unequal: return actual != expected;
      case comparison::less: return actual < expected;
      case comparison::less_or_equal: return actual <= expected;
      case comparison::greater: return actual > expected;
      case comparison::greater_or_equal: return actual >= expected;
    }
    return false;
  }

  // --- the story ---

  void tell_left(const leaving_packet& what) { tell("> " + in_script_words(what.frame), what.at); }
  void tell(const std::string& what) { tell(what, now_); }
  void tell(const std::string& what, instant at) {
    outcome_.story.push_back(fmt::format("{:>14.9f}  {}", at.seconds(), what));
  }

  void fail(std::string actual, std::vector<std::string> details) {
    outcome_.failure = script_failure{current_->at, current_->text, std::move(actual), std::move(details)};
  }

  const script& text_;
  script_outcome outcome_;
  script_link link_;
  script_packets packets_;
  host host_;
  link* links_[1] = {&link_};
  driver joint_{host_, links_};
  endpoint endpoint_;
  std::optional<script_program> program_;
  const script_event* current_ = nullptr;
  instant now_{};
  instant base_{};
  instant deadline_ = instant::never();
  std::uint64_t timers_ = 0;
};

}  // namespace

script_outcome play_script(const script& text, std::uint64_t seed) {
  script_outcome outcome = script_player(text, seed).play();
  if (outcome.failure) return outcome;
  const std::vector<std::string> broken = broken_rules(text, outcome);
  if (broken.empty()) return outcome;
  const script_event& last = text.events.back();
  outcome.failure = script_failure{last.at, "the rules of verify", "packets that break them", broken};
  return outcome;
}

std::string render_failure(const script& text, const script_outcome& outcome) {
  const script_failure& failed = *outcome.failure;
  std::string lines = fmt::format("{}: does not hold (seed {})\n", to_string(failed.at), outcome.seed);
  if (!text.about.empty()) lines += fmt::format("  about     {}\n", text.about);
  lines += fmt::format("  expected  {}\n  actual    {}\n", failed.line, failed.actual);
  for (const std::string& detail : failed.details) lines += fmt::format("            {}\n", detail);
  lines += "  the story so far, in seconds\n";
  const std::size_t count = outcome.story.size();
  if (count > most_story_lines) lines += fmt::format("    ... {} lines before\n", count - most_story_lines);
  for (std::size_t i = count - std::min(count, most_story_lines); i < count; ++i)
    lines += fmt::format("  {}\n", outcome.story[i]);
  return lines;
}

}  // namespace seqwire
