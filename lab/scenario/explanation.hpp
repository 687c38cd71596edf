// A scenario as it will run, for people and tools: every key with its value and where that comes from, and what follows
// for each flow. Knows where values stand by scenario_reading.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "lab/scenario/scenario.hpp"

namespace seqwire {

/// TOML that reads back to the same scenario, each value with its origin as a comment, and each flow's figures. The
/// reading has a value, and `overrides` are those that it was made with.
std::string explain_scenario(const scenario_reading& of, const std::vector<std::string>& overrides);
/// The same as data, schema "seqwire.explanation/1".
nlohmann::json explain_scenario_as_json(const scenario_reading& of, const std::vector<std::string>& overrides);

}  // namespace seqwire
