// The keys of a scenario for those who have no program at hand: a JSON Schema for editors and validators, and tables
// for the documentation. Both come from the table of keys and say no more than it does: what keys together must obey,
// the reader alone knows.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace seqwire {

/// JSON Schema, draft 2020-12, of a scenario file as the JSON that its TOML converts to, with [sweep] and `extends`.
nlohmann::json scenario_schema();

/// Every key as a row of a Markdown table, a table for each place where keys stand.
std::string scenario_key_tables();

}  // namespace seqwire
