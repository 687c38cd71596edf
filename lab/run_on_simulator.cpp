// run_on_simulator(): both hosts, their programs and the link in virtual time. See experiment.hpp.
#include "lab/experiment.hpp"
#include "lab/wire/interrupted.hpp"
#include "rawio/interrupt_flag.hpp"
#include "rawio/privilege.hpp"
#include "sim/simulation.hpp"

namespace seqwire {
namespace {

// Until everything is done, or a signal comes: its number, or 0.
int run_to_its_end(simulation& world) {
  const interrupt_flag asked;
  world.run([&] { return asked.signal() != 0; });
  return asked.signal();
}

}  // namespace

experiment_report run_on_simulator(const scenario& from, const std::string& directory) {
  const files_of_caller as_caller;
  require_outputs_apart(from, directory);

  simulation_settings settings;
  settings.seed = from.seed;
  settings.mtu = from.mtu;
  settings.a_to_b = from.a_to_b;
  settings.b_to_a = from.b_to_a;
  settings.time_limit = from.time_limit;

  experiment_report report;
  report.world = "simulator";
  report.directory = directory;
  report.ran = completed(from, packet_life(settings));

  run_files files(directory, from);
  transfer_program program_a(&files.journal_a);
  transfer_program program_b(&files.journal_b);
  add_flows(program_a, report.ran, 'a', simulation::network, simulation::host_b);
  add_flows(program_b, report.ran, 'b', simulation::network, simulation::host_a);

  simulation world(settings, program_a, program_b, &files.capture);
  const int signal = run_to_its_end(world);
  report.not_written = files.close();
  if (signal != 0) throw interrupted(signal);

  report.a = {world.a().statistics(), program_a.results()};
  report.b = {world.b().statistics(), program_b.results()};
  report.a_to_b = world.a_to_b().statistics();
  report.b_to_a = world.b_to_a().statistics();
  conclude(report);
  return report;
}

}  // namespace seqwire
