// Who a host is, and what it bounds.
#pragma once

#include "protocol/base/keyed_hash.hpp"
#include "protocol/base/time.hpp"
#include "protocol/wire/spp.hpp"

namespace seqwire {

struct host_config {
  network_number network{1};
  host_number host{};
  hash_key secret{};       // connection ids, Packet Exchange ids and table hashing
  std::size_t mtu = 1500;  // of link 0, for the default packet size
  std::size_t maximum_half_open = 1024;
  duration id_quarantine = 200_ms;  // an id is not used again so soon: twice the packet life

  xns_address address(socket_number socket) const { return {network, host, socket}; }
};

}  // namespace seqwire
