// seqwire bridge: two interfaces joined through the simulator's channels in real time.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "lab/command/command.hpp"
#include "lab/command/link_options.hpp"
#include "lab/wire/bridge_service.hpp"

namespace seqwire {
namespace {

struct bridge_options {
  std::string interface_a;
  std::string interface_b;
  link_options link;
  bool json = false;
};

int join(const bridge_options& options) {
  if (options.interface_a == options.interface_b)
    throw usage_error("bridge: expected two different interfaces; got " + options.interface_a + " twice");
  require_interface_name("interface_a", options.interface_a);
  require_interface_name("interface_b", options.interface_b);
  const scenario link = options.link.parse();
  const bridge_outcome outcome = run_bridge(options.interface_a, options.interface_b, link,
                                            [] { std::fputs("seqwire: the bridge is up; Ctrl-C ends it\n", stderr); });
  print_data(options.json ? json_text(to_json(outcome)) : render_text(outcome));
  if (!outcome.trouble.empty()) throw std::runtime_error(outcome.trouble);
  return exit_holds;  // a signal is how a bridge is meant to end
}

}  // namespace

void add_bridge(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<bridge_options>();
  CLI::App* command = to.add_subcommand(
      "bridge", "Join two interfaces by a link that delays, loses, reorders, duplicates and corrupts");
  command->add_option("interface_a", options->interface_a, "Ethernet interface")->required();
  command->add_option("interface_b", options->interface_b, "Ethernet interface")->required();
  options->link.add_to(*command);
  command->add_flag("--json", options->json, "Print the counts as JSON");
  command->footer(
      "Examples:\n  seqwire bridge eth1 eth2 --delay 20ms --loss 5%\n"
      "  seqwire bridge eth1 eth2 --rate 10Mbit/s --queue 20 --set b_to_a.loss=1%");
  command->callback([options, &chosen] { chosen = [options] { return join(*options); }; });
}

}  // namespace seqwire
