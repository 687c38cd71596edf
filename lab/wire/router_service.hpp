// A router in the real world: a host without programs that joins several open links and forwards between them, until a
// signal comes or a link is gone.
#pragma once

#include <memory>
#include <vector>

#include "lab/wire/live_host.hpp"
#include "rawio/live_link.hpp"

namespace seqwire {

/// A link, and the number of the network that it is.
struct router_port {
  network_number network{};         // neither 0 nor ffffffff
  std::unique_ptr<live_link> link;  // opened with forwards
};

/// How a router ended.
struct router_outcome {
  int signal = 0;             // that ended it
  std::string gone;           // or the link that did
  host_statistics counters;   // of the whole run
  std::vector<route> routes;  // known at the end
};

/// `watch` is called a few times a second with what there is to see. Throws std::system_error.
router_outcome run_router(std::vector<router_port> ports, std::uint64_t seed,
                          const std::function<void(const host& router)>& watch);

}  // namespace seqwire
