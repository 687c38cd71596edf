#include "lab/scenario/network_map.hpp"

#include <deque>
#include <limits>

namespace seqwire {
namespace {

constexpr std::size_t no_way = std::numeric_limits<std::size_t>::max();

}  // namespace

network_map::network_map(std::span<const joined_hosts> links) {
  for (const joined_hosts& each : links) {
    const ends joined{number_of(each.a), number_of(each.b)};
    at_.resize(names_.size());
    at_[joined.a].push_back(ends_.size());
    at_[joined.b].push_back(ends_.size());
    ends_.push_back(joined);
  }
  for (std::size_t host = 0; host < hosts(); ++host)
    if (forwards(host)) find_ways(host);
}

std::size_t network_map::number_of(const std::string& name) {
  const auto [found, is_new] = numbers_.emplace(name, names_.size());
  if (is_new) names_.push_back(name);
  return found->second;
}

std::optional<std::size_t> network_map::find(std::string_view name) const {
  const auto found = numbers_.find(std::string(name));
  if (found == numbers_.end()) return std::nullopt;
  return found->second;
}

// Breadth first, through routers only: who has one link passes nothing on.
void network_map::find_ways(std::size_t router) {
  std::vector<std::size_t>& first = ways_[router];
  first.assign(ends_.size(), no_way);
  std::vector<bool> reached(hosts());
  std::deque<std::pair<std::size_t, std::size_t>> next;  // a router, and our link that leads there
  const auto enter = [&](std::size_t link, std::size_t from, std::size_t by) {
    if (first[link] != no_way) return;
    first[link] = by;
    const std::size_t beyond = across(link, from);
    if (reached[beyond] || !forwards(beyond)) return;
    reached[beyond] = true;
    next.emplace_back(beyond, by);
  };
  reached[router] = true;
  for (const std::size_t link : at_[router]) enter(link, router, link);
  while (!next.empty()) {
    const auto [at, by] = next.front();
    next.pop_front();
    for (const std::size_t link : at_[at]) enter(link, at, by);
  }
}

std::optional<std::size_t> network_map::way(std::size_t host, std::size_t link) const {
  if (!forwards(host)) return at_[host].front();
  const std::size_t by = ways_.at(host)[link];
  if (by == no_way) return std::nullopt;
  return by;
}

std::optional<std::vector<std::size_t>> network_map::path(std::size_t from, std::size_t to) const {
  const std::size_t network = at_[to].front();
  std::vector<std::size_t> crossed;
  for (std::size_t at = from; at != to;) {
    const auto by = way(at, network);
    if (!by || crossed.size() > names_.size()) return std::nullopt;
    // Its last link is the destination's network: whoever is on that reaches the host itself.
    const std::size_t beyond = across(*by, at);
    if (*by != network && !forwards(beyond)) return std::nullopt;
    crossed.push_back(*by);
    at = beyond;
  }
  return crossed;
}

}  // namespace seqwire
