// Who a host is, and what it bounds.
#pragma once

#include <optional>
#include <vector>

#include "protocol/base/keyed_hash.hpp"
#include "protocol/base/time.hpp"
#include "protocol/host/link.hpp"
#include "protocol/wire/spp.hpp"

namespace seqwire {

/// What a host is on one of its links.
struct host_interface {
  network_number network{1};  // of the segment
  host_number host{};         // our address there, 48 bits
  std::size_t mtu = 1500;     // largest IDP packet, garbage octet included
};

/// A way that a host is given and does not learn.
struct given_route {
  network_number network{};  // none of our links'
  link_index link = 0;       // of ours
  host_number next_hop{};    // a router on it
};

/// What a host is told once, when it is made.
struct host_config {
  network_number network{1};  // of link 0, as host and mtu
  host_number host{};         // our address there, 48 bits
  hash_key secret{};          // connection ids, Packet Exchange ids and table hashing
  std::size_t mtu = 1500;     // for the default packet size
  // For each listener; one more forgets the oldest. One host has half of them at most (docs/limits.md).
  std::size_t maximum_half_open = 1024;
  std::size_t receive_memory = std::size_t{1} << 30;  // octets that all connections together hold of what has arrived
  std::size_t send_memory = std::size_t{1} << 30;     // and of what is queued to be sent, or on its way
  duration id_quarantine = 200_ms;                    // an id is not used again so soon: twice the packet life
  // Beyond one link
  std::vector<host_interface> further{};  // links 1, 2, ...
  bool forwards = false;                  // a router: passes packets on
  bool tells_routes = true;               // a router: others hear from it which networks it reaches
  std::vector<given_route> routes{};      // each network once; before what routers say
  std::optional<host_number> gateway{};   // whom, on link 0, to give packets for networks that no router spoke of

  std::size_t links() const { return 1 + further.size(); }  // link 0 and the further ones
  /// What we are on it; `link` < links().
  host_interface on(link_index link) const {
    return link == 0 ? host_interface{network, host, mtu} : further[link - 1];
  }
  /// Ours on that link.
  xns_address address(socket_number socket, link_index link = 0) const {
    const host_interface there = on(link);
    return {there.network, there.host, socket};
  }
};

}  // namespace seqwire
