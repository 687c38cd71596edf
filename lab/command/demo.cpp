// seqwire demo: files across a hostile network, first simulated, then on raw sockets, recorded and judged.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "lab/command/command.hpp"
#include "lab/experiment.hpp"
#include "lab/wire/interrupted.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

struct demo_options {
  std::string path;
  std::string only;
  std::optional<std::uint64_t> seed = 1;
  std::string out = "seqwire-demo";
  std::vector<std::string> set;
  bool json = false;
};

scenario demo_scenario(const demo_options& options) {
  scenario demo;
  demo.name = "demo";
  demo.seed = *options.seed;
  link_settings& link = demo.links.front();
  for (channel_settings* direction : {&link.a_to_b, &link.b_to_a}) {
    direction->delay = 20_ms;
    direction->loss = 0.05;
    direction->reordering = 0.10;
    direction->duplication = 0.02;
    direction->corruption = 0.01;
  }
  flow_settings flow;
  flow.files = options.path.empty() ? SEQWIRE_SOURCE_DIR : options.path;
  flow.spp.packet_data = 0;   // fill the MTU
  flow.spp.packet_life = {};  // what the link says
  demo.flows.push_back(flow);
  for (const std::string& assignment : options.set)
    if (const auto set = set_key(demo, assignment); !set) throw usage_error(set.error().message);
  prepare_files(demo, options.out);
  return demo;
}

// Runs in one world and shows what came of it; the exit code.
int show(const experiment_report& report, bool json, nlohmann::json& all) {
  if (json) {
    all[report.world] = to_json(report);
  } else {
    const std::string written =
        fmt::format("  written: {0}/{{{1}, a{2}, b{2}, {3}}}\n  look at it: tshark -r {0}/{1} -Y spp -c 20\n",
                    report.directory, capture_name, journal_extension, summary_name);
    print_data(render_text(report) + (report.not_written.empty() ? written : "") + '\n');
  }
  complain(report);
  return report.exit_code();
}

int demo(const demo_options& options) {
  require_folder_or_nothing("--out", options.out);
  const scenario from = demo_scenario(options);
  const std::filesystem::path out(options.out);
  const std::string simulator = (out / "simulator").string();
  const std::string wire = (out / "wire").string();
  const bool simulates = options.only != "wire";
  const bool on_wire = options.only != "sim";
  if (simulates) require_replaceable(simulator);  // both, before the first begins
  if (on_wire) require_replaceable(wire);
  nlohmann::json all = {{"schema", "seqwire.demo/1"}};
  int outcome = exit_holds;
  if (simulates) {
    tell_of_replacement(simulator);
    try {
      outcome = show(run_on_simulator(from, simulator), options.json, all);
    } catch (const interrupted& by) {
      return tell_interrupted(by, simulator);
    }
  }
  if (on_wire) {
    tell_of_replacement(wire);
    try {
      const int code = show(run_on_wire(from, wire), options.json, all);
      if (outcome == exit_holds) outcome = code;
    } catch (const interrupted& by) {
      return tell_interrupted(by, wire);
    } catch (const privilege_error& error) {
      std::fprintf(stderr, "seqwire: the demo on the wire was skipped: %s\n", error.what());
      if (outcome == exit_holds) outcome = exit_no_privilege;
    }
  }
  if (options.json) print_data(json_text(all));
  return outcome;
}

}  // namespace

void add_demo(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<demo_options>();
  CLI::App* command = to.add_subcommand(
      "demo", "Send files across a network that loses, reorders, duplicates and corrupts, and judge the result");
  command
      ->add_option("path", options->path,
                   "File or folder; every file is one record, hidden files, build/ and --out are left out (default: "
                   "this project's files)")
      ->type_name("PATH");
  command->add_option("--only", options->only, "Only on the simulator or only on the wire")
      ->check(CLI::IsMember({"sim", "wire"}));
  add_seed(*command, options->seed, "Everything random comes from it")->default_str("1");
  command
      ->add_option("--out", options->out, "Folder for captures, journals and summaries; an earlier run's are replaced")
      ->type_name("DIR")
      ->capture_default_str();
  add_repeatable(*command, "--set", options->set, "Change a key of the demo's scenario, e.g. link.loss=30%")
      ->type_name("KEY=VALUE");
  command->add_flag("--json", options->json, "Print the summaries as JSON");
  command->footer("Examples:\n  seqwire demo --only sim --seed 7\n  seqwire demo photos/ --set link.loss=30%");
  command->callback([options, &chosen] { chosen = [options] { return demo(*options); }; });
}

}  // namespace seqwire
