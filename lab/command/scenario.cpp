// seqwire scenario: what a scenario file says, before anything runs.
#include "lab/scenario/scenario.hpp"

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "lab/command/command.hpp"
#include "lab/scenario/doubts.hpp"
#include "lab/scenario/explanation.hpp"
#include "lab/scenario/scenario_schema.hpp"
#include "lab/sweep/study.hpp"

namespace seqwire {
namespace {

struct scenario_options {
  std::vector<std::string> files;
  std::vector<std::string> set;
  bool json = false;
};

void tell(const char* kind, const std::string& what) {
  std::fputs(("seqwire: " + std::string(kind) + ": " + printable(what) + '\n').c_str(), stderr);
}

// True: the file is as it should be.
bool lint(const std::string& path, const std::vector<std::string>& overrides) {
  scenario_reading reading = examine_scenario(path, overrides);
  if (reading.value && reading.has_sweep)
    if (const auto study = read_study(path, overrides); !study) reading.problems.push_back(study.error());
  for (const scenario_error& each : reading.problems) tell("error", each.message);
  if (!reading.problems.empty()) return false;
  for (const scenario_error& each : doubts_about(*reading.value, reading.origins)) tell("warning", each.message);
  return true;
}

int lint(const scenario_options& options) {
  int found = exit_holds;
  for (const std::string& path : options.files)
    if (!lint(path, options.set)) found = exit_usage;
  return found;
}

int explain(const scenario_options& options) {
  const scenario_reading reading = examine_scenario(options.files.front(), options.set);
  if (!reading.value) throw usage_error(reading.problems.front().message);
  print_data(options.json ? json_text(explain_scenario_as_json(reading, options.set))
                          : explain_scenario(reading, options.set));
  return exit_holds;
}

void add_set(CLI::App& to, scenario_options& options) {
  add_repeatable(to, "--set", options.set, "Change a key, e.g. link.loss=2% or flow.0.window=28")
      ->type_name("KEY=VALUE");
}

}  // namespace

void add_scenario(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<scenario_options>();
  CLI::App* group = to.add_subcommand("scenario", "Check and explain scenario files; run nothing");
  group->require_subcommand(1);
  group->footer("Examples:\n  seqwire scenario lint *.toml\n  seqwire scenario explain lossy.toml");

  CLI::App* check =
      group->add_subcommand("lint", "Check scenarios, and the studies in them, and tell all that is wrong");
  check->add_option("files", options->files, "Scenarios (TOML)")->required()->type_name("FILE");
  add_set(*check, *options);
  check->footer(
      "Prints nothing for a file that is right; one line for each mistake (exit code 2) and for each doubt.\n\n"
      "Examples:\n  seqwire scenario lint examples/scenarios/*.toml\n  seqwire scenario lint a.toml --set "
      "link.rate=1Gbit/s");
  check->callback([options, &chosen] { chosen = [options] { return lint(*options); }; });

  CLI::App* schema = group->add_subcommand("schema", "Print the JSON Schema of scenario files");
  schema->footer(
      "Draft 2020-12, for editors and validators that read TOML. What keys together must obey, lint alone knows.\n\n"
      "Examples:\n  seqwire scenario schema > scenario.schema.json");
  schema->callback([&chosen] {
    chosen = [] {
      print_data(json_text(scenario_schema()));
      return int{exit_holds};
    };
  });

  CLI::App* keys = group->add_subcommand("keys", "Print every key with what it takes, default and meaning (Markdown)");
  keys->footer("The same for a terminal: seqwire run --keys\n\nExamples:\n  seqwire scenario keys");
  keys->callback([&chosen] {
    chosen = [] {
      print_data(scenario_key_tables());
      return int{exit_holds};
    };
  });

  CLI::App* explained =
      group->add_subcommand("explain", "Print a scenario as it would run, and where each value stands");
  explained->add_option("file", options->files, "Scenario (TOML)")->required()->expected(1)->type_name("FILE");
  add_set(*explained, *options);
  explained->add_flag("--json", options->json, "Print it as JSON");
  explained->footer(
      "The output is a scenario again. Each flow's figures stand in comments: how long packets live, bandwidth times\n"
      "delay beside the window, how many packets can be told apart, and when it is over at the earliest.\n\n"
      "Examples:\n  seqwire scenario explain examples/scenarios/lossy.toml --set link.loss=0");
  explained->callback([options, &chosen] { chosen = [options] { return explain(*options); }; });
}

}  // namespace seqwire
