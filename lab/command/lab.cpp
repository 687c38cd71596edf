// seqwire lab: two hosts in network namespaces, joined through the bridge, for as long as the user wants them.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "lab/bridge_service.hpp"
#include "lab/command/command.hpp"
#include "lab/command/link_options.hpp"
#include "rawio/child_process.hpp"
#include "rawio/lab_keeper.hpp"

namespace seqwire {
namespace {

struct lab_command_options {
  std::string name = default_lab_name;
  link_options link;
  std::string host;
  std::vector<std::string> command;
  bool json = false;
};

int up(const lab_command_options& options) {
  const scenario link = options.link.parse();
  bring_lab_up(options.name, {.through_bridge = true, .mtu = link.mtu}, [link](const std::function<void()>& ready) {
    const bridge_outcome outcome = run_bridge(lab_port_a, lab_port_b, link, ready);
    std::fputs(render_text(outcome).c_str(), stdout);
    return outcome.trouble.empty() ? exit_holds : exit_could_not_run;
  });
  std::fprintf(stderr, "seqwire: lab %s is up: hosts a (%s) and b (%s), interface %s in each\n", options.name.c_str(),
               to_string(lab_address_a).c_str(), to_string(lab_address_b).c_str(), lab_interface);
  return exit_holds;
}

int down(const lab_command_options& options) {
  const bool was_there = take_lab_down(options.name);
  std::fprintf(stderr, "seqwire: lab %s %s\n", options.name.c_str(), was_there ? "is down" : "was not up");
  return exit_holds;
}

int execute_inside(const lab_command_options& options) {
  const auto host = parse_lab_host(options.host);
  if (!host) throw usage_error("lab exec: expected a host: a, b or bridge; got " + options.host);
  enter_lab(options.name, *host);
  return execute(options.command);
}

int status(const lab_command_options& options) {
  const lab_report report = examine_lab(options.name);
  const char* condition = report.condition == lab_condition::up        ? "up"
                          : report.condition == lab_condition::crashed ? "crashed"
                                                                       : "absent";
  if (options.json) {
    nlohmann::json object = {{"schema", "seqwire.lab/1"}, {"name", options.name}, {"condition", condition}};
    if (report.state) object["keeper"] = report.state->keeper.pid;
    object["processes"] = report.processes;
    std::printf("%s\n", object.dump(2).c_str());
  } else {
    std::printf("lab %s: %s", options.name.c_str(), condition);
    if (report.condition == lab_condition::up)
      std::printf(", kept by process %d, %zu commands running", report.state->keeper.pid, report.processes.size());
    std::printf("\n");
  }
  return report.condition == lab_condition::up ? exit_holds : exit_check_failed;
}

}  // namespace

void add_lab(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<lab_command_options>();
  CLI::App* lab = to.add_subcommand("lab", "Two hosts in network namespaces, joined through the bridge");
  lab->require_subcommand(1);
  lab->add_option("--name", options->name, "Which lab, where there are several")->capture_default_str();

  CLI::App* bring_up = lab->add_subcommand("up", "Make the lab");
  options->link.add_to(*bring_up);
  bring_up->callback([options, &chosen] { chosen = [options] { return up(*options); }; });

  CLI::App* take_down = lab->add_subcommand("down", "End the lab and everything that runs in it");
  take_down->callback([options, &chosen] { chosen = [options] { return down(*options); }; });

  CLI::App* execute_command = lab->add_subcommand("exec", "Run a command on a host of the lab");
  execute_command->add_option("host", options->host, "a, b or bridge")->required();
  execute_command->add_option("command", options->command, "The command and its arguments, after --")->required();
  execute_command->callback([options, &chosen] { chosen = [options] { return execute_inside(*options); }; });

  CLI::App* show_status = lab->add_subcommand("status", "Whether the lab is up (exit code 3: it is not)");
  show_status->add_flag("--json", options->json, "Print the status as JSON");
  show_status->callback([options, &chosen] { chosen = [options] { return status(*options); }; });
  lab->footer("Examples:\n  seqwire lab up --delay 20ms --loss 5%\n  seqwire lab exec a -- ping -c 3 10.87.0.2");
}

}  // namespace seqwire
