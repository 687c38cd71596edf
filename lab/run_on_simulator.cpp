// run_on_simulator() and simulate(): hosts, their programs and the links between them in virtual time. See
// experiment.hpp.
#include "lab/experiment.hpp"
#include "lab/wire/interrupted.hpp"
#include "rawio/interrupt_flag.hpp"
#include "rawio/privilege.hpp"
#include "sim/simulation.hpp"

namespace seqwire {
namespace {

// Locally administered, the same in every run: the first two are those of a pair.
host_number number_of(std::size_t host) { return host_number{static_cast<std::uint64_t>(simulation::host_a) + host}; }
network_number network_of(std::size_t link) {
  return network_number{static_cast<std::uint32_t>(simulation::network) + static_cast<std::uint32_t>(link)};
}
xns_address address_of(const network_map& map, std::size_t host) {
  return {network_of(map.links_at(host).front()), number_of(host), {}};
}

// The ways that a host is given: a router each network's, any other host its router's.
void give_ways(simulated_host& to, const network_map& map, std::size_t host) {
  const auto links = map.links_at(host);
  if (!map.forwards(host)) {
    const std::size_t neighbour = map.across(links.front(), host);
    if (map.forwards(neighbour)) to.gateway = number_of(neighbour);
    return;
  }
  std::map<std::size_t, link_index> index;  // of its links among its own
  for (const std::size_t link : links) index.emplace(link, index.size());
  for (std::size_t link = 0; link < map.links(); ++link) {
    const auto by = map.way(host, link);
    if (by && *by != link) to.routes.push_back({network_of(link), index.at(*by), number_of(map.across(*by, host))});
  }
}

// A plan's network in virtual time, with a program on each host that flows begin or end at.
class simulated_experiment {
 public:
  // Without files nothing is recorded. Both outlive it.
  simulated_experiment(const experiment_plan& plan, run_files* files)
      : plan_(plan),
        routers_tell_(plan.ran.topology.routing == "rip"),
        programs_(plan.map.hosts()),
        net_(plan.ran.seed, files != nullptr ? &files->capture : nullptr) {
    for (const std::string& name : plan.hosts_with_flows()) {
      const std::size_t host = *plan.map.find(name);
      programs_[host] = std::make_unique<transfer_program>(files != nullptr ? &files->journal_of(name) : nullptr);
      add_flows(*programs_[host], plan, host, [&](std::size_t other) { return address_of(plan.map, other); });
    }
    for (std::size_t host = 0; host < plan.map.hosts(); ++host) add_host(host);
    for (std::size_t link = 0; link < plan.map.links(); ++link) add_link(link);
    net_.build();
  }

  void run(const stop_question& stop) {
    const auto stopped = [&] { return stop() != 0; };
    // What routers tell each other never ends.
    if (routers_tell_) net_.run_until_finished(plan_.ran.time_limit, stopped);
    else net_.run(plan_.ran.time_limit, stopped);
  }

  void report(experiment_report& to) {
    std::vector<const transfer_program*> programs;
    for (std::size_t host = 0; host < plan_.map.hosts(); ++host) {
      programs.push_back(programs_[host].get());
      to.hosts.push_back({plan_.map.name_of(host), net_.on(host).statistics()});
    }
    for (std::size_t link = 0; link < plan_.map.links(); ++link)
      to.links.push_back({plan_.ran.links[link].ends, net_.a_to_b(link).statistics(), net_.b_to_a(link).statistics()});
    to.flows = flow_reports(plan_, programs);
    to.fingerprint = net_.fingerprint();
  }

 private:
  void add_host(std::size_t host) {
    simulated_host made;
    made.name = plan_.map.name_of(host);
    made.number = number_of(host);
    made.program = programs_[host].get();
    made.forwards = plan_.map.forwards(host);
    made.tells_routes = routers_tell_;
    if (!routers_tell_) give_ways(made, plan_.map, host);
    net_.add(std::move(made));
  }

  void add_link(std::size_t link) {
    const link_settings& of = plan_.ran.links[link];
    net_.add({plan_.map.a_of(link), plan_.map.b_of(link), network_of(link), of.mtu, of.a_to_b, of.b_to_a});
  }

  const experiment_plan& plan_;
  bool routers_tell_;
  std::vector<std::unique_ptr<transfer_program>> programs_;  // they outlive their hosts
  internetwork net_;
};

// Returns the signal that ended the run, or 0.
int run_world(experiment_report& report, const experiment_plan& plan, run_files* files, const stop_question& stop) {
  report.world = "simulator";
  report.ran = plan.ran;
  simulated_experiment world(plan, files);
  world.run(stop);
  world.report(report);
  return stop();
}

}  // namespace

experiment_report run_on_simulator(const scenario& from, const std::string& directory) {
  const interrupt_flag asked;
  return run_on_simulator(from, directory, [&] { return asked.signal(); });
}

experiment_report run_on_simulator(const scenario& from, const std::string& directory, const stop_question& stop) {
  const files_of_caller as_caller;
  require_outputs_apart(from, directory);
  const experiment_plan plan = planned(from);
  experiment_report report;
  report.directory = directory;
  run_files files(directory, from, plan.hosts_with_flows());
  const int signal = run_world(report, plan, &files, stop);
  report.not_written = files.close();
  if (signal != 0) throw interrupted(signal);
  conclude(report, stop);
  return report;
}

experiment_report simulate(const scenario& from, const stop_question& stop) {
  const experiment_plan plan = planned(from);
  experiment_report report;
  if (const int signal = run_world(report, plan, nullptr, stop); signal != 0) throw interrupted(signal);
  sum_up(report);
  return report;
}

}  // namespace seqwire
