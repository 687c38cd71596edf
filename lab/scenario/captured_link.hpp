// A link of a scenario that does what captures show: loss model, duplication, reordering, rate and delay of both
// directions between two vantage points.
#pragma once

#include <string>

#include "dissector/analysis/analyze.hpp"
#include "lab/scenario/scenario.hpp"

namespace seqwire {

/// A scenario whose link does in a_to_b what the first side's packets met, in b_to_a the second's. With one clock each
/// direction has its own delay; with two both have half of the round trip. A direction that was not seen does nothing.
scenario link_of(const crossing_summary& seen);

/// What the link rests on, as comment lines of TOML: how many packets, which loss model, what is assumed.
std::string describe_link(const crossing_summary& seen, const connection_summary& of);

}  // namespace seqwire
