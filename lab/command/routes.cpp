// seqwire routes: which networks the routers of a link reach, as they tell it by the Routing Information Protocol.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "lab/command/carrier_options.hpp"
#include "lab/scenario/units.hpp"
#include "lab/wire/socket_host.hpp"

namespace seqwire {
namespace {

struct routes_options {
  carrier_options carrier;
  std::string wait = "2s";
  bool json = false;
};

std::string render(const std::vector<route>& found) {
  std::string text = "network   routers  by way of\n";
  for (const route& each : found)
    text += fmt::format("{:<8x}  {:>7}  {}\n", static_cast<std::uint32_t>(each.network), each.metric,
                        to_string(each.next_hop));
  return text;
}

nlohmann::json to_json(const std::vector<route>& found) {
  nlohmann::json rows = nlohmann::json::array();
  for (const route& each : found)
    rows.push_back({{"network", fmt::format("{:x}", static_cast<std::uint32_t>(each.network))},
                    {"routers", each.metric},
                    {"next_hop", to_string(each.next_hop)}});
  return {{"schema", "seqwire.routes/1"}, {"routes", std::move(rows)}};
}

int routes(const routes_options& options) {
  const duration wait = parse_span("--wait", options.wait);
  socket_host host(open_carrier(options.carrier.choice()), local_network);  // whatever number our network has
  host.sockets().on().routing().ask();
  waiter& waits = host.sockets().waiting();
  waits.flush();
  const instant until = waits.now() + wait;
  while (waits.now() < until)
    if (!waits.wait(until)) break;
  if (const int signal = host.signals().take()) return 128 + signal;
  host.keep();
  std::vector<route> found;
  for (const route& each : host.sockets().on().routing().routes())
    if (each.network != local_network && each.metric < infinite_metric) found.push_back(each);
  print_data(options.json ? json_text(to_json(found)) : render(found));
  if (!found.empty()) return exit_holds;
  std::fputs("seqwire: no router answered\n", stderr);
  return exit_check_failed;
}

}  // namespace

void add_routes(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<routes_options>();
  CLI::App* command = to.add_subcommand("routes", "Ask the routers of a link which networks they reach");
  options->carrier.add_to(*command);
  command->add_option("--wait", options->wait, "For answers")->type_name("DURATION")->capture_default_str();
  command->add_flag("--json", options->json, "Print the table as JSON");
  command->footer(
      "Exit code 3 when no router answered.\n\n"
      "Examples:\n  seqwire routes --interface xns0\n  seqwire routes --interface xns0 --wait 500ms --json");
  command->callback([options, &chosen] { chosen = [options] { return routes(*options); }; });
}

}  // namespace seqwire
