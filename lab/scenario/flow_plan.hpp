// The single transfers that a scenario's flows are: stars and copies written out, with the way of each through the
// network. Both worlds, their reports and the measures go by this list.
#pragma once

#include <string>
#include <vector>

#include "lab/scenario/network_map.hpp"
#include "lab/scenario/scenario.hpp"

namespace seqwire {

/// One transfer from one host to another.
struct planned_flow {
  std::size_t settings = 0;       // of the scenario's flows, from 0
  std::size_t copy = 0;           // of these settings, from 0
  std::size_t from = 0;           // a host of the map
  std::size_t to = 0;             // as `from`
  duration start{};               // when its data begins
  std::vector<std::size_t> path;  // the links that its data cross, in order
  std::string label;              // "0 a to b"; "0.2 a3 to b3" where there are several of these settings
};

/// Why flows cannot be planned.
struct flow_fault {
  std::size_t flow = 0;  // of the scenario's
  std::string key;       // the one at fault: "from", "to" or "copies"
  std::string expected;  // completes "expected ..."
};

network_map map_of(const scenario& from);  // its links as a network

/// All transfers, in the order of the flows, then of the hosts' numbers, then of copies.
result<std::vector<planned_flow>, flow_fault> plan_flows(const scenario& from, const network_map& map);

/// What a packet may be at most on this flow's way, octets.
std::size_t path_mtu(const scenario& from, const planned_flow& flow);
/// No copy of a packet of this flow arrives later than this after it was sent; each link adds `slack`.
duration path_life(const scenario& from, const planned_flow& flow, duration slack = {});

/// Transfers that a scenario may have at most, all flows together.
inline constexpr std::size_t maximum_transfers = 20'000;

}  // namespace seqwire
