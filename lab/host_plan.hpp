// Who a host of an experiment is in either world: addresses by its place in the network's map, and the ways it is
// given.
#pragma once

#include <span>

#include "lab/experiment.hpp"
#include "protocol/host/host_config.hpp"

namespace seqwire {

/// Locally administered, the same in every run; the first two are those of a pair.
host_number number_of_host(std::size_t host);
network_number network_of_link(std::size_t link);  // each link is a network of its own
/// By which others reach it: on its first link.
xns_address address_of_host(const network_map& map, std::size_t host);

/// What a host is told of the network.
struct host_plan {
  bool forwards = false;     // a router
  bool tells_routes = true;  // a router: to others
  // As in host_config; `link` counts this host's links in ascending order.
  std::vector<given_route> routes;
  std::optional<host_number> gateway;
};

/// The configuration of a host on these links of its own, in ascending order, at least one.
host_config config_of_host(const experiment_plan& plan, std::size_t host, std::span<const link_capabilities> links);

/// With static routing a router is given the way to each network, any other host its router; else they find out.
host_plan plan_host(const experiment_plan& plan, std::size_t host);

}  // namespace seqwire
