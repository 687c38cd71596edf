#include "lab/wire/live_transfer.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "lab/wire/live_host.hpp"
#include "rawio/clock.hpp"
#include "rawio/packet_link.hpp"
#include "rawio/privilege.hpp"
#include "rawio/recorder.hpp"

namespace seqwire {
namespace {

constexpr duration housekeeping = 200_ms;  // progress, files, and whether the interface still exists

void show_progress(const transfer_program& program) {
  std::uint64_t records = 0;
  std::uint64_t octets_moved = 0;
  for (const flow_result& flow : program.results()) {
    records += flow.records;
    octets_moved += flow.octets;
  }
  std::fputs(fmt::format("\r{} records, {} octets ", records, octets_moved).c_str(), stderr);
}

// The event loop around one live host.
class service {
 public:
  service(live_host& served, packet_link& on, std::function<void()> keep)
      : served_(served), link_(on), keep_(std::move(keep)) {
    loop_.add(on.descriptor(), [this] { turn(); });
    loop_.on_deadline([this] { turn(); });
  }

  int run() {
    turn();
    loop_.run();
    return loop_.stopped_by_signal();
  }

 private:
  void turn() {
    const instant now = clock_now();
    const auto due = served_.run(now);
    if (now >= next_housekeeping_) {
      next_housekeeping_ = now + housekeeping;
      keep_();
      if (link_.check_state() == link_state::gone) loop_.stop();
    }
    if (served_.finished()) loop_.stop();
    loop_.set_deadline(due && *due < next_housekeeping_ ? *due : next_housekeeping_);
  }

  event_loop loop_;
  live_host& served_;
  packet_link& link_;
  std::function<void()> keep_;
  instant next_housekeeping_{};
};

}  // namespace

live_transfer_outcome run_live_transfer(const live_transfer_settings& settings,
                                        const std::function<void(transfer_program&, std::size_t)>& build) {
  packet_link connected(settings.interface, {.host = settings.host, .packet_life = settings.packet_life});
  std::unique_ptr<capture_writer> capture;
  std::unique_ptr<recorder> recording;
  std::unique_ptr<journal_writer> journal;
  if (!settings.record.empty()) {
    capture = std::make_unique<capture_writer>(settings.record, capture_writer_options{.comment = {}});
    recording = std::make_unique<recorder>(connected, *capture, settings.end);
  }
  if (!settings.journal.empty()) journal = std::make_unique<journal_writer>(settings.journal, settings.end);

  link& used = recording ? static_cast<link&>(*recording) : connected;
  drop_privileges();

  const instant origin = clock_now();
  transfer_program program(journal.get(), origin);
  live_host served(live_host_config(used.capabilities(), settings.network, settings.seed), used, program);
  build(program, served.on().largest_packet_data());

  live_transfer_outcome outcome;
  // What a killed process leaves is at most one housekeeping behind.
  const auto keep = [&] {
    if (settings.progress) show_progress(program);
    if (capture) capture->flush();
    if (journal) journal->flush();
  };
  outcome.stopped_by_signal = service(served, connected, keep).run();
  if (settings.progress) std::fputs("\n", stderr);
  outcome.flows = program.results();
  outcome.counters = served.on().statistics();
  outcome.receive_drops = connected.receive_drops();
  if (connected.state() == link_state::gone) outcome.trouble = "interface " + settings.interface + " is gone";
  if (journal) {
    journal->close();
    if (journal->error()) outcome.trouble = *journal->error();
  }
  if (capture) {
    capture->write_statistics(0, clock_now(), {connected.counters().received, outcome.receive_drops});
    capture->close();
    if (capture->error()) outcome.trouble = *capture->error();
  }
  return outcome;
}

}  // namespace seqwire
