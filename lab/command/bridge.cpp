// seqwire bridge: two interfaces joined through the simulator's channels in real time.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "lab/command/command.hpp"
#include "lab/command/link_options.hpp"
#include "lab/wire/bridge_control.hpp"
#include "lab/wire/bridge_service.hpp"

namespace seqwire {
namespace {

struct bridge_options {
  std::string interface_a;
  std::string interface_b;
  link_options link;
  bool json = false;
};

void require_interfaces(const bridge_options& options) {
  if (options.interface_b.empty())
    throw usage_error("bridge: expected two interfaces; got " +
                      std::string(options.interface_a.empty() ? "none" : "one"));
  if (options.interface_a == options.interface_b)
    throw usage_error("bridge: expected two different interfaces; got " + options.interface_a + " twice");
  require_interface_name("interface_a", options.interface_a);
  require_interface_name("interface_b", options.interface_b);
}

int join(const bridge_options& options) {
  require_interfaces(options);
  const scenario link = options.link.parse();
  const bridge_outcome outcome = run_bridge(options.interface_a, options.interface_b, link,
                                            [] { std::fputs("seqwire: the bridge is up; Ctrl-C ends it\n", stderr); });
  print_data(options.json ? json_text(to_json(outcome)) : render_text(outcome));
  if (!outcome.trouble.empty()) throw std::runtime_error(outcome.trouble);
  return exit_holds;  // a signal is how a bridge is meant to end
}

int change(const bridge_options& options) {
  require_interfaces(options);
  const auto assignments = options.link.assignments();
  if (assignments.empty()) throw usage_error("bridge set: expected what is to change, such as --loss 5%; got nothing");
  options.link.parse();  // what is wrong in itself never reaches the bridge
  const std::string complaint = order_bridge(options.interface_a, options.interface_b, assignments);
  if (!complaint.empty()) throw usage_error(complaint);
  return exit_holds;
}

CLI::App* add_interfaces(CLI::App* command, bridge_options& options) {
  command->add_option("interface_a", options.interface_a, "Ethernet interface");
  command->add_option("interface_b", options.interface_b, "Ethernet interface");
  options.link.add_to(*command);
  return command;
}

}  // namespace

void add_bridge(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<bridge_options>();
  CLI::App* command = to.add_subcommand(
      "bridge", "Join two interfaces by a link that delays, loses, reorders, duplicates and corrupts");
  add_interfaces(command, *options);
  command->add_flag("--json", options->json, "Print the counts as JSON");
  command->footer(
      "Examples:\n  seqwire bridge eth1 eth2 --delay 20ms --loss 5%\n"
      "  seqwire bridge eth1 eth2 --rate 10Mbit/s --queue 20 --set b_to_a.loss=1%\n"
      "  seqwire bridge set eth1 eth2 --loss 0");
  command->callback([command, options, &chosen] {
    if (command->get_subcommands().empty()) chosen = [options] { return join(*options); };
  });

  auto other = std::make_shared<bridge_options>();
  CLI::App* set = command->add_subcommand("set", "Change the link of a bridge that runs; what is not said stays");
  add_interfaces(set, *other)
      ->footer(
          "In the network namespace of the bridge, as its user or root. Frames on their way are not changed.\n\n"
          "Examples:\n  seqwire bridge set eth1 eth2 --loss 5%\n"
          "  seqwire bridge set eth1 eth2 --rate 1Mbit/s --set b_to_a.blackhole=0..1h");
  set->callback([other, &chosen] { chosen = [other] { return change(*other); }; });
}

}  // namespace seqwire
