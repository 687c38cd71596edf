// Which addresses are a host's own, found in logarithmic time: a router may have thousands of links, and every packet
// that passes it asks.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "protocol/host/host_config.hpp"

namespace seqwire {

/// The networks and host numbers of a host's links, which do not change.
class own_addresses {
 public:
  explicit own_addresses(const host_config& config);  // looked at now only

  /// The first link on this network.
  std::optional<link_index> link_on(network_number network) const;
  /// Ours on a link of this network.
  bool has(network_number network, host_number host) const;
  /// Ours on any of the links.
  bool has_host_number(host_number host) const { return std::binary_search(hosts_.begin(), hosts_.end(), host); }

 private:
  struct address {
    network_number network;
    link_index link;
    host_number host;
  };

  std::vector<address> addresses_;  // by network, then by link
  std::vector<host_number> hosts_;  // sorted, each once
};

}  // namespace seqwire
