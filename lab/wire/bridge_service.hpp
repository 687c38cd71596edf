// A bridge that runs by itself between two interfaces: the body of `seqwire bridge` and of a lab's bridge process.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "lab/scenario/scenario.hpp"
#include "lab/wire/bridge.hpp"

namespace seqwire {

/// What a bridge did until it ended.
struct bridge_outcome {
  // Of each direction, until the end.
  channel_statistics a_to_b;
  channel_statistics b_to_a;
  std::uint64_t refused_frames = 0;        // that an interface did not take
  std::uint64_t receive_drops = 0;         // lost before the bridge saw them
  std::uint64_t unfinished_checksums = 0;  // frames that only hardware would have finished: offloads are on
  int stopped_by_signal = 0;               // 0: none did
  std::string trouble;                     // an interface that is gone
};

/// Joins the interfaces with the scenario's link until a signal comes or one of them is gone; calls `ready` once frames
/// pass. Meanwhile it takes orders (bridge_control.hpp). Throws std::system_error, privilege_error.
bridge_outcome run_bridge(const std::string& interface_a, const std::string& interface_b, const scenario& link,
                          const std::function<void()>& ready);

/// As `seqwire bridge --json` prints it.
nlohmann::json to_json(const bridge_outcome& outcome);
std::string render_text(const bridge_outcome& outcome);  // a table for people

}  // namespace seqwire
