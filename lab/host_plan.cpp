#include "lab/host_plan.hpp"

#include <algorithm>
#include <map>

#include "sim/simulation.hpp"

namespace seqwire {

host_number number_of_host(std::size_t host) {
  return host_number{static_cast<std::uint64_t>(simulation::host_a) + host};
}

network_number network_of_link(std::size_t link) {
  return network_number{static_cast<std::uint32_t>(simulation::network) + static_cast<std::uint32_t>(link)};
}

xns_address address_of_host(const network_map& map, std::size_t host) {
  return {network_of_link(map.links_at(host).front()), number_of_host(host), {}};
}

host_plan plan_host(const experiment_plan& plan, std::size_t host) {
  const network_map& map = plan.map;
  host_plan made;
  made.forwards = map.forwards(host);
  made.tells_routes = plan.ran.topology.routing == "rip";
  if (made.tells_routes) return made;
  const auto links = map.links_at(host);
  if (!made.forwards) {
    const std::size_t neighbour = map.across(links.front(), host);
    if (map.forwards(neighbour)) made.gateway = number_of_host(neighbour);
    return made;
  }
  std::map<std::size_t, link_index> index;  // of its links among its own
  for (const std::size_t link : links) index.emplace(link, index.size());
  for (std::size_t link = 0; link < map.links(); ++link) {
    const auto by = map.way(host, link);
    if (by && *by != link)
      made.routes.push_back({network_of_link(link), index.at(*by), number_of_host(map.across(*by, host))});
  }
  return made;
}

host_config config_of_host(const experiment_plan& plan, std::size_t host, std::span<const link_capabilities> links) {
  const auto numbers = plan.map.links_at(host);
  require(links.size() == numbers.size());
  host_plan told = plan_host(plan, host);
  host_config config;
  config.network = network_of_link(numbers.front());
  config.host = links.front().host;
  config.mtu = links.front().mtu;
  for (std::size_t i = 1; i < links.size(); ++i)
    config.further.push_back({network_of_link(numbers[i]), links[i].host, links[i].mtu});
  config.secret =
      make_hash_key(random_stream(plan.ran.seed).fork("secret").fork(static_cast<std::uint64_t>(config.host)));
  config.forwards = told.forwards;
  config.tells_routes = told.tells_routes;
  config.routes = std::move(told.routes);
  config.gateway = told.gateway;
  duration longest_life = links.front().packet_life;
  for (const flow_settings& flow : plan.ran.flows) longest_life = std::max(longest_life, flow.spp.packet_life);
  config.id_quarantine = longest_life * 2;
  return config;
}

}  // namespace seqwire
