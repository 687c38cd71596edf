#include "lab/scenario/flow_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "lab/scenario/units.hpp"

namespace seqwire {
namespace {

// "a*": every host whose name is "a" and a number, by number.
struct numbered_host {
  std::uint64_t number;
  std::size_t host;
};

bool has_star(const std::string& name) { return name.ends_with('*'); }

std::vector<numbered_host> hosts_like(const std::string& pattern, const network_map& map) {
  const std::string_view letters = std::string_view(pattern).substr(0, pattern.size() - 1);
  std::vector<numbered_host> found;
  for (std::size_t host = 0; host < map.hosts(); ++host) {
    const std::string& name = map.name_of(host);
    if (!name.starts_with(letters)) continue;
    const auto number = parse_count(std::string_view(name).substr(letters.size()), 0, maximum_topology_size);
    if (number) found.push_back({*number, host});
  }
  std::sort(found.begin(), found.end(), [](const auto& left, const auto& right) { return left.number < right.number; });
  return found;
}

std::string a_host(const network_map& map) {
  constexpr std::size_t most = 8;
  std::string names;
  for (std::size_t host = 0; host < std::min(map.hosts(), most); ++host)
    names += (host == 0 ? "" : ", ") + map.name_of(host);
  return "a host of the topology: " + names + (map.hosts() > most ? ", ..." : "");
}

using host_pairs = std::vector<std::pair<std::size_t, std::size_t>>;

result<host_pairs, flow_fault> ends_of(std::size_t number, const flow_settings& flow, const network_map& map) {
  const auto wrong = [&](const char* key, std::string expected) {
    return failure(flow_fault{number, key, std::move(expected)});
  };
  const auto from = map.find(flow.from);
  const auto to = map.find(flow.to);
  if (!from && !has_star(flow.from)) return wrong("from", a_host(map));
  if (!to && !has_star(flow.to)) return wrong("to", a_host(map));
  if (from && to && *from == *to) return wrong("to", "another host than " + flow.from);
  if (from && to) return host_pairs{{*from, *to}};
  host_pairs pairs;
  if (from) {
    for (const numbered_host& each : hosts_like(flow.to, map))
      if (each.host != *from) pairs.emplace_back(*from, each.host);
    return pairs.empty() ? result<host_pairs, flow_fault>(wrong("to", a_host(map))) : pairs;
  }
  const std::vector<numbered_host> senders = hosts_like(flow.from, map);
  if (senders.empty()) return wrong("from", a_host(map));
  const std::vector<numbered_host> receivers = to ? std::vector<numbered_host>{} : hosts_like(flow.to, map);
  for (const numbered_host& each : senders) {
    if (to && each.host != *to) pairs.emplace_back(each.host, *to);
    for (const numbered_host& other : receivers)
      if (other.number == each.number && other.host != each.host) pairs.emplace_back(each.host, other.host);
  }
  if (pairs.empty()) return wrong("to", fmt::format("a host for each {}", flow.from));
  return pairs;
}

}  // namespace

network_map map_of(const scenario& from) {
  std::vector<joined_hosts> links;
  links.reserve(from.links.size());
  for (const link_settings& each : from.links) links.push_back(each.ends);
  return network_map(links);
}

result<std::vector<planned_flow>, flow_fault> plan_flows(const scenario& from, const network_map& map) {
  std::vector<planned_flow> all;
  for (std::size_t number = 0; number < from.flows.size(); ++number) {
    const flow_settings& flow = from.flows[number];
    const auto pairs = ends_of(number, flow, map);
    if (!pairs) return failure(pairs.error());
    if (all.size() + pairs->size() * flow.copies > maximum_transfers)
      return failure(flow_fault{number, "copies", fmt::format("at most {} transfers in all", maximum_transfers)});
    const bool single = pairs->size() * flow.copies == 1;
    std::size_t copy = 0;
    for (const auto& [sender, receiver] : *pairs) {
      const auto path = map.path(sender, receiver);
      const auto named = fmt::format("{} to {}", map.name_of(sender), map.name_of(receiver));
      if (!path || path->size() > maximum_routers_on_a_way + 1)
        return failure(
            flow_fault{number, "to",
                       fmt::format("a host within {} routers; {} has no such way", maximum_routers_on_a_way, named)});
      for (std::uint64_t i = 0; i < flow.copies; ++i, ++copy)
        all.push_back({number, copy, sender, receiver, flow.start + flow.stagger * static_cast<std::int64_t>(copy),
                       *path,
                       single ? fmt::format("{} {}", number, named) : fmt::format("{}.{} {}", number, copy, named)});
    }
  }
  return all;
}

std::size_t path_mtu(const scenario& from, const planned_flow& flow) {
  std::size_t smallest = std::numeric_limits<std::size_t>::max();
  for (const std::size_t link : flow.path) smallest = std::min(smallest, from.links[link].mtu);
  return smallest;
}

duration path_life(const scenario& from, const planned_flow& flow, duration slack) {
  duration life{};
  for (const std::size_t link : flow.path) {
    const link_settings& each = from.links[link];
    life += std::max(frame_life(each.a_to_b, each.mtu), frame_life(each.b_to_a, each.mtu)) + slack;
  }
  return life;
}

}  // namespace seqwire
