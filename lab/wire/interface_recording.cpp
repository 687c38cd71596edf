#include "lab/wire/interface_recording.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <memory>
#include <numeric>
#include <thread>

#include "rawio/clock.hpp"
#include "rawio/event_loop.hpp"
#include "rawio/packet_ring.hpp"
#include "rawio/privilege.hpp"

namespace seqwire {
namespace {

constexpr std::size_t addresses_octets = 12;  // before a VLAN tag
// By then a frame that is older than one handed over in another ring is handed over, too.
constexpr duration turn_length = packet_ring::hand_over * 2;

using rings = std::vector<std::unique_ptr<packet_ring>>;

// The file that is being written, and those before it.
class file_series {
 public:
  file_series(const interface_recording_settings& settings, const rings& from) : settings_(settings), rings_(from) {
    begin();
  }

  void write(std::size_t interface, const ring_frame& frame, std::uint64_t dropped_before) {
    if (is_full(frame.at)) {
      finish(frame.at);
      begin();
    }
    if (!first_frame_) first_frame_ = frame.at;
    latest_ = frame.at;
    counts_[interface].received += 1 + dropped_before;
    counts_[interface].dropped += dropped_before;
    capture_writer::packet_block about{.interface = interface, .at = frame.at, .direction = frame.direction};
    about.dropped_before = dropped_before;
    if (!frame.tagged || frame.octets.size() < addresses_octets) return writer_->write(about, frame.octets);
    writer_->write(about, frame.octets.first(addresses_octets), frame.vlan_tag, frame.octets.subspan(addresses_octets));
  }
  void count_dropped_at_end(std::size_t interface, std::uint64_t frames) {
    counts_[interface].received += frames;
    counts_[interface].dropped += frames;
  }

  void flush() { writer_->flush(); }
  std::optional<std::string> error() const { return writer_->error(); }
  void finish(instant at) {
    for (std::size_t i = 0; i < counts_.size(); ++i) writer_->write_statistics(i, at, counts_[i]);
    writer_->close();
  }
  instant latest() const { return latest_; }
  std::vector<std::string> files() const { return {files_.begin(), files_.end()}; }

 private:
  bool is_full(instant at) const {
    if (!first_frame_) return false;
    const file_rotation& rule = settings_.rotation;
    return (rule.octets != 0 && writer_->octets_written() >= rule.octets) ||
           (rule.span > duration{} && at - *first_frame_ >= rule.span);
  }
  void begin() {
    const bool one = !settings_.rotation.is_wanted();
    files_.push_back(one ? settings_.path : rotated_name(settings_.path, ++number_));
    writer_ = std::make_unique<capture_writer>(files_.back(),
                                               capture_writer_options{.application = "seqwire record", .comment = {}});
    for (const auto& each : rings_)
      writer_->add_interface({.name = each->interface().name,
                              .description = settings_.filter.empty() ? "" : "only: " + settings_.filter,
                              .snap_length = settings_.snap_length});
    counts_.assign(rings_.size(), {});
    first_frame_.reset();
    while (settings_.rotation.kept && files_.size() > *settings_.rotation.kept) {
      std::error_code gone_already;
      std::filesystem::remove(files_.front(), gone_already);
      files_.pop_front();
    }
  }

  const interface_recording_settings& settings_;
  const rings& rings_;
  std::deque<std::string> files_;  // that are there
  std::uint64_t number_ = 0;       // of the latest
  std::unique_ptr<capture_writer> writer_;
  std::vector<interface_statistics> counts_;  // of this file
  std::optional<instant> first_frame_;        // of this file
  instant latest_{};
};

rings open_rings(const interface_recording_settings& settings) {
  std::vector<sock_filter> filter;
  if (!settings.filter.empty()) filter = compile_packet_filter(settings.filter);
  rings opened;
  for (const std::string& each : settings.interfaces)
    opened.push_back(std::make_unique<packet_ring>(
        each, packet_ring_options{
                  .filter = filter, .promiscuous = settings.promiscuous, .ring_octets = settings.ring_octets}));
  return opened;
}

// Turn by turn, from rings to files.
class recorder_of_rings {
 public:
  recorder_of_rings(const interface_recording_settings& settings, rings& from)
      : settings_(settings), rings_(from), files_(settings, from), told_drops_(from.size()) {
    for (const std::string& each : settings.interfaces) outcome_.interfaces.push_back({.name = each});
  }

  // What can be put in order by now: what had arrived by the turn before, where there are several rings. No more than
  // is there now, whatever still comes: a flood leaves time for signals. False: no more.
  bool turn() {
    const std::optional<instant> until = rings_.size() == 1 ? newest() : std::exchange(horizon_, newest());
    if (until) write_until(*until);
    files_.flush();
    if (const auto error = files_.error()) outcome_.trouble = *error;
    return outcome_.trouble.empty() && !enough();
  }

