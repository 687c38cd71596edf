// What a scenario says that is allowed and hardly meant: keys without effect, links that nobody uses, windows that
// leave a link idle, sources that no link can carry. For people who write scenarios; a run asks nothing of it.
#pragma once

#include <vector>

#include "lab/scenario/scenario.hpp"
#include "lab/scenario/value_origins.hpp"

namespace seqwire {

/// One line for each doubt, with place, what would be expected and what is there; of the transfers of one [[flow]] the
/// first of each kind only. The scenario has no faults (scenario_check.hpp).
std::vector<scenario_error> doubts_about(const scenario& of, const value_origins& origins);

}  // namespace seqwire
