// Who is joined to whom: the named shapes of networks and those written by hand, as a list of links in a fixed order.
// Hosts come from the links that name them. Knows nothing of what links do to packets.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/base/result.hpp"

namespace seqwire {

/// [topology]: which network an experiment runs on.
struct topology_settings {
  std::string shape = "pair";      // of topology_shapes()
  std::uint64_t size = 1;          // how many routers, hosts or hops the shape has; a pair has no size
  std::string links = {};          // "a-r1, r1-b" joins hosts by hand; empty: the shape says
  std::string routing = "static";  // of routings(): ways are given, or routers tell each other

  bool operator==(const topology_settings&) const = default;
};

/// Two hosts with a link between them, by name.
struct joined_hosts {
  std::string a;  // the link's a_to_b goes from it
  std::string b;  // not a

  bool operator==(const joined_hosts&) const = default;
};

/// The names of a flow's ends, where it does not say them; as flow_settings has them.
struct usual_ends {
  std::string from;  // empty: there is no such thing in this network
  std::string to;    // as `from`
};

std::span<const std::string_view> topology_shapes();  // pair, chain, dumbbell, star, parking lot
std::span<const std::string_view> routings();         // static, rip

/// The links of a network, in order. The error completes "expected ...".
///
/// pair: a-b. chain: a and b with `size` routers r1, r2, ... between them. dumbbell: a1, a2, ... (`size` of them) on
/// router r1, b1, b2, ... on router r2, and r1-r2 as the bottleneck. star: h1, h2, ... on router r. parking lot: a and
/// b with `size` hops r1-r2, r2-r3, ... between them, and for the n-th hop hosts an and bn on its two routers, whose
/// traffic crosses that hop alone.
result<std::vector<joined_hosts>, std::string> links_of(const topology_settings& topology);

/// Where flows go that do not say from where to where.
usual_ends usual_ends_of(const topology_settings& topology);

/// A host's name: a letter, then up to 15 letters and digits.
bool is_host_name(std::string_view text);

// Bounds of a network.
inline constexpr std::size_t maximum_topology_size = 10'000;
inline constexpr std::size_t maximum_routers_on_a_way = 15;  // IDP's hop count (Internet Transport Protocols, 3.1)
inline constexpr std::size_t maximum_links_by_hand = 1'000;

}  // namespace seqwire