  void look_at_interfaces() {
    for (const auto& each : rings_)
      if (each->check_state() == link_state::gone)
        outcome_.trouble = fmt::format("interface {} is gone", each->interface().name);
  }

  // Also what the kernel had not handed over.
  interface_recording finish(int signal) {
    if (outcome_.trouble.empty() && !enough()) {
      std::this_thread::sleep_for(std::chrono::nanoseconds(turn_length.nanoseconds));
      if (const auto last = newest()) write_until(*last);
    }
    for (std::size_t i = 0; i < rings_.size(); ++i) files_.count_dropped_at_end(i, new_drops(i));
    files_.finish(files_.latest());
    if (const auto error = files_.error(); error && outcome_.trouble.empty()) outcome_.trouble = *error;
    outcome_.stopped_by_signal = signal;
    return so_far();
  }

  const interface_recording& so_far() {
    outcome_.files = files_.files();
    return outcome_;
  }

 private:
  bool enough() const { return settings_.most_frames && outcome_.recorded() >= *settings_.most_frames; }

  // Of what is there; at least the oldest frames themselves, should the clock have been set back since they came.
  std::optional<instant> newest() const {
    std::optional<instant> found;
    const auto take = [&](instant at) { found = std::max(at, found.value_or(at)); };
    for (const auto& each : rings_) {
      if (const auto last = each->newest()) take(*last);
      if (const ring_frame* const front = each->front()) take(front->at);
    }
    return found;
  }

  // The kernel tells how many found no room, not where; they stand before the next frame.
  std::uint64_t new_drops(std::size_t ring) {
    const std::uint64_t now = rings_[ring]->drops();
    outcome_.interfaces[ring].dropped = now;
    return now - std::exchange(told_drops_[ring], now);
  }

  void write_until(instant until) {
    std::vector<std::uint64_t> dropped(rings_.size());
    for (std::size_t i = 0; i < rings_.size(); ++i) dropped[i] = new_drops(i);
    while (!enough() && !files_.error()) {
      std::size_t oldest = rings_.size();
      for (std::size_t i = 0; i < rings_.size(); ++i)
        if (const ring_frame* front = rings_[i]->front();
            front != nullptr && (oldest == rings_.size() || front->at < rings_[oldest]->front()->at))
          oldest = i;
      if (oldest == rings_.size() || rings_[oldest]->front()->at > until) break;
      files_.write(oldest, *rings_[oldest]->front(), std::exchange(dropped[oldest], 0));
      rings_[oldest]->pop();
      ++outcome_.interfaces[oldest].recorded;
    }
    for (std::size_t i = 0; i < rings_.size(); ++i) told_drops_[i] -= dropped[i];  // to be told with the next
  }

  const interface_recording_settings& settings_;
  rings& rings_;
  file_series files_;
  interface_recording outcome_;
  std::vector<std::uint64_t> told_drops_;  // in the files
  std::optional<instant> horizon_;         // the newest frame of the turn before
};

}  // namespace

std::string rotated_name(const std::string& path, std::uint64_t number) {
  const std::filesystem::path whole(path);
  return (whole.parent_path() / fmt::format("{}-{:05}{}", whole.stem().string(), number, whole.extension().string()))
      .string();
}

std::uint64_t interface_recording::recorded() const {
  return std::accumulate(interfaces.begin(), interfaces.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const recorded_interface& each) { return sum + each.recorded; });
}

std::uint64_t interface_recording::dropped() const {
  return std::accumulate(interfaces.begin(), interfaces.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const recorded_interface& each) { return sum + each.dropped; });
}

interface_recording record_interfaces(const interface_recording_settings& settings, const std::function<void()>& ready,
                                      const std::function<void(const interface_recording&)>& progress) {
  rings opened = open_rings(settings);
  drop_privileges();
  event_loop loop;
  recorder_of_rings under_way(settings, opened);
  const instant began = clock_now();
  instant next_housekeeping = began;
  const auto turn = [&] {
    const instant now = clock_now();
    bool more = under_way.turn() && !(settings.longest && now - began >= *settings.longest);
    if (now >= next_housekeeping) {
      next_housekeeping = now + housekeeping;
      under_way.look_at_interfaces();
      more = more && under_way.so_far().trouble.empty();
      progress(under_way.so_far());
    }
    if (more) loop.set_deadline(now + turn_length);
    else loop.stop();
  };
  loop.on_deadline(turn);
  loop.set_deadline(began + turn_length);
  ready();
  loop.run();
  return under_way.finish(loop.stopped_by_signal());
}

}  // namespace seqwire
