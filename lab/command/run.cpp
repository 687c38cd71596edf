// seqwire run: a scenario file on the simulator or on the wire.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "lab/command/command.hpp"
#include "lab/experiment.hpp"
#include "lab/scenario/scenario_keys.hpp"
#include "lab/scenario/units.hpp"
#include "lab/terminal_line.hpp"
#include "lab/wire/interrupted.hpp"

namespace seqwire {
namespace {

struct run_options {
  std::string path;
  std::string on = "sim";
  std::optional<std::uint64_t> seed;
  std::vector<std::string> set;
  std::string out = "seqwire-run";
  bool qlog = false;
  bool keys = false;
  bool json = false;
};

std::string keys_as_json() {
  scenario defaults;
  defaults.flows.push_back(default_flow());
  nlohmann::json keys = nlohmann::json::array();
  for (const scenario_key& key : scenario_keys())
    keys.push_back({{"table", name_of(key.table)},
                    {"name", key.name},
                    {"default", key.print(defaults, {})},
                    {"meaning", key.meaning},
                    {"expected", key.expected}});
  return json_text({{"schema", "seqwire.keys/1"}, {"keys", std::move(keys)}});
}

// How far a run is: "12.3 s of 60 s simulated, 1,234,567 events, 345 of 1,000 records".
std::string progress_text(const run_progress& now, const scenario& of, std::uint64_t records) {
  std::string limit;  // the usual one is out of reach
  if (of.time_limit != scenario{}.time_limit) limit = " of " + print_duration(of.time_limit);
  return fmt::format("{:.1f} s{} simulated, {} events, {} of {} records", now.at.seconds(), limit,
                     thousands(now.events), thousands(now.records), thousands(records));
}

// With a line that tells how far it is, at a terminal; the line is gone when this returns.
experiment_report simulated(const scenario& of, const std::string& out, const experiment_plan& plan) {
  std::uint64_t records = 0;
  for (const planned_flow& each : plan.flows) records += plan.settings_of(each).records;
  terminal_line line(terminal_line::there_is_one());
  const auto tell = [&](const run_progress& now) { line.show(progress_text(now, of, records)); };
  return run_on_simulator(of, out, terminal_line::there_is_one() ? progress_listener(tell) : progress_listener());
}

int run(const run_options& options) {
  if (options.keys) {
    print_data(options.json ? keys_as_json() : describe_scenario_keys());
    return exit_holds;
  }
  if (options.path.empty()) throw usage_error("expected a scenario; got none (seqwire run --keys lists what one says)");
  require_folder_or_nothing("--out", options.out);
  std::vector<std::string> overrides = options.set;
  if (options.seed) overrides.push_back("scenario.seed=" + std::to_string(*options.seed));
  if (options.qlog) overrides.emplace_back("scenario.qlog=true");
  auto from = read_scenario(options.path, overrides);
  if (!from) throw usage_error(from.error().message);
  if (options.on == "wire")
    if (const auto complaint = too_large_for_wire(*from)) throw usage_error("--on wire: " + *complaint);
  prepare_files(*from, options.out);
  try {
    require_outputs_apart(*from, options.out);
  } catch (const std::system_error&) {
    throw usage_error("--out: expected another folder than that of the files to send; got " + options.out);
  }
  const experiment_plan plan = planned(*from);
  const std::size_t most_hosts = from->qlog ? maximum_journals / 2 : maximum_journals;  // events are files, too
  if (const std::size_t hosts = plan.hosts_with_flows().size(); hosts > most_hosts)
    throw usage_error(
        fmt::format("{}: expected flows between at most {} hosts, each of which keeps a journal; got {} "
                    "(seqwire sweep runs larger ones, and leaves their measures only)",
                    options.path, most_hosts, hosts));
  tell_of_replacement(options.out);
  try {
    const experiment_report report =
        options.on == "sim" ? simulated(*from, options.out, plan) : run_on_wire(*from, options.out);
    const std::string written =
        report.not_written.empty() ? "  written: " + options.out + "/" + capture_name + " and beside it\n" : "";
    print_data(options.json ? json_text(to_json(report)) : render_text(report) + written);
    complain(report);
    return report.exit_code();
  } catch (const interrupted& by) {
    return tell_interrupted(by, options.out);
  }
}

}  // namespace

void add_run(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<run_options>();
  CLI::App* command = to.add_subcommand("run", "Run a scenario file, on the simulator or on the wire");
  command->add_option("scenario", options->path, "Scenario (TOML)")->type_name("FILE");
  command->add_flag("--keys", options->keys, "List the keys of a scenario with their defaults, and run nothing");
  command->add_option("--on", options->on, "sim or wire")->check(CLI::IsMember({"sim", "wire"}))->capture_default_str();
  add_seed(*command, options->seed, "Instead of the scenario's");
  add_repeatable(*command, "--set", options->set, "Change a key, e.g. link.loss=2% or flow.0.window=28")
      ->type_name("KEY=VALUE");
  command->add_option("--out", options->out, "Folder for capture, journals and summary; an earlier run's are replaced")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_flag("--qlog", options->qlog, "Write each host's events beside the capture, as qlog");
  command->add_flag("--json", options->json, "Print the summary, or with --keys the keys, as JSON");
  command->footer(
      "A flow that the time limit cuts off is judged as far as it came: exit code 0 when that is right, and it was "
      "open.\nCtrl-C ends a run; its capture and journals stay and can be read, and there is no summary.\n\n"
      "Examples:\n  seqwire run examples/scenarios/lossy.toml\n  seqwire run lossy.toml --on wire --set link.loss=2%");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace seqwire
