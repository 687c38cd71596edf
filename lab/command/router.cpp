// seqwire router: joins networks: forwards packets between links, and tells and hears routes.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "lab/command/command.hpp"
#include "lab/wire/carrier.hpp"
#include "lab/wire/router_service.hpp"
#include "rawio/entropy.hpp"

namespace seqwire {
namespace {

struct router_options {
  std::vector<std::string> ports;
  bool json = false;
};

struct port_choice {
  network_number network{};
  carrier_choice carrier;
};

// "1=xns0", "2=ip:192.0.2.1", "3=udp:49152"
port_choice parse_port(const std::string& text) {
  const std::size_t equals = text.find('=');
  const auto network = parse_address(text.substr(0, equals) + ".020000000001:1");
  if (equals == std::string::npos || !network || network->network == local_network || network->network == all_networks)
    throw usage_error("NET=LINK: expected a network number and a link, as in 1=xns0 or 2=udp:49152; got " + text);
  const std::string where = text.substr(equals + 1);
  carrier_words words;
  if (where.starts_with("ip:")) words.ip = where.substr(3);
  else if (where.starts_with("udp:")) words.udp = where.substr(4);
  else words.interface = where;
  if (words.interface) require_interface_name("NET=LINK", where);
  auto choice = parse_carrier(words);
  if (!choice) throw usage_error("NET=LINK: " + choice.error());
  choice->forwards = true;
  return {network->network, *choice};
}

std::vector<port_choice> parse_ports(const std::vector<std::string>& texts) {
  std::vector<port_choice> all;
  std::set<network_number> networks;
  for (const std::string& text : texts) {
    all.push_back(parse_port(text));
    if (!networks.insert(all.back().network).second)
      throw usage_error("NET=LINK: expected each network once; got " + text);
  }
  if (all.size() < 2) throw usage_error("NET=LINK: expected at least two, which the router joins; got one");
  return all;
}

std::string number_of(network_number network) { return fmt::format("{:x}", static_cast<std::uint32_t>(network)); }

std::string reaches(const std::vector<route>& routes) {
  std::string text;
  for (const route& each : routes)
    if (each.metric < infinite_metric)
      text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", number_of(each.network), each.metric);
  return text;
}

std::string summary(const router_outcome& outcome, bool json) {
  const host_statistics& counters = outcome.counters;
  if (!json)
    return fmt::format("{} forwarded, {} refused, {} sent; networks, and routers to pass: {}\n",
                       counted(counters.forwarded, "packet"), counters.drops.total(),
                       counted(counters.errors_sent, "Error"), reaches(outcome.routes));
  nlohmann::json object = {{"schema", "seqwire.router/1"},        {"received", counters.received},
                           {"forwarded", counters.forwarded},     {"errors_sent", counters.errors_sent},
                           {"refused", nlohmann::json::object()}, {"routes", nlohmann::json::array()}};
  for (std::size_t i = 0; i < drop_reason_count; ++i)
    if (const auto count = counters.drops[static_cast<drop_reason>(i)])
      object["refused"][std::string(name_of(static_cast<drop_reason>(i)))] = count;
  for (const route& each : outcome.routes)
    object["routes"].push_back({{"network", number_of(each.network)}, {"routers", each.metric}});
  return json_text(object);
}

int router(const router_options& options) {
  const std::vector<port_choice> choices = parse_ports(options.ports);
  std::vector<router_port> ports;
  for (const port_choice& each : choices) {
    ports.push_back({each.network, open_carrier(each.carrier)});
    std::fputs(fmt::format("seqwire: network {} on {}, as {}\n", number_of(each.network), ports.back().link->name(),
                           to_string(ports.back().link->capabilities().host))
                   .c_str(),
               stderr);
  }
  std::uint64_t told = 0;  // version of the routes
  const auto outcome = run_router(std::move(ports), fresh_seed(), [&](const host& on) {
    if (on.routing().version() == told) return;
    told = on.routing().version();
    std::fputs(fmt::format("seqwire: reaches {}\n", reaches(on.routing().routes())).c_str(), stderr);
  });
  print_data(summary(outcome, options.json));
  if (!outcome.gone.empty()) throw std::runtime_error(outcome.gone + " is gone");
  return 128 + outcome.signal;
}

}  // namespace

void add_router(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<router_options>();
  CLI::App* command = to.add_subcommand("router", "Join networks: forward packets and tell routes, until a signal");
  command->add_option("NET=LINK", options->ports, "A network and the link it is on: an interface, ip:IP, udp:[IP:]PORT")
      ->required();
  command->add_flag("--json", options->json, "Print what was done as JSON");
  command->footer(
      "Routes are told by the Routing Information Protocol; a packet passes at most 15 routers. What cannot pass is\n"
      "told to its sender by an Error. At the end, by a signal, the counters are printed.\n\n"
      "Examples:\n  seqwire router 1=xns0 2=xns1\n  seqwire router 1=xns0 2=udp:49152 --json");
  command->callback([options, &chosen] { chosen = [options] { return router(*options); }; });
}

}  // namespace seqwire
