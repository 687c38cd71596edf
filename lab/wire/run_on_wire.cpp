// run_on_wire(): the laboratory's network, an engine on a packet socket in each host's namespace, the impairing bridge
// between them, one event loop. See experiment.hpp.
#include "lab/experiment.hpp"
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

// Runs everything from one loop until both programs are done, the time is over, or a signal comes.
class wire_run {
 public:
  struct member {
    live_host& on;
    input_log_writer& log;
    std::optional<instant> run(instant now) {
      log.woken(now);
      return on.run(now);
    }
  };

  wire_run(member a, member b, bridge& between, instant until) : a_(a), b_(b), bridge_(between), until_(until) {}

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
    next = std::min(next, quiet_at_);
    if ((a_.on.finished() && b_.on.finished()) || now >= until_ || now >= quiet_at_) loop_.stop();
    loop_.set_deadline(next);
  }

  event_loop loop_;
  member a_;
  member b_;
  bridge& bridge_;
  instant until_;
  instant quiet_at_ = instant::never();  // the run ends then if nothing becomes due before
};

}  // namespace

experiment_report run_on_wire(const scenario& from, const std::string& directory) {
  require_outputs_apart(from, directory);
  require(from.topology == topology_settings{});
  const link_settings& joined = from.links.front();
  wire_network_ends ends({.through_bridge = true, .mtu = joined.mtu});
  drop_privileges();

  experiment_report report;
  report.world = "wire";
  report.directory = directory;
  const experiment_plan plan = planned(from, kernel_queues);
  const std::size_t host_a = plan.map.a_of(0);
  const std::size_t host_b = plan.map.b_of(0);
  report.ran = plan.ran;

  run_files files(directory, from, plan.hosts_with_flows());
  wire_recorder recorder(files.capture);
  recorded_link link_a(ends.a, recorder, 0);
  recorded_link link_b(ends.b, recorder, 1);

  const instant origin = clock_now();
  const auto log_of = [&](const std::string& host, const link& connected, host_number peer) {
    return input_log_writer(files.path(host + inputs_extension),
                            {host, origin, wire_network, peer, connected.capabilities(), plan});
  };
  input_log_writer inputs_a = log_of("a", link_a, lab_address_b);
  input_log_writer inputs_b = log_of("b", link_b, lab_address_a);
  logged_link logged_a(link_a, inputs_a);
  logged_link logged_b(link_b, inputs_b);

  transfer_program program_a(&files.journal_of("a"), origin);
  transfer_program program_b(&files.journal_of("b"), origin);
  const auto address_of = [&](std::size_t host) {
    return xns_address{wire_network, host == host_a ? lab_address_a : lab_address_b, {}};
  };
  add_flows(program_a, plan, host_a, address_of, logged_records(inputs_a));
  add_flows(program_b, plan, host_b, address_of, logged_records(inputs_b));
  live_host a(live_host_config(link_a.capabilities(), wire_network, from.seed), logged_a, program_a);
  live_host b(live_host_config(link_b.capabilities(), wire_network, from.seed), logged_b, program_b);
  bridge between(ends.port_a, ends.port_b, joined.a_to_b, joined.b_to_a, from.seed, origin, &recorder);

  // As a temporary: the loop holds signals back, and the verdict may take long.
  const int signal = wire_run({a, inputs_a}, {b, inputs_b}, between, origin + from.time_limit).serve(ends);
  recorder.finish();
  const instant ended = clock_now();
  files.capture.write_statistics(0, ended, {ends.a.counters().received, ends.a.receive_drops()});
  files.capture.write_statistics(1, ended, {ends.b.counters().received, ends.b.receive_drops()});
  report.not_written = files.close();
  for (auto error : {inputs_a.close(), inputs_b.close()})
    if (error) report.not_written.push_back(*std::move(error));
  if (signal != 0) throw interrupted(signal);

  report.hosts = {{"a", a.on().statistics()}, {"b", b.on().statistics()}};
  report.links = {{joined.ends, between.a_to_b().statistics(), between.b_to_a().statistics()}};
  report.flows = flow_reports(plan, {&program_a, &program_b});
  conclude(report);
  return report;
}

}  // namespace seqwire
