#include "lab/wire/bridge.hpp"

#include <algorithm>
#include <array>

#include "lab/wire/congestion_mark.hpp"
#include "protocol/wire/ethernet.hpp"
#include "sim/classifier.hpp"

namespace seqwire {
namespace {

// Probabilities and rates speak of packets, not of what the carrier adds.
channel_settings on_ethernet(channel_settings settings) {
  settings.corruption_offset = ethernet_header_octets;
  settings.overhead -= static_cast<std::int64_t>(ethernet_header_octets);
  return settings;
}

}  // namespace

bridge::bridge(raw_port& a, raw_port& b, const channel_settings& a_to_b, const channel_settings& b_to_a,
               std::uint64_t seed, instant started, bridge_observer* observer, std::size_t link)
    : observer_(observer), first_port_(2 * link) {
  schedule_.run_until(started);
  const random_stream random = random_stream(seed).fork("link " + std::to_string(link));
  const auto join = [&](std::size_t number, raw_port& in, raw_port& out, const channel_settings& settings,
                        const char* name) {
    direction& made = directions_[number];
    made.in = &in;
    made.out = &out;
    const auto deliver = [this, number](instant, const channel_frame& frame) {
      direction& leaving = directions_[number];
      if (observer_ != nullptr) observer_->on_exit(first_port_ + 1 - number, frame.packet_id, frame.contents.view());
      if (leaving.leaving.size() < maximum_leaving) leaving.leaving.push_back(frame.contents);
      else ++refused_;
    };
    made.carrier = std::make_unique<channel>(schedule_, on_ethernet(settings), random.fork(name), deliver,
                                             channel_hooks{.classify = classify_packet, .mark = mark_congestion});
  };
  join(0, a, b, a_to_b, "a to b");
  join(1, b, a, b_to_a, "b to a");
}

void bridge::change(const channel_settings& a_to_b, const channel_settings& b_to_a) {
  directions_[0].carrier->change(on_ethernet(a_to_b));
  directions_[1].carrier->change(on_ethernet(b_to_a));
}

void bridge::take_in(instant now, std::size_t port) {
  std::array<slice, 64> frames;
  for (std::size_t batch = 0, count = 1; batch < batches_at_once && count > 0; ++batch) {
    count = directions_[port].in->receive(frames);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t id = observer_ != nullptr ? observer_->on_entry(first_port_ + port, frames[i].view()) : 0;
      const channel_verdict verdict = directions_[port].carrier->send(now, {std::move(frames[i]), id, 0});
      if (observer_ != nullptr) observer_->on_verdict(first_port_ + port, id, verdict);
    }
  }
}

bool bridge::send_out(direction& from) {
  std::array<slice, 64> batch;
  while (!from.leaving.empty()) {
    const std::size_t count = std::min(batch.size(), from.leaving.size());
    std::copy_n(from.leaving.begin(), count, batch.begin());
    const std::size_t taken = from.out->transmit(std::span<const slice>(batch.data(), count));
    from.leaving.erase(from.leaving.begin(), from.leaving.begin() + static_cast<std::ptrdiff_t>(taken));
    if (taken < count) return false;
  }
  return true;
}

std::optional<instant> bridge::run(instant now) {
  schedule_.run_until(now);  // what is due leaves before what comes in now
  take_in(schedule_.now(), 0);
  take_in(schedule_.now(), 1);
  schedule_.run_until(schedule_.now());  // a channel without delay delivers at once
  const bool a_sent = send_out(directions_[0]);
  const bool b_sent = send_out(directions_[1]);
  if (!a_sent || !b_sent) return now + 1_ms;
  if (schedule_.empty()) return std::nullopt;
  return schedule_.next_at();
}

}  // namespace seqwire
