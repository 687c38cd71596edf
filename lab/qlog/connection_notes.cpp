#include "lab/qlog/connection_notes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cstring>
#include <vector>

#include "lab/qlog/qlog_event.hpp"

namespace seqwire {
namespace {

constexpr std::string_view first_line = "seqwire-notes 1\n";

// Members of an object, of those values that are others than before.
class changes {
 public:
  void number(std::string_view name, std::uint64_t value, std::uint64_t before) {
    if (value != before) members_.push_back(fmt::format("\"{}\":{}", name, value));
  }
  void span(std::string_view name, duration value, duration before) {
    if (value != before) members_.push_back(fmt::format("\"{}\":{}", name, qlog_time(value)));
  }
  bool empty() const { return members_.empty(); }
  std::string object() const { return fmt::format("{{{}}}", fmt::join(members_, ",")); }

 private:
  std::vector<std::string> members_;
};

}  // namespace

connection_notes::connection_notes(const std::string& path, instant origin)
    : file_(path, whole_lines), origin_(origin) {
  if (octet* const room = file_.append(first_line.size())) std::memcpy(room, first_line.data(), first_line.size());
}

void connection_notes::look(instant now, const spp_protocol& at) {
  for (auto& each : known_) each.second.seen = false;
  for (const connection_handle handle : at.handles()) {
    const spp_connection* const found = at.find(handle);
    if (found == nullptr) continue;
    known& before = known_[handle];
    compare(now, *found, before);
    before.seen = true;
  }
  std::erase_if(known_, [](const auto& each) { return !each.second.seen; });
}

void connection_notes::compare(instant now, const spp_connection& of, known& before) {
  before.group = qlog_group(of.local(), of.peer());
  const connection_information information = of.information();
  note_timers(now, before, of.statistics());
  if (information.state != before.information.state) {
    std::string data =
        fmt::format(R"({{"old":"{}","new":"{}")", name_of(before.information.state), name_of(information.state));
    if (of.status() != end_status::none) data += fmt::format(R"(,"status":"{}")", name_of(of.status()));
    write(now, false, before.group, "connection_state_updated", data + '}');
  }
  note_metrics(now, of, before);
  before.information = information;
  before.statistics = of.statistics();
  before.packet_data = of.packet_data();
}

void connection_notes::note_timers(instant now, const known& before, const spp_statistics& after) {
  const auto note = [&](std::string_view timer, std::uint64_t then, std::uint64_t count) {
    if (count > then)
      write(now, true, before.group, "timer_expired", fmt::format(R"({{"timer":"{}","count":{}}})", timer, count));
  };
  note("retransmission", before.statistics.timeouts, after.timeouts);
  note("probe", before.statistics.probes, after.probes);
  note("keepalive", before.statistics.keepalives, after.keepalives);
}

void connection_notes::note_metrics(instant now, const spp_connection& of, const known& before) {
  const connection_information information = of.information();
  const spp_statistics& counted = of.statistics();
  const connection_information& then = before.information;
  changes changed;
  changed.number("packet_data", of.packet_data(), before.packet_data);
  changed.number("congestion_window", information.window, then.window);
  changed.number("in_flight", information.in_flight, then.in_flight);
  changed.number("allocation", information.permitted, then.permitted);
  changed.number("queued_octets", information.queued_octets, then.queued_octets);
  changed.number("unread_packets", information.unread_packets, then.unread_packets);
  changed.span("timeout", information.timeout, then.timeout);
  const std::uint64_t samples = counted.round_trip_samples - before.statistics.round_trip_samples;
  if (samples > 0) {
    const duration total = counted.round_trip_total - before.statistics.round_trip_total;
    changed.span("latest_round_trip", total / static_cast<std::int64_t>(samples), -duration{1});
    changed.span("smoothed_round_trip", counted.round_trip_smoothed, before.statistics.round_trip_smoothed);
    changed.span("minimum_round_trip", counted.round_trip_minimum, before.statistics.round_trip_minimum);
  }
  if (!changed.empty()) write(now, false, before.group, "metrics_updated", changed.object());
}

void connection_notes::write(instant now, bool before_packets, const std::string& group, std::string_view name,
                             const std::string& data) {
  const duration at = now - origin_;
  const std::string line =
      fmt::format("{} {} {{\"time\":{},\"name\":\"seqwire:{}\",\"group_id\":\"{}\",\"data\":{}}}\n", at.nanoseconds,
                  before_packets ? 'b' : 'a', qlog_time(at), name, group, data);
  if (octet* const room = file_.append(line.size())) std::memcpy(room, line.data(), line.size());
}

std::optional<std::string> connection_notes::close() {
  file_.close();
  return file_.error();
}

std::optional<connection_note> connection_notes::parse(const std::string& line) {
  connection_note note;
  const char* const end = line.data() + line.size();
  const auto [at, status] = std::from_chars(line.data(), end, note.at.nanoseconds);
  if (status != std::errc{} || end - at < 4 || at[0] != ' ' || at[2] != ' ') return std::nullopt;
  note.before_packets = at[1] == 'b';
  note.event.assign(at + 3, end);
  return note;
}

}  // namespace seqwire
