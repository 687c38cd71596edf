#include "lab/script/script_on_wire.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <deque>

#include "lab/scenario/scenario_text.hpp"
#include "lab/script/script_packets.hpp"
#include "rawio/clock.hpp"

namespace seqwire {
namespace {

struct arrived_packet {
  instant at{};
  octets frame;
};

class wire_player {
 public:
  wire_player(const script& text, const wire_test& against, live_link& on)
      : text_(text),
        against_(against),
        link_(on),
        packets_(against.network, against.host, on.capabilities().host),
        begin_(clock_now()),
        base_(begin_) {
    outcome_.host = against.host;
    outcome_.peer = on.capabilities().host;
    outcome_.recorded_at_peer = true;
  }

  script_outcome play() {
    for (const script_event& event : text_.events) {
      current_ = &event;
      base_ = step(event);
      if (outcome_.failure) break;
      ++outcome_.events;
    }
    outcome_.end = {(clock_now() - begin_).nanoseconds};
    return std::move(outcome_);
  }

 private:
  // When the event happened.
  instant step(const script_event& event) {
    if (const auto* expected = std::get_if<expect_event>(&event.what)) return expect(*expected);
    const instant at = base_ + event.earliest;
    if (std::holds_alternative<ignore_event>(event.what)) {
      for (listen(at, false); !arrived_.empty();) arrived_.pop_front();
      return at;
    }
    listen(at, true);
    if (!arrived_.empty()) return unexpected();
    if (const auto* inject = std::get_if<inject_event>(&event.what)) send(inject->packet);
    else if (const auto* silence = std::get_if<silence_event>(&event.what)) {
      listen(at + silence->span, true);
      if (!arrived_.empty()) return unexpected();
      return at + silence->span;
    } else if (std::holds_alternative<forget_event>(event.what)) packets_.forget();
    else if (const auto* defaults = std::get_if<default_event>(&event.what)) packets_.set_default(defaults->header);
    return clock_now();
  }

  instant expect(const expect_event& event) {
    const instant earliest = base_ + current_->earliest;
    const instant latest = base_ + current_->latest;
    listen(latest + against_.tolerance, true);
    if (arrived_.empty()) {
      fail("no packet", {fmt::format("none came until {:.6f} s", seconds(latest))});
      return latest;
    }
    const arrived_packet actual = std::move(arrived_.front());
    arrived_.pop_front();
    const std::string words = "> " + in_script_words(actual.frame);
    tell(words, actual.at);
    std::vector<std::string> wrong = packets_.compare(event.packet, actual.frame);
    if (actual.at + against_.tolerance < earliest || actual.at > latest + against_.tolerance)
      wrong.push_back(fmt::format("time: expected {:.6f} s to {:.6f} s, got {:.6f} s", seconds(earliest),
                                  seconds(latest), seconds(actual.at)));
    if (!wrong.empty()) fail(words, std::move(wrong));
    return actual.at;
  }

  instant unexpected() {
    tell("> " + in_script_words(arrived_.front().frame), arrived_.front().at);
    fail("> " + in_script_words(arrived_.front().frame), {"a packet that no line expects came before this line"});
    return arrived_.front().at;
  }

  void send(const written_packet& written) {
    const octets frame = packets_.build(written);
    packet out;
    out.next_hop = against_.host;
    out.head_size = static_cast<std::uint8_t>(std::min(frame.size(), idp_layout::octets));
    std::copy_n(frame.begin(), out.head_size, out.head.begin());
    out.body = slice::copy_of(octets_view(frame).subspan(out.head_size));
    tell("< " + in_script_words(frame), clock_now());
    record({clock_now(), false, frame, {}});
    if (link_.transmit(clock_now(), {&out, 1}) != 1) fail("nothing was sent", {link_.name() + " takes no packet"});
  }

  // Until then or, if asked, until something comes.
  void listen(instant until, bool first) {
    for (;;) {
      take();
      const duration left = until - clock_now();
      if ((first && !arrived_.empty()) || left <= duration{}) return;
      pollfd readable{link_.descriptor(), POLLIN, 0};
      static_cast<void>(::poll(&readable, 1, static_cast<int>(std::min(left / 1_ms + 1, std::int64_t{1000}))));
    }
  }

  void take() {
    std::array<datagram, 16> batch;
    while (const std::size_t count = link_.receive(clock_now(), batch))
      for (std::size_t i = 0; i < count; ++i) {
        const octets_view frame = batch[i].contents.view();
        const auto idp = parse_idp(frame, checksum_policy::ignore);
        if (!idp || idp->header.source_host != against_.host) continue;
        arrived_.push_back({clock_now(), octets(frame.begin(), frame.end())});
        record({clock_now(), true, arrived_.back().frame, {}});
      }
  }

  double seconds(instant at) const { return (at - begin_).seconds(); }
  void tell(const std::string& what, instant at) {
    outcome_.story.push_back(fmt::format("{:>14.6f}  {}", seconds(at), what));
  }
  void record(script_frame frame) { outcome_.frames.push_back(std::move(frame)); }
  void fail(std::string actual, std::vector<std::string> details) {
    outcome_.failure = script_failure{current_->at, current_->text, std::move(actual), std::move(details)};
  }

  const script& text_;
  const wire_test& against_;
  live_link& link_;
  script_packets packets_;
  script_outcome outcome_;
  std::deque<arrived_packet> arrived_;
  const script_event* current_ = nullptr;
  instant begin_;
  instant base_;
};

}  // namespace

std::optional<std::string> needs_engine(const script& text) {
  for (const script_event& event : text.events) {
    const bool on_wire =
        std::holds_alternative<inject_event>(event.what) || std::holds_alternative<expect_event>(event.what) ||
        std::holds_alternative<silence_event>(event.what) || std::holds_alternative<ignore_event>(event.what) ||
        std::holds_alternative<forget_event>(event.what) || std::holds_alternative<default_event>(event.what);
    if (!on_wire)
      return error_line(to_string(event.at), "this line needs the engine", "packets and silence alone on the wire",
                        printable(event.text));
  }
  return std::nullopt;
}

script_outcome play_on_wire(const script& text, const wire_test& against, live_link& on) {
  return wire_player(text, against, on).play();
}

}  // namespace seqwire
