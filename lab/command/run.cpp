// seqwire run: a scenario file on the simulator or on the wire.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "lab/command/command.hpp"
#include "lab/experiment.hpp"

namespace seqwire {
namespace {

struct run_options {
  std::string path;
  std::string on = "sim";
  std::optional<std::uint64_t> seed;
  std::vector<std::string> set;
  std::string out = "seqwire-run";
  bool json = false;
};

int run(const run_options& options) {
  std::vector<std::string> overrides = options.set;
  if (options.seed) overrides.push_back("scenario.seed=" + std::to_string(*options.seed));
  const auto from = read_scenario(options.path, overrides);
  if (!from) throw usage_error(from.error().message);
  require_files(*from);
  require_folder_or_nothing("--out", options.out);
  const experiment_report report =
      options.on == "sim" ? run_on_simulator(*from, options.out) : run_on_wire(*from, options.out);
  print_data(options.json
                 ? json_text(to_json(report))
                 : render_text(report) + "  written: " + options.out + "/" + capture_name + " and beside it\n");
  complain_of_flows(report);
  return report.exit_code();
}

}  // namespace

void add_run(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<run_options>();
  CLI::App* command = to.add_subcommand("run", "Run a scenario file, on the simulator or on the wire");
  command->add_option("scenario", options->path, "Scenario (TOML)")->required();
  command->add_option("--on", options->on, "sim or wire")->check(CLI::IsMember({"sim", "wire"}))->capture_default_str();
  add_seed(*command, options->seed, "Instead of the scenario's");
  add_repeatable(*command, "--set", options->set, "Change a key, e.g. link.loss=2% or flow.0.window=28");
  command->add_option("--out", options->out, "Folder for capture, journals and summary")->capture_default_str();
  command->add_flag("--json", options->json, "Print the summary as JSON");
  command->footer(
      "Examples:\n  seqwire run examples/scenarios/lossy.toml\n  seqwire run lossy.toml --on wire --set link.loss=2%");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace seqwire
