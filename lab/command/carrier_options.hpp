// The options by which a command is told its carrier, the same for all of them.
#pragma once

#include <fmt/format.h>

#include "lab/command/command.hpp"
#include "lab/wire/carrier.hpp"

namespace seqwire {

/// --network, as it is written. Throws usage_error.
inline network_number parse_own_network(const std::string& text) {
  const auto parsed = parse_address(text + ".020000000001:1");
  if (!parsed) throw usage_error("--network: expected a network as up to eight hexadecimal digits; got " + text);
  return parsed->network;
}

/// The options that choose a link: --interface, --ip or --udp, and what goes with them.
struct carrier_options : carrier_words {
  /// Before parsing; the object outlives it.
  void add_to(CLI::App& command) {
    command.add_option("--interface", interface, "Over Ethernet: the interface")->type_name("NAME");
    command.add_option("--ip", ip, "Over IPv4, protocol 22: our address")->type_name("IP");
    command.add_option("--udp", udp, "Over UDP: our port, 0 for any, and address; needs no privilege")
        ->type_name("[IP:]PORT");
    add_repeatable(command, "--peer", peers, "With --ip and --udp: where a host is")->type_name("[HOST=]IP[:PORT]");
    command.add_option("--host", host, "Host number to use, or auto: a random one (default: what the carrier gives)")
        ->type_name("HOST");
    command.add_option("--packet-life", packet_life, "No packet arrives later than this after it was sent")
        ->type_name("DURATION")
        ->capture_default_str();
    command.add_option("--mtu", mtu, "With --ip and --udp: octets of the largest packet")->type_name("OCTETS");
  }

  /// --network, for commands that talk to somebody.
  void add_network_to(CLI::App& command) {
    command.add_option("--network", network, "The number of our network, hexadecimal (default: the other side's)")
        ->type_name("NET");
  }
  std::optional<std::string> network{};  // as written
  /// Of a host that talks to this network. Throws usage_error.
  network_number own_network(network_number to) const { return network ? parse_own_network(*network) : to; }

  /// Behind a message that nobody answered: what else it may be where the user did not name our network, else nothing.
  std::string network_hint(network_number to) const {
    if (network || to == local_network || to == all_networks) return {};
    return fmt::format("; if network {:x} is beyond a router, name ours by --network", static_cast<std::uint32_t>(to));
  }

  /// Throws usage_error.
  carrier_choice choice() const {
    if (interface) require_interface_name("--interface", *interface);
    auto parsed = parse_carrier(*this);
    if (!parsed) throw usage_error(parsed.error());
    return *parsed;
  }
};

/// Makes the host reachable on the link, unless it is on another network than ours: then a router is asked later.
/// Throws usage_error where nobody knows where it is.
inline void require_reachable(live_link& on, host_number host, bool beyond_routers = false) {
  if (beyond_routers) return;
  if (!on.resolve(host))
    throw usage_error(fmt::format("expected --peer {0}=IP:PORT, because {1} knows no address of host {0}; got none",
                                  to_string(host), on.name()));
}

}  // namespace seqwire
