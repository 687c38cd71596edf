// What the keys of a scenario must obey together, once each by itself is right. Knows where values were given, for the
// place in messages, and no file.
#pragma once

#include <vector>

#include "lab/scenario/scenario.hpp"
#include "lab/scenario/value_origins.hpp"

namespace seqwire {

/// All that is wrong, one line each with its place; of the transfers of one [[flow]] the first fault only.
std::vector<scenario_error> faults_of(const scenario& of, const value_origins& origins);

}  // namespace seqwire
