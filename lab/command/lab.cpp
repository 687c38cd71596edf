// seqwire lab: two hosts in network namespaces, joined through the bridge, for as long as the user wants them.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "lab/command/command.hpp"
#include "lab/command/link_options.hpp"
#include "lab/wire/bridge_service.hpp"
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

void require_name(const std::string& name) {
  try {
    require_lab_name(name);
  } catch (const lab_error& wrong) {
    throw usage_error(std::string("--name: ") + wrong.what());
  }
}

nlohmann::json to_json(const lab_report& report, const std::string& name) {
  const char* condition = report.condition == lab_condition::up        ? "up"
                          : report.condition == lab_condition::crashed ? "crashed"
                                                                       : "absent";
  nlohmann::json object = {{"schema", "seqwire.lab/1"}, {"name", name}, {"condition", condition}};
  object["processes"] = report.processes;
  if (report.state) object["keeper"] = report.state->keeper.pid;
  if (report.condition == lab_condition::up)
    object["hosts"] = {{"a", {{"host", to_string(lab_address_a)}, {"interface", lab_interface}}},
                       {"b", {{"host", to_string(lab_address_b)}, {"interface", lab_interface}}}};
  return object;
}

int up(const lab_command_options& options) {
  const scenario link = options.link.parse();
  bring_lab_up(options.name, {.through_bridge = true, .mtu = link.links.front().mtu},
               [link](const std::function<void()>& ready) {
                 const bridge_outcome outcome = run_bridge(lab_port_a, lab_port_b, link, ready);
                 print_data(render_text(outcome));
                 return outcome.trouble.empty() ? exit_holds : exit_could_not_run;
               });
  if (options.json) print_data(json_text(to_json(examine_lab(options.name), options.name)));
  std::fprintf(stderr, "seqwire: lab %s is up: hosts a (%s) and b (%s), interface %s in each\n", options.name.c_str(),
               to_string(lab_address_a).c_str(), to_string(lab_address_b).c_str(), lab_interface);
  return exit_holds;
}

int down(const lab_command_options& options) {
  const bool was_there = take_lab_down(options.name);
  if (options.json) {
    nlohmann::json object = to_json(examine_lab(options.name), options.name);
    object["was_there"] = was_there;
    print_data(json_text(object));
  }
  std::fprintf(stderr, "seqwire: lab %s %s\n", options.name.c_str(), was_there ? "is down" : "was not up");
  return exit_holds;
}

int execute_inside(const lab_command_options& options) {
  const auto host = parse_lab_host(options.host);
  if (!host) throw usage_error("lab exec: expected a host: a, b or bridge; got " + options.host);
  enter_lab(options.name, *host);
  // The command begins as the user's shell would have begun it.
  std::signal(SIGPIPE, SIG_DFL);
  std::signal(SIGXFSZ, SIG_DFL);
  return execute(options.command);
}

int status(const lab_command_options& options) {
  const lab_report report = examine_lab(options.name);
  const nlohmann::json object = to_json(report, options.name);
  std::string line = fmt::format("lab {}: {}", options.name, object.at("condition").get<std::string>());
  if (report.condition == lab_condition::up)
    line += fmt::format(", kept by process {}, {} running", report.state->keeper.pid,
                        counted(report.processes.size(), "command"));
  print_data(options.json ? json_text(object) : line + '\n');
  return report.condition == lab_condition::up ? exit_holds : exit_check_failed;
}

}  // namespace

void add_lab(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<lab_command_options>();
  CLI::App* lab = to.add_subcommand("lab", "Two hosts in network namespaces, joined through the bridge");
  lab->require_subcommand(1);
  lab->footer(
      "The bridge joins port-a, where host a is, and port-b; it can be changed while it runs.\n\n"
      "Examples:\n  seqwire lab up --delay 20ms --loss 5%\n  seqwire lab exec a -- ip address\n"
      "  seqwire lab exec bridge -- seqwire bridge set port-a port-b --loss 10%");
  const auto add = [&](const char* name, const char* meaning, const char* examples,
                       int (*body)(const lab_command_options&)) {
    CLI::App* command = lab->add_subcommand(name, meaning);
    command->add_option("--name", options->name, "Which lab, where there are several")
        ->type_name("NAME")
        ->capture_default_str();
    command->footer(std::string("Examples:\n") + examples);
    command->callback([options, body, &chosen] {
      chosen = [options, body] {
        require_name(options->name);
        return body(*options);
      };
    });
    return command;
  };
  const auto with_json = [&](CLI::App* command) {
    command->add_flag("--json", options->json, "Print the lab's status as JSON");
    return command;
  };
  options->link.add_to(*with_json(add("up", "Make the lab; it stays until `seqwire lab down`",
                                      "  seqwire lab up --delay 20ms --loss 5%\n"
                                      "  seqwire lab up --name second --rate 10Mbit/s",
                                      up)));
  with_json(add("down", "End the lab and everything that runs in it",
                "  seqwire lab down\n  seqwire lab down --name second", down));
  CLI::App* execute_command = add("exec",
                                  "Run a command on a host of the lab; the exit code is the command's, 127 when there "
                                  "is no such program, 126 when it cannot be run",
                                  "  seqwire lab exec a -- ip address\n"
                                  "  seqwire lab exec b -- seqwire receive --interface xns0 --socket 3000 --out inbox",
                                  execute_inside);
  execute_command->add_option("host", options->host, "a, b or bridge")->required()->type_name("HOST");
  execute_command->add_option("command", options->command, "The command and its arguments, after --")
      ->required()
      ->type_name("COMMAND");
  with_json(add("status", "Whether the lab is up (exit code 3: it is not)",
                "  seqwire lab status\n  seqwire lab status --json", status));
}

}  // namespace seqwire
