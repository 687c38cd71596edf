// What follows from a scenario before it runs: how long its packets live, what the way of a flow holds beside what its
// window permits, whether packet numbers suffice (protocol sheet 8.4), and the shortest time that a flow can take.
// Bounds for people and for the refusal of what cannot be done; knows nothing of losses and queues, which only make it
// worse, and of a flow nothing of the others.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/scenario/flow_plan.hpp"

namespace seqwire {

/// Of one transfer, in full packets of its size; infinity where nothing limits.
struct flow_figures {
  bool has_connection = true;        // datagrams have none, and neither numbers nor a window
  duration packet_life{};            // that the engine relies on; where the scenario says auto, that of the way
  duration round_trip{};             // of a full packet and its acknowledgement over empty links, at their fastest
  joined_hosts bottleneck;           // the direction with the lowest rate, from a to b; empty: no link limits
  double link_rate = 0;              // packets per second that it carries at its highest rate
  double offered = 0;                // packets per second that the workload makes, in the long run
  double bandwidth_delay = 0;        // packets that fill the way for a round trip
  packet_count window = 0;           // packets in flight at most
  double fastest = 0;                // packets per second that links, window and workload let through
  packet_count bound = 0;            // new packets within a packet life at most: 65,535 less the allocation
  double asked = 0;                  // new packets within a packet life at the fastest
  std::optional<duration> shortest;  // to the last record's arrival, from the run's start; nothing where chance or
                                     // files decide

  /// A rate is asked for at which packets could not be told apart. Without a rate the engine sends as fast as it can.
  bool is_impossible() const;
};

/// The figures of a scenario's transfers: what its links say is worked out once.
class network_figures {
 public:
  /// Both outlive it; the map is the scenario's.
  network_figures(const scenario& of, const network_map& map);

  /// Of one of the scenario's transfers (plan_flows()).
  flow_figures of(const planned_flow& flow) const;
  /// Bits per second that a direction carries at its highest rate; nothing: it has no limit, or one nobody can tell.
  std::optional<double> rate_of(std::size_t link, bool a_to_b) const;

 private:
  struct way_figures {  // one direction of a link
    double rate;        // bits per second; infinity: no limit
    duration delay;     // the shortest
    double overhead;    // octets
  };
  struct link_figures {
    way_figures a_to_b;
    way_figures b_to_a;
  };
  struct crossing {           // of one packet over empty links
    double propagation = 0;   // seconds
    double transmission = 0;  // seconds, all links together
    double longest = 0;       // seconds, on the slowest link
    joined_hosts slowest;     // from a to b, if it has a rate
  };

  static way_figures figures_of(const channel_settings& of);
  crossing cross(std::size_t from, const std::vector<std::size_t>& path, double size) const;

  const scenario& scenario_;
  const network_map& map_;
  std::vector<link_figures> links_;
};

/// The name of a direction in scenarios, "r1_to_r2".
std::string name_of_way(const joined_hosts& from_to);
/// As lines for people, each figure with its words.
std::vector<std::string> describe(const flow_figures& figures);

}  // namespace seqwire
