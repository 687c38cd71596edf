// run_on_wire(): a network namespace and an engine on packet sockets for each host, routers included, an impairing
// bridge for each link, all in one event loop. See experiment.hpp.
#include <fmt/format.h>

#include <algorithm>

#include "lab/experiment.hpp"
#include "lab/host_plan.hpp"
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

// What a packet may still be doing in kernel queues after the channels have let it go.
constexpr duration kernel_queues = 50_ms;

// The two ends of link n, in this order, are ends 2n and 2n + 1 of the recorder and of the bridges.
std::size_t end_of(const network_map& map, std::size_t link, std::size_t host) {
  return 2 * link + (map.a_of(link) == host ? 0 : 1);
}
std::string interface_of(const network_map& map, std::size_t link, std::size_t host) {
  const auto links = map.links_at(host);
  return fmt::format("xns{}", std::find(links.begin(), links.end(), link) - links.begin());
}
std::string port_of(std::size_t end) { return fmt::format("port-{}", end); }

// Hosts by their number, then the bridges' namespace, which has two ports for each link.
network_layout layout_of(const scenario& from, const network_map& map) {
  network_layout layout{.namespaces = map.hosts() + 1, .wires = {}};
  for (std::size_t link = 0; link < map.links(); ++link)
    for (const std::size_t host : {map.a_of(link), map.b_of(link)}) {
      const std::size_t end = end_of(map, link, host);
      layout.wires.push_back({{map.hosts(), port_of(end), host_number{0x020000010000 + end}},
                              {host, interface_of(map, link, host), number_of_host(host)},
                              from.links[link].mtu});
    }
  return layout;
}

// All sockets of a run, by end, opened where they belong.
struct wire_sockets {
  wire_sockets(const scenario& from, const network_map& map) : network(layout_of(from, map)) {
    for (std::size_t link = 0; link < map.links(); ++link)
      for (const std::size_t host : {map.a_of(link), map.b_of(link)}) {
        const packet_link_options options{.forwards = map.forwards(host)};
        hosts.push_back(network.inside(
            host, [&] { return std::make_unique<packet_link>(interface_of(map, link, host), options); }));
        ports.push_back(
            network.inside(map.hosts(), [&] { return std::make_unique<raw_port>(port_of(end_of(map, link, host))); }));
      }
  }

  private_network network;
  std::vector<std::unique_ptr<packet_link>> hosts;
  std::vector<std::unique_ptr<raw_port>> ports;
};

// A vantage point at each end, named as on the simulator.
std::vector<capture_interface> vantage_points(const network_map& map) {
  std::vector<capture_interface> all;
  for (std::size_t link = 0; link < map.links(); ++link)
    for (const std::size_t host : {map.a_of(link), map.b_of(link)}) {
      const bool only_one = !map.forwards(host);
      const std::string& name = map.name_of(host);
      all.push_back({.name = only_one ? name : fmt::format("{}-{}", name, link),
                     .description = only_one ? fmt::format("host {}, at its own interface", name)
                                             : fmt::format("router {} on link {}, at its own interface", name, link)});
    }
  return all;
}

// A host with its program on its ends of links, recorded and logged.
class wire_host {
 public:
  wire_host(const experiment_plan& plan, std::size_t host, const wire_sockets& sockets, wire_recorder& recorder,
            run_files& files, qlog_recording& events, instant origin)
      : name_(plan.map.name_of(host)),
        capabilities_(capabilities_of(plan, host, sockets)),
        log_(files.path(name_ + inputs_extension), {name_, origin, capabilities_, plan}) {
    for (const std::size_t link : plan.map.links_at(host)) {
      const std::size_t end = end_of(plan.map, link, host);
      recorded_.push_back(std::make_unique<recorded_link>(*sockets.hosts[end], recorder, end));
      logged_.push_back(
          std::make_unique<logged_link>(*recorded_.back(), log_, static_cast<link_index>(logged_.size())));
    }
    const bool has_flows = !plan.flows_at[host].empty();
    program_ = std::make_unique<transfer_program>(has_flows ? &files.journal_of(name_) : nullptr, origin);
    application* runs = program_.get();
    if (has_flows && plan.ran.qlog) runs = &events.watched(name_, *program_, origin);
    std::vector<link*> links;
    for (const auto& each : logged_) links.push_back(each.get());
    host_ = std::make_unique<live_host>(config_of_host(plan, host, capabilities_), std::move(links), *runs);
    add_flows(
        *program_, plan, host, [&](std::size_t other) { return address_of_host(plan.map, other); },
        logged_records(log_));
  }

  std::optional<instant> run(instant now) {
    log_.woken(now);
    return host_->run(now);
  }
  bool finished() { return host_->finished(); }
  host_report report() { return {name_, host_->on().statistics()}; }
  const transfer_program* program() const { return program_.get(); }
  std::optional<std::string> close_log() { return log_.close(); }

 private:
  static std::vector<link_capabilities> capabilities_of(const experiment_plan& plan, std::size_t host,
                                                        const wire_sockets& sockets) {
    std::vector<link_capabilities> all;
    for (const std::size_t link : plan.map.links_at(host))
      all.push_back(sockets.hosts[end_of(plan.map, link, host)]->capabilities());
    return all;
  }

  std::string name_;
  std::vector<link_capabilities> capabilities_;
  input_log_writer log_;
  std::vector<std::unique_ptr<recorded_link>> recorded_;
  std::vector<std::unique_ptr<logged_link>> logged_;
  std::unique_ptr<transfer_program> program_;  // of a router one without flows
  std::unique_ptr<live_host> host_;
};

using wire_hosts = std::vector<std::unique_ptr<wire_host>>;
using wire_bridges = std::vector<std::unique_ptr<bridge>>;

