// run_on_simulator() and simulate(): hosts, their programs and the links between them in virtual time. See
// experiment.hpp.
#include "lab/experiment.hpp"
#include "lab/host_plan.hpp"
#include "lab/measure/measurement.hpp"
#include "lab/qlog/qlog_recording.hpp"
#include "lab/wire/interrupted.hpp"
#include "rawio/clock.hpp"
#include "rawio/interrupt_flag.hpp"
#include "rawio/privilege.hpp"
#include "sim/simulation.hpp"

namespace seqwire {
namespace {

// Gives a measurement its reports at the instants for which it asks. An event that looks and touches nothing; once
// nothing else is to happen it lets the run end.
class observer final : public actor {
 public:
  observer(schedule& time, measurement& of, std::function<experiment_report()> report)
      : schedule_(time), measurement_(of), report_(std::move(report)) {}

  void begin() { wait(); }
  void on_event(instant now, std::uint64_t) override {
    measurement_.take(now - instant{}, report_());
    if (!schedule_.empty()) wait();
  }

 private:
  void wait() {
    if (const auto next = measurement_.next()) schedule_.at(instant{} + *next, *this, 0);
  }

  schedule& schedule_;
  measurement& measurement_;
  std::function<experiment_report()> report_;
};

// A plan's network in virtual time, with a program on each host that flows begin or end at.
class simulated_experiment {
 public:
  // Without files nothing is recorded, without `events` none are told. All outlive it.
  simulated_experiment(const experiment_plan& plan, run_files* files, qlog_recording* events)
      : plan_(plan),
        routers_tell_(plan.ran.topology.routing == "rip"),
        programs_(plan.map.hosts()),
        events_(events),
        net_(plan.ran.seed, files != nullptr ? &files->capture : nullptr) {
    for (const std::string& name : plan.hosts_with_flows()) {
      const std::size_t host = *plan.map.find(name);
      programs_[host] = std::make_unique<transfer_program>(files != nullptr ? &files->journal_of(name) : nullptr);
      add_flows(*programs_[host], plan, host, [&](std::size_t other) { return address_of_host(plan.map, other); });
    }
    for (std::size_t host = 0; host < plan.map.hosts(); ++host) add_host(host);
    for (std::size_t link = 0; link < plan.map.links(); ++link) add_link(link);
    net_.build();
  }

  void run(const stop_question& stop, const progress_listener& tell) {
    std::uint64_t events = 0;
    instant next_told = clock_now();
    const auto stopped = [&] {
      constexpr std::uint64_t between_looks = 1024;  // at the clock, which costs more than an event
      if (tell && ++events % between_looks == 0)
        if (const instant now = clock_now(); now >= next_told) {
          next_told = now + 200_ms;
          tell({time().now() - instant{}, events, delivered()});
        }
      return stop() != 0;
    };
    // What routers tell each other never ends.
    if (routers_tell_) net_.run_until_finished(plan_.ran.time_limit, stopped);
    else net_.run(plan_.ran.time_limit, stopped);
  }

  schedule& time() { return net_.time(); }

  void report(experiment_report& to, bool with_digests) {
    for (std::size_t host = 0; host < plan_.map.hosts(); ++host)
      to.hosts.push_back({plan_.map.name_of(host), net_.on(host).statistics()});
    const instant now = time().now();
    for (std::size_t link = 0; link < plan_.map.links(); ++link) {
      channel& one_way = net_.a_to_b(link);
      channel& other_way = net_.b_to_a(link);
      to.links.push_back({plan_.ran.links[link].ends, one_way.statistics(), other_way.statistics(),
                          one_way.waiting(now), other_way.waiting(now)});
    }
    to.flows = flows(with_digests);
    to.fingerprint = net_.fingerprint();
  }

 private:
  std::vector<flow_report> flows(bool with_digests) const {
    std::vector<const transfer_program*> programs;
    for (const auto& each : programs_) programs.push_back(each.get());
    return flow_reports(plan_, programs, with_digests);
  }

  std::uint64_t delivered() const {
    std::uint64_t records = 0;
    for (const flow_report& each : flows(false)) records += each.receiver.records;
    return records;
  }

  void add_host(std::size_t host) {
    simulated_host made;
    made.name = plan_.map.name_of(host);
    made.number = number_of_host(host);
    made.program = programs_[host].get();
    if (events_ != nullptr && made.program != nullptr) made.program = &events_->watched(made.name, *made.program, {});
    host_plan told = plan_host(plan_, host);
    made.forwards = told.forwards;
    made.tells_routes = told.tells_routes;
    made.routes = std::move(told.routes);
    made.gateway = told.gateway;
    net_.add(std::move(made));
  }

  void add_link(std::size_t link) {
    const link_settings& of = plan_.ran.links[link];
    net_.add({plan_.map.a_of(link), plan_.map.b_of(link), network_of_link(link), of.mtu, of.a_to_b, of.b_to_a});
  }

  const experiment_plan& plan_;
  bool routers_tell_;
  std::vector<std::unique_ptr<transfer_program>> programs_;  // they outlive their hosts
  qlog_recording* events_;
  internetwork net_;
};

// Returns the signal that ended the run, or 0.
int run_world(experiment_report& report, const experiment_plan& plan, run_files* files, const stop_question& stop,
              const progress_listener& tell = {}) {
  qlog_recording events(report.directory);
  report.world = "simulator";
  report.ran = plan.ran;
  simulated_experiment world(plan, files, files != nullptr && plan.ran.qlog ? &events : nullptr);
  measurement measured(plan.ran, files != nullptr ? files->directory : "");
  observer watching(world.time(), measured, [&] {
    experiment_report now;
    world.report(now, false);
    return now;
  });
  watching.begin();
  world.run(stop, tell);
  world.report(report, true);
  sum_up(report);
  measured.finish(report, world.time().now() - instant{});
  if (files == nullptr) return stop();
  for (std::string& each : files->close()) report.not_written.push_back(std::move(each));
  for (std::string& each : events.finish(files->path(capture_name), plan.ran.name))
    report.not_written.push_back(std::move(each));
  return stop();
}

experiment_report run_with_files(const scenario& from, const std::string& directory, const stop_question& stop,
                                 const progress_listener& tell) {
  const files_of_caller as_caller;
  require_outputs_apart(from, directory);
  experiment_plan plan = planned(from);
  give_clocks(plan);
  experiment_report report;
  report.directory = directory;
  run_files files(directory, from, plan.hosts_with_flows());
  const int signal = run_world(report, plan, &files, stop, tell);
  if (signal != 0) throw interrupted(signal);
  conclude(report, stop);
  return report;
}

}  // namespace

experiment_report run_on_simulator(const scenario& from, const std::string& directory, const progress_listener& tell) {
  const interrupt_flag asked;
  return run_with_files(
      from, directory, [&] { return asked.signal(); }, tell);
}

experiment_report run_on_simulator(const scenario& from, const std::string& directory, const stop_question& stop) {
  return run_with_files(from, directory, stop, {});
}

experiment_report simulate(const scenario& from, const stop_question& stop) {
  experiment_plan plan = planned(from);
  give_clocks(plan);
  experiment_report report;
  if (const int signal = run_world(report, plan, nullptr, stop); signal != 0) throw interrupted(signal);
  return report;
}

}  // namespace seqwire
