// Which connection of one capture is which of another, and where both are looked at: connections by their ends, and for
// each direction the same vantage point of both, the sender's own where both have it. Connection ids and fresh socket
// numbers differ from run to run, so what no two captures can have in common is not asked for. Compares no packet.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "dissector/analysis/analyze.hpp"

namespace seqwire {

/// Where a direction is looked at in one capture.
struct chosen_view {
  std::size_t view = 0;            // index into connection_summary::views
  std::size_t side = 0;            // who sends there: index into connection_summary::sides
  vantage where = vantage::path;   // of the packets
  std::optional<instant> first{};  // of this side's packets there
};

/// A connection of the first capture and its partner in the second.
struct connection_pair {
  std::array<std::size_t, 2> connection{};  // index into the analyses' connections
  /// By whose packets they are: the side of the first capture, then by capture. Nothing: that capture shows none.
  std::array<std::array<std::optional<chosen_view>, 2>, 2> directions{};

  /// Both captures show it, and from different places: what the network did between them differs too.
  bool elsewhere(std::size_t direction) const;
};

/// All connections of two captures.
struct connection_pairing {
  std::vector<connection_pair> pairs;                  // in the order of the first capture
  std::array<std::vector<std::size_t>, 2> unpaired{};  // those of each capture without partner, in order
};

/// Partners have the same hosts. Those with the same socket numbers are found first, then those that have one in
/// common at the same host, then the others; of several the first with the first, in the order in which they opened.
connection_pairing pair_connections(const analysis& first, const analysis& second);

}  // namespace seqwire
