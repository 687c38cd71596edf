#include "lab/wire/live_transfer.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "lab/scenario/units.hpp"
#include "lab/wire/live_host.hpp"
#include "lab/wire/live_status.hpp"
#include "lab/wire/output_queue.hpp"
#include "lab/wire/recording.hpp"
#include "rawio/clock.hpp"
#include "rawio/event_loop.hpp"
#include "rawio/privilege.hpp"

namespace seqwire {
namespace {

constexpr duration patience = 3_s;  // before a peer's silence is told
// A peer believes an Error once two of its timeouts went unanswered; they may be as far apart as this.
constexpr duration last_answers = 2_s;
constexpr duration farewell_quiet = 1_s;  // nobody had to be told anything for so long: nobody is there

// The program as the host knows it: it rests while there is too much to write.
class paced_program final : public application {
 public:
  paced_program(transfer_program& paced, const output_queue* output) : program_(paced), output_(output) {}

  bool step(instant now, host& on) override {
    return !resting_ && (output_ == nullptr || !output_->full()) && program_.step(now, on);
  }
  /// From now on it does nothing.
  void rest() { resting_ = true; }
  std::optional<instant> next_wake() const override { return program_.next_wake(); }
  bool finished() const override { return program_.finished(); }

 private:
  transfer_program& program_;
  const output_queue* output_;
  bool resting_ = false;
};

// What a person is told while it runs.
class watcher {
 public:
  watcher(const live_transfer_settings& settings, const transfer_program& watched, instant origin)
      : settings_(settings), program_(watched), silent_until_(origin + std::min(patience, settings.open_timeout / 2)) {
    waits_for_peer_ = settings.peer.has_value();
  }
  ~watcher() {
    if (settings_.progress) std::fputs("\n", stderr);
  }
  watcher(const watcher&) = delete;
  watcher& operator=(const watcher&) = delete;

  void look(instant now) {
    if (!settings_.progress && !waits_for_peer_) return;
    const auto flows = program_.results();
    if (settings_.progress) show_progress(flows);
    if (!waits_for_peer_ || now < silent_until_) return;
    waits_for_peer_ = false;
    if (flows.front().opened || flows.front().status != end_status::none) return;
    std::fputs(fmt::format("{}seqwire: no answer from {} yet; giving up after {}\n", settings_.progress ? "\n" : "",
                           to_string(*settings_.peer), print_duration(settings_.open_timeout))
                   .c_str(),
               stderr);
  }

 private:
  void show_progress(const std::vector<flow_result>& flows) const {
    std::uint64_t records = 0;
    std::uint64_t octets_moved = 0;
    for (const flow_result& flow : flows) {
      records += flow.records;
      octets_moved += flow.octets;
    }
    const std::string all = settings_.records ? fmt::format(" of {}", *settings_.records) : "";
    std::fputs(fmt::format("\r{}{} records, {} octets ", records, all, octets_moved).c_str(), stderr);
  }

  const live_transfer_settings& settings_;
  const transfer_program& program_;
  instant silent_until_;
  bool waits_for_peer_;
};

// The event loop around one live host.
class service {
 public:
  service(live_host& served, live_link& on, live_status& status, output_queue* output,
          std::function<void(instant)> keep)
      : served_(served), link_(on), output_(output), keep_(std::move(keep)) {
    loop_.add(on.descriptor(), [this] { turn(); });
    if (status.descriptor_number() >= 0)
      loop_.add(status.descriptor_number(), [this, &status] { status.serve(served_.on(), {&link_}); });
    if (output_ != nullptr) loop_.add(output_->descriptor_number(), [this] { turn(); });
    loop_.on_deadline([this] { turn(); });
  }

  int run() {
    turn();
    loop_.run();
    return loop_.stopped_by_signal();
  }

  /// Goes on answering packets of connections that are no more. Another signal ends it.
  void say_farewell() {
    leave_at_ = clock_now() + last_answers;
    quiet_at_ = clock_now() + farewell_quiet;
    told_ = errors_drawn();
    loop_.set_deadline(clock_now());
    loop_.run();
  }

 private:
  std::uint64_t errors_drawn() const {
    const host_statistics& counted = served_.on().statistics();
    return counted.errors_sent + counted.errors_suppressed;
  }

