#include "protocol/host/own_addresses.hpp"

namespace seqwire {
namespace {

struct by_network {
  template <class Address>
  bool operator()(const Address& address, network_number network) const {
    return address.network < network;
  }
};

}  // namespace

own_addresses::own_addresses(const host_config& config) {
  for (link_index link = 0; link < config.links(); ++link) {
    const host_interface on = config.on(link);
    addresses_.push_back({on.network, link, on.host});
    hosts_.push_back(on.host);
  }
  std::stable_sort(addresses_.begin(), addresses_.end(),
                   [](const address& left, const address& right) { return left.network < right.network; });
  std::sort(hosts_.begin(), hosts_.end());
  hosts_.erase(std::unique(hosts_.begin(), hosts_.end()), hosts_.end());
}

std::optional<link_index> own_addresses::link_on(network_number network) const {
  const auto found = std::lower_bound(addresses_.begin(), addresses_.end(), network, by_network{});
  if (found == addresses_.end() || found->network != network) return std::nullopt;
  return found->link;
}

bool own_addresses::has(network_number network, host_number host) const {
  auto at = std::lower_bound(addresses_.begin(), addresses_.end(), network, by_network{});
  for (; at != addresses_.end() && at->network == network; ++at)
    if (at->host == host) return true;
  return false;
}

}  // namespace seqwire
