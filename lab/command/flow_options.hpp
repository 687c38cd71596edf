// What a connection is told by --set, the same for all commands that have one.
#pragma once

#include "lab/command/command.hpp"
#include "lab/scenario/scenario_keys.hpp"

namespace seqwire {

/// What a command says of its own flow: --set KEY=VALUE.
struct flow_options {
  std::vector<std::string> set;             // "key=value", as written
  duration give_up = spp_config{}.give_up;  // unless it is set

  /// Before parsing; the object outlives it.
  void add_to(CLI::App& command) {
    add_repeatable(command, "--set", set, "Change a key of the flow, e.g. window=128 or give_up=30s")
        ->type_name("KEY=VALUE");
  }

  /// With the carrier's packet life, on which the flow's keys build. Throws usage_error. Asked with nothing it
  /// complains before anything is opened.
  spp_config config(duration packet_life = 100_ms, std::size_t packet_data = 534) const {
    scenario one;
    one.flows.emplace_back();
    one.flows.front().spp.packet_data = packet_data;
    one.flows.front().spp.packet_life = packet_life;
    one.flows.front().spp.keepalive = 10_s;  // a receiver has nothing else that would miss a peer that is gone
    one.flows.front().spp.give_up = give_up;
    for (const std::string& assignment : set)
      if (const auto done = set_key(one, "flow.0." + assignment); !done) throw usage_error(done.error().message);
    return one.flows.front().spp;
  }
};

}  // namespace seqwire