  bool farewell_is_over(instant now) {
    if (told_ != errors_drawn()) quiet_at_ = now + farewell_quiet;
    told_ = errors_drawn();
    return now >= std::min(leave_at_, quiet_at_);
  }

  void turn() {
    const instant now = clock_now();
    if (output_ != nullptr) output_->flush();  // makes room, so that the program may go on
    auto due = served_.run(now);
    if (output_ != nullptr) {
      output_->flush();
      if (output_->error() != 0 && !leaves()) loop_.stop();
    }
    if (now >= next_housekeeping_) {
      next_housekeeping_ = now + housekeeping;
      keep_(now);
      if (link_.check_state() == link_state::gone) loop_.stop();
    }
    const bool done = served_.finished() && (output_ == nullptr || output_->waiting() == 0);
    if (leaves() ? farewell_is_over(now) : done) loop_.stop();
    loop_.set_deadline(std::min({due.value_or(instant::never()), next_housekeeping_, leave_at_}));
  }

  bool leaves() const { return leave_at_ != instant::never(); }

  event_loop loop_;
  live_host& served_;
  live_link& link_;
  output_queue* output_;
  std::function<void(instant)> keep_;
  instant next_housekeeping_{};
  instant leave_at_ = instant::never();
  instant quiet_at_{};
  std::uint64_t told_ = 0;
};

// Ends connections that are open, and lets their peers know, as well as that can be done.
void leave_peers(service& serving, transfer_program& program) {
  const auto flows = program.results();
  const bool open = std::any_of(flows.begin(), flows.end(),
                                [](const flow_result& each) { return each.opened && each.status == end_status::none; });
  program.abort();
  if (open) serving.say_farewell();
}

record_sink sink_into(output_queue& output) {
  return [&output](const std::string&, const received_record& contents) {
    for (const slice& piece : contents.pieces) output.push(piece);
  };
}

void note_output(live_transfer_outcome& outcome, const output_queue& output) {
  if (output.error() == EPIPE) outcome.reader_gone = true;
  else if (output.error() != 0)
    outcome.trouble = "cannot write to standard output: " + std::generic_category().message(output.error());
}

}  // namespace

live_transfer_outcome run_live_transfer(live_link& connected, const live_transfer_settings& settings,
                                        const std::function<void(transfer_program&, const record_sink&)>& build) {
  std::unique_ptr<journal_writer> journal;
  std::unique_ptr<output_queue> output;
  recording capture(connected, settings.record, settings.end);
  if (!settings.journal.empty()) journal = std::make_unique<journal_writer>(settings.journal, settings.end);
  if (settings.to_standard_output) output = std::make_unique<output_queue>(STDOUT_FILENO);

  live_status status;
  drop_privileges();

  const instant origin = clock_now();
  transfer_program program(journal.get(), origin);
  paced_program paced(program, output.get());
  live_host served(live_host_config(connected.capabilities(), settings.network, settings.seed), capture.used(), paced);
  build(program, output ? sink_into(*output) : record_sink());

  live_transfer_outcome outcome;
  {
    watcher eyes(settings, program, origin);
    // What a killed process leaves is at most one housekeeping behind.
    const auto keep = [&](instant now) {
      eyes.look(now);
      capture.flush();
      if (journal) journal->flush();
    };
    service serving(served, connected, status, output.get(), keep);
    try {
      outcome.stopped_by_signal = serving.run();
    } catch (...) {  // a file that cannot be written
      paced.rest();
      leave_peers(serving, program);
      throw;
    }
    if (connected.check_state() != link_state::gone) leave_peers(serving, program);
  }
  outcome.flows = program.results();
  outcome.counters = served.on().statistics();
  outcome.receive_drops = connected.receive_drops();
  if (output) note_output(outcome, *output);
  if (connected.check_state() == link_state::gone) outcome.trouble = connected.name() + " is gone";
  if (journal) {
    journal->close();
    if (journal->error()) outcome.trouble = *journal->error();
  }
  if (const auto error = capture.finish()) outcome.trouble = *error;
  return outcome;
}

}  // namespace seqwire
