// run_on_wire(): the laboratory's network, an engine on a packet socket in each host's namespace, the impairing bridge
// between them, one event loop. See experiment.hpp.
#include "lab/experiment.hpp"
#include "lab/measure/measurement.hpp"
#include "lab/qlog/qlog_recording.hpp"
#include "lab/wire/input_log.hpp"
#include "lab/wire/interrupted.hpp"
#include "lab/wire/live_host.hpp"
#include "lab/wire/wire_recorder.hpp"
#include "rawio/clock.hpp"
#include "rawio/lab_network.hpp"
#include "rawio/packet_link.hpp"
#include "rawio/privilege.hpp"

namespace seqwire {
namespace {

constexpr network_number wire_network{1};

// What a packet may still be doing in kernel queues after the channels have let it go.
constexpr duration kernel_queues = 50_ms;

// The two hosts' ends of the network, opened where they belong.
struct wire_network_ends {
  explicit wire_network_ends(const lab_options& options)
      : network(options),
        a(network.inside(lab_host::a, [&] { return packet_link(lab_interface); })),
        b(network.inside(lab_host::b, [&] { return packet_link(lab_interface); })),
        port_a(network.inside(lab_host::bridge, [&] { return raw_port(lab_port_a); })),
        port_b(network.inside(lab_host::bridge, [&] { return raw_port(lab_port_b); })) {}

  private_lab network;
  packet_link a;
  packet_link b;
  raw_port port_a;
  raw_port port_b;
};

// A host with its program on its end of the network, recorded and logged.
class wire_host {
 public:
  wire_host(const experiment_plan& plan, std::size_t host, packet_link& end, wire_recorder& recorder, run_files& files,
            qlog_recording& events, instant origin)
      : recorded_(end, recorder, static_cast<int>(host)),
        log_(files.path(plan.map.name_of(host) + inputs_extension),
             {plan.map.name_of(host), origin, wire_network, address_of(1 - host).host, end.capabilities(), plan}),
        logged_(recorded_, log_),
        program_(&files.journal_of(plan.map.name_of(host)), origin),
        host_(live_host_config(recorded_.capabilities(), wire_network, plan.ran.seed), logged_,
              plan.ran.qlog ? events.watched(plan.map.name_of(host), program_, origin) : program_) {
    add_flows(program_, plan, host, address_of, logged_records(log_));
  }

  std::optional<instant> run(instant now) {
    log_.woken(now);
    return host_.run(now);
  }
  bool finished() { return host_.finished(); }
  host_statistics statistics() { return host_.on().statistics(); }
  const transfer_program* program() const { return &program_; }
  std::optional<std::string> close_log() { return log_.close(); }

 private:
  // The first host of a pair is a.
  static xns_address address_of(std::size_t host) {
    return {wire_network, host == 0 ? lab_address_a : lab_address_b, {}};
  }

  recorded_link recorded_;
  input_log_writer log_;
  logged_link logged_;
  transfer_program program_;
  live_host host_;
};

// Runs everything from one loop until both programs are done, the time is over, or a signal comes.
class wire_run {
 public:
  /// How the run stands now.
  using look = std::function<experiment_report()>;

  wire_run(wire_host& a, wire_host& b, bridge& between, instant origin, instant until, measurement& measured,
           look report)
      : a_(a),
        b_(b),
        bridge_(between),
        origin_(origin),
        until_(until),
        measured_(measured),
        report_(std::move(report)) {}

  int serve(wire_network_ends& ends) {
    for (const int descriptor :
         {ends.a.descriptor(), ends.b.descriptor(), ends.port_a.descriptor(), ends.port_b.descriptor()})
      loop_.add(descriptor, [this] { turn(); });
    loop_.on_deadline([this] { turn(); });
    turn();
    loop_.run();
    return loop_.stopped_by_signal();
  }

 private:
  void turn() {
    const instant now = clock_now();
    instant next = until_;
    // The listening side first, so that the first opening finds a listener.
    bool anything_due = false;
    for (const auto due : {b_.run(now), a_.run(now), bridge_.run(now)}) {
      anything_due = anything_due || due;
      if (due && *due < next) next = *due;
    }
    // Nobody waits for anything, and nothing can be under way any more: an end that was never opened stays so.
    if (anything_due) quiet_at_ = instant::never();
    else quiet_at_ = std::min(quiet_at_, now + kernel_queues);
    next = std::min({next, quiet_at_, measure(now)});
    if ((a_.finished() && b_.finished()) || now >= until_ || now >= quiet_at_) loop_.stop();
    loop_.set_deadline(next);
  }

  // Looks at the run when that is due; when it will be next.
  instant measure(instant now) {
    auto next = measured_.next();
    if (next && origin_ + *next <= now) {
      measured_.take(now - origin_, report_());
      next = measured_.next();
    }
    return next ? origin_ + *next : instant::never();
  }

  event_loop loop_;
  wire_host& a_;
  wire_host& b_;
  bridge& bridge_;
  instant origin_;
  instant until_;
  measurement& measured_;
  look report_;
  instant quiet_at_ = instant::never();  // the run ends then if nothing becomes due before
};

}  // namespace

experiment_report run_on_wire(const scenario& from, const std::string& directory) {
  require_outputs_apart(from, directory);
  require(from.topology == topology_settings{});
  const link_settings& joined = from.links.front();
  wire_network_ends ends({.through_bridge = true, .mtu = joined.mtu});
  drop_privileges();

  experiment_plan plan = planned(from, kernel_queues);
  give_clocks(plan);
  run_files files(directory, from, plan.hosts_with_flows());
  wire_recorder recorder(files.capture);
  const instant origin = clock_now();
  qlog_recording events(directory);
  wire_host a(plan, 0, ends.a, recorder, files, events, origin);
  wire_host b(plan, 1, ends.b, recorder, files, events, origin);
  bridge between(ends.port_a, ends.port_b, joined.a_to_b, joined.b_to_a, from.seed, origin, &recorder);

  const auto look = [&](bool with_digests) {
    experiment_report report;
    report.world = "wire";
    report.directory = directory;
    report.ran = plan.ran;
    report.hosts = {{"a", a.statistics()}, {"b", b.statistics()}};
    report.links = {{joined.ends, between.a_to_b().statistics(), between.b_to_a().statistics(),
                     between.a_to_b().waiting(clock_now()), between.b_to_a().waiting(clock_now())}};
    report.flows = flow_reports(plan, {a.program(), b.program()}, with_digests);
    return report;
  };
  measurement measured(plan.ran, directory);
  const instant until = origin + from.time_limit;
  // As a temporary: the loop holds signals back, and the verdict may take long.
  const int signal = wire_run(a, b, between, origin, until, measured, [&] { return look(false); }).serve(ends);
  recorder.finish();
  const instant ended = clock_now();
  files.capture.write_statistics(0, ended, {ends.a.counters().received, ends.a.receive_drops()});
  files.capture.write_statistics(1, ended, {ends.b.counters().received, ends.b.receive_drops()});
  std::vector<std::string> not_written = files.close();
  for (std::string& each : events.finish(files.path(capture_name), plan.ran.name))
    not_written.push_back(std::move(each));
  for (auto error : {a.close_log(), b.close_log()})
    if (error) not_written.push_back(*std::move(error));
  if (signal != 0) throw interrupted(signal);

  experiment_report report = look(true);
  report.not_written = std::move(not_written);
  sum_up(report);
  measured.finish(report, ended - origin);
  conclude(report);
  return report;
}

}  // namespace seqwire
