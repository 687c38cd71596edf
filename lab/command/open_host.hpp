// What the commands that open sockets on a carrier have in common: the numbers of their own address, as they are told
// them, and a host that stands where the options say.
#pragma once

#include <fmt/format.h>

#include "lab/command/carrier_options.hpp"
#include "lab/command/flow_options.hpp"
#include "lab/wire/socket_host.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {

/// --socket, as it is written. Throws usage_error.
inline socket_number parse_own_socket(const std::string& text) {
  const auto number = parse_socket(text);
  if (!number) throw usage_error("--socket: expected " + number.error().expected + "; got " + text);
  return *number;
}

/// Throws privilege_error for a number that is root's, where we are not.
inline void require_permitted(const endpoint& at, socket_number number) {
  if (number == socket_number{} || number >= first_unreserved_socket || at.config().privileged) return;
  throw privilege_error(EACCES, std::generic_category(),
                        fmt::format("socket {}: those below {} are root's", static_cast<std::uint16_t>(number),
                                    static_cast<std::uint16_t>(first_unreserved_socket)));
}

/// A host on the carrier that the options name, with connections as the flow's options and then `change` say. Where a
/// peer is known it can be reached. Throws usage_error, before anything is opened where it can, and what opening does.
inline socket_host open_host(
    const carrier_options& carrier, const flow_options& flow, network_number network,
    const std::optional<xns_address>& peer, const std::optional<std::string>& record = std::nullopt,
    const std::function<void(spp_config&)>& change = [](spp_config&) {}) {
  flow.config();
  auto on = open_carrier(carrier.choice());
  if (peer) require_reachable(*on, peer->host, network != peer->network);
  endpoint_config sockets{.spp = flow.config(on->capabilities().packet_life, 0)};
  change(sockets.spp);
  return socket_host(std::move(on), network, sockets, record);
}

}  // namespace seqwire
