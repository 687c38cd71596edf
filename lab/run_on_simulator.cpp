// run_on_simulator() and simulate(): both hosts, their programs and the link in virtual time. See experiment.hpp.
#include "lab/experiment.hpp"
#include "lab/wire/interrupted.hpp"
#include "rawio/interrupt_flag.hpp"
#include "rawio/privilege.hpp"
#include "sim/simulation.hpp"

namespace seqwire {
namespace {

simulation_settings settings_of(const scenario& from) {
  simulation_settings settings;
  settings.seed = from.seed;
  settings.mtu = from.mtu;
  settings.a_to_b = from.a_to_b;
  settings.b_to_a = from.b_to_a;
  settings.time_limit = from.time_limit;
  return settings;
}

// The report's `ran` is complete; without files nothing is recorded. Returns the signal that ended the run, or 0.
int run_world(experiment_report& report, run_files* files, const stop_question& stop) {
  report.world = "simulator";
  transfer_program program_a(files != nullptr ? &files->journal_a : nullptr);
  transfer_program program_b(files != nullptr ? &files->journal_b : nullptr);
  add_flows(program_a, report.ran, 'a', simulation::network, simulation::host_b);
  add_flows(program_b, report.ran, 'b', simulation::network, simulation::host_a);

  simulation world(settings_of(report.ran), program_a, program_b, files != nullptr ? &files->capture : nullptr);
  world.run([&] { return stop() != 0; });

  report.a = {world.a().statistics(), program_a.results()};
  report.b = {world.b().statistics(), program_b.results()};
  report.a_to_b = world.a_to_b().statistics();
  report.b_to_a = world.b_to_a().statistics();
  report.fingerprint = world.fingerprint();
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
  experiment_report report;
  report.directory = directory;
  report.ran = completed(from, packet_life(settings_of(from)));
  run_files files(directory, from);
  const int signal = run_world(report, &files, stop);
  report.not_written = files.close();
  if (signal != 0) throw interrupted(signal);
  conclude(report, stop);
  return report;
}

experiment_report simulate(const scenario& from, const stop_question& stop) {
  experiment_report report;
  report.ran = completed(from, packet_life(settings_of(from)));
  if (const int signal = run_world(report, nullptr, stop); signal != 0) throw interrupted(signal);
  sum_up(report);
  return report;
}

}  // namespace seqwire
