// run_on_simulator(): both hosts, their programs and the link in virtual time. See experiment.hpp.
#include <filesystem>
#include <stdexcept>

#include "lab/experiment.hpp"
#include "sim/simulation.hpp"

namespace seqwire {

namespace fs = std::filesystem;

experiment_report run_on_simulator(const scenario& from, const std::string& directory) {
  require_outputs_apart(from, directory);
  fs::create_directories(directory);
  const fs::path folder(directory);

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

  capture_writer capture((folder / capture_name).string(),
                         {.application = "seqwire", .comment = from.name + ", seed " + std::to_string(from.seed)});
  journal_writer journal_a((folder / journal_a_name).string(), "a");
  journal_writer journal_b((folder / journal_b_name).string(), "b");
  transfer_program program_a(&journal_a);
  transfer_program program_b(&journal_b);
  add_flows(program_a, report.ran, 'a', simulation::network, simulation::host_b);
  add_flows(program_b, report.ran, 'b', simulation::network, simulation::host_a);

  simulation world(settings, program_a, program_b, &capture);
  world.run();
  journal_a.close();
  journal_b.close();
  capture.close();
  for (const auto& error : {capture.error(), journal_a.error(), journal_b.error()})
    if (error) throw std::runtime_error(*error);

  report.a = {world.a().statistics(), program_a.results()};
  report.b = {world.b().statistics(), program_b.results()};
  report.a_to_b = world.a_to_b().statistics();
  report.b_to_a = world.b_to_a().statistics();
  conclude(report);
  return report;
}

}  // namespace seqwire