// Runs everything from one loop until all programs are done, the time is over, or a signal comes.
class wire_run {
 public:
  /// How the run stands now.
  using look = std::function<experiment_report()>;

  wire_run(wire_hosts& hosts, wire_bridges& bridges, instant origin, instant until, measurement& measured, look report)
      : hosts_(hosts),
        bridges_(bridges),
        origin_(origin),
        until_(until),
        measured_(measured),
        report_(std::move(report)) {}

  int serve(const wire_sockets& sockets) {
    for (const auto& each : sockets.hosts) loop_.add(each->descriptor(), [this] { turn(); });
    for (const auto& each : sockets.ports) loop_.add(each->descriptor(), [this] { turn(); });
    loop_.on_deadline([this] { turn(); });
    turn();
    loop_.run();
    return loop_.stopped_by_signal();
  }

 private:
  void turn() {
    const instant now = clock_now();
    instant next = until_;
    bool anything_due = false;
    const auto note = [&](std::optional<instant> due) {
      anything_due = anything_due || due;
      if (due && *due < next) next = *due;
    };
    // Listeners first, so that the first opening finds one: the hosts that links name last.
    for (auto each = hosts_.rbegin(); each != hosts_.rend(); ++each) note((*each)->run(now));
    for (const auto& each : bridges_) note(each->run(now));
    // Nobody waits for anything, and nothing can be under way any more: an end that was never opened stays so.
    if (anything_due) quiet_at_ = instant::never();
    else quiet_at_ = std::min(quiet_at_, now + kernel_queues);
    next = std::min({next, quiet_at_, measure(now)});
    const bool finished = std::all_of(hosts_.begin(), hosts_.end(), [](const auto& each) { return each->finished(); });
    if (finished || now >= until_ || now >= quiet_at_) loop_.stop();
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
  wire_hosts& hosts_;
  wire_bridges& bridges_;
  instant origin_;
  instant until_;
  measurement& measured_;
  look report_;
  instant quiet_at_ = instant::never();  // the run ends then if nothing becomes due before
};

// What hosts and links have counted by now.
void add_counts(experiment_report& to, const wire_hosts& hosts, const wire_bridges& bridges,
                const wire_recorder& recorder) {
  for (const auto& each : hosts) to.hosts.push_back(each->report());
  const instant now = clock_now();
  for (std::size_t link = 0; link < bridges.size(); ++link) {
    channel& one_way = bridges[link]->a_to_b();
    channel& other_way = bridges[link]->b_to_a();
    to.links.push_back({to.ran.links[link].ends, one_way.statistics(), other_way.statistics(), one_way.waiting(now),
                        other_way.waiting(now), recorder.arrivals_at(2 * link + 1), recorder.arrivals_at(2 * link)});
  }
}

}  // namespace

std::optional<std::string> too_large_for_wire(const scenario& from) {
  const network_map map = map_of(from);
  if (map.hosts() <= most_wire_hosts && map.links() <= most_wire_links) return std::nullopt;
  return fmt::format("expected a network of at most {} hosts and {} links; got {} and {}, which --on sim runs",
                     most_wire_hosts, most_wire_links, map.hosts(), map.links());
}

experiment_report run_on_wire(const scenario& from, const std::string& directory) {
  require_outputs_apart(from, directory);
  require(!too_large_for_wire(from));
  wire_sockets sockets(from, map_of(from));
  drop_privileges();

  experiment_plan plan = planned(from, kernel_queues);
  give_clocks(plan);
  run_files files(directory, from, plan.hosts_with_flows());
  wire_recorder recorder(files.capture, vantage_points(plan.map));
  const instant origin = clock_now();
  qlog_recording events(directory);
  wire_hosts hosts;
  for (std::size_t host = 0; host < plan.map.hosts(); ++host)
    hosts.push_back(std::make_unique<wire_host>(plan, host, sockets, recorder, files, events, origin));
  wire_bridges bridges;
  for (std::size_t link = 0; link < plan.map.links(); ++link)
    bridges.push_back(std::make_unique<bridge>(*sockets.ports[2 * link], *sockets.ports[2 * link + 1],
                                               from.links[link].a_to_b, from.links[link].b_to_a, from.seed, origin,
                                               &recorder, link));

  const auto look = [&](bool with_digests) {
    experiment_report report;
    report.world = "wire";
    report.directory = directory;
    report.ran = plan.ran;
    add_counts(report, hosts, bridges, recorder);
    std::vector<const transfer_program*> programs;
    for (const auto& each : hosts) programs.push_back(each->program());
    report.flows = flow_reports(plan, programs, with_digests);
    return report;
  };
  measurement measured(plan.ran, directory);
  const instant until = origin + from.time_limit;
  // As a temporary: the loop holds signals back, and the verdict may take long.
  const int signal = wire_run(hosts, bridges, origin, until, measured, [&] { return look(false); }).serve(sockets);
  recorder.finish();
  const instant ended = clock_now();
  for (std::size_t end = 0; end < sockets.hosts.size(); ++end)
    files.capture.write_statistics(end, ended,
                                   {sockets.hosts[end]->counters().received, sockets.hosts[end]->receive_drops()});
  std::vector<std::string> not_written = files.close();
  for (std::string& each : events.finish(files.path(capture_name), plan.ran.name))
    not_written.push_back(std::move(each));
  for (const auto& each : hosts)
    if (auto error = each->close_log()) not_written.push_back(*std::move(error));
  if (signal != 0) throw interrupted(signal);

  experiment_report report = look(true);
  report.not_written = std::move(not_written);
  sum_up(report);
  measured.finish(report, ended - origin);
  conclude(report);
  return report;
}

}  // namespace seqwire
