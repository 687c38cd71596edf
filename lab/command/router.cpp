// seqwire router: joins networks: forwards packets between links, and tells and hears routes.
#include <fmt/format.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "lab/command/command.hpp"
#include "lab/drops_json.hpp"
#include "lab/wire/carrier.hpp"
#include "lab/wire/router_service.hpp"
#include "rawio/entropy.hpp"

namespace seqwire {
namespace {

std::string number_of(network_number network) { return fmt::format("{:x}", static_cast<std::uint32_t>(network)); }

struct router_options {
  std::vector<std::string> ports;
  std::vector<std::string> peers;
  bool json = false;
};

struct port_choice {
  network_number network{};
  carrier_choice carrier;
};

// "NET=REST"; nothing: it is something else.
std::optional<std::pair<network_number, std::string>> parse_on_network(const std::string& text) {
  const std::size_t equals = text.find('=');
  const auto network = parse_address(text.substr(0, equals) + ".020000000001:1");
  if (equals == std::string::npos || !network || network->network == local_network || network->network == all_networks)
    return std::nullopt;
  return std::pair(network->network, text.substr(equals + 1));
}

// "1=xns0", "2=ip:192.0.2.1", "3=udp:49152"
port_choice parse_port(const std::string& text, const std::multimap<network_number, std::string>& peers) {
  const auto parsed = parse_on_network(text);
  if (!parsed)
    throw usage_error("NET=LINK: expected a network number and a link, as in 1=xns0 or 2=udp:49152; got " + text);
  const auto& [network, where] = *parsed;
  carrier_words words;
  for (auto [each, last] = peers.equal_range(network); each != last; ++each) words.peers.push_back(each->second);
  if (where.starts_with("ip:")) words.ip = where.substr(3);
  else if (where.starts_with("udp:")) words.udp = where.substr(4);
  else words.interface = where;
  if (words.interface) require_interface_name("NET=LINK", where);
  auto choice = parse_carrier(words);
  if (!choice) throw usage_error("NET=LINK: " + choice.error());
  choice->forwards = true;
  return {network, *choice};
}

// "2=10.0.0.7:49152", "2=02000000000b=10.0.0.7"
std::multimap<network_number, std::string> parse_peers(const std::vector<std::string>& texts) {
  std::multimap<network_number, std::string> all;
  for (const std::string& text : texts) {
    auto parsed = parse_on_network(text);
    if (!parsed)
      throw usage_error("--peer: expected NET=[HOST=]IP[:PORT], as in 2=02000000000b=10.0.0.7:49152; got " + text);
    all.insert(std::move(*parsed));
  }
  return all;
}

std::vector<port_choice> parse_ports(const router_options& options) {
  const auto peers = parse_peers(options.peers);
  std::vector<port_choice> all;
  std::set<network_number> networks;
  for (const std::string& text : options.ports) {
    all.push_back(parse_port(text, peers));
    if (!networks.insert(all.back().network).second)
      throw usage_error("NET=LINK: expected each network once; got " + text);
  }
  if (all.size() < 2) throw usage_error("NET=LINK: expected at least two, which the router joins; got one");
  for (const auto& [network, peer] : peers)
    if (!networks.contains(network))
      throw usage_error(
          fmt::format("--peer: expected one of the router's networks; got {}={}", number_of(network), peer));
  return all;
}

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
  nlohmann::json object = {{"schema", "seqwire.router/1"},
                           {"received", counters.received},
                           {"forwarded", counters.forwarded},
                           {"errors_sent", counters.errors_sent},
                           {"refused", drops_to_json(counters.drops)},
                           {"routes", nlohmann::json::array()}};
  for (const route& each : outcome.routes)
    object["routes"].push_back({{"network", number_of(each.network)}, {"routers", each.metric}});
  return json_text(object);
}

int router(const router_options& options) {
  const std::vector<port_choice> choices = parse_ports(options);
  std::vector<router_port> ports;
  for (const port_choice& each : choices) {
    ports.push_back({each.network, open_carrier(each.carrier)});
    std::fputs(fmt::format("seqwire: network {} on {}, as {}\n", number_of(each.network), ports.back().link->name(),
                           to_string(ports.back().link->capabilities().host))
                   .c_str(),
               stderr);
    // Over IPv4 a number alone leads nowhere (docs/carriers.md), and a server waits for others to speak.
    if (each.carrier.on != carrier_choice::kind::ethernet && each.carrier.options.peers.empty())
      std::fputs(fmt::format("seqwire: reaches hosts of network {0} that have sent it something; servers, which have "
                             "not, by --peer {0}=[HOST=]IP[:PORT]\n",
                             number_of(each.network))
                     .c_str(),
                 stderr);
  }
  std::string told;
  const auto outcome = run_router(std::move(ports), fresh_seed(), [&](const host& on) {
    if (const std::string now = reaches(on.routing().routes()); now != told) {
      told = now;
      std::fputs(fmt::format("seqwire: reaches {}\n", told).c_str(), stderr);
    }
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
  add_repeatable(*command, "--peer", options->peers, "On a network over ip or udp: where a host is")
      ->type_name("NET=[HOST=]IP[:PORT]");
  command->add_flag("--json", options->json, "Print what was done as JSON");
  command->footer(
      "Routes are told by the Routing Information Protocol; a packet passes at most 15 routers. What cannot pass is\n"
      "told to its sender by an Error. At the end, by a signal, the counters are printed.\n\n"
      "Examples:\n  seqwire router 1=xns0 2=xns1\n  seqwire router 1=xns0 2=udp:49152 --json\n"
      "  seqwire router 1=xns0 2=udp:49152 --peer 2=192.0.2.7:49152");
  command->callback([options, &chosen] { chosen = [options] { return router(*options); }; });
}

}  // namespace seqwire
