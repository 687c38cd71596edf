// What a host refused, as every JSON of a host tells it. Knows reasons by their names only.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "protocol/wire/drop_reason.hpp"

namespace seqwire {

/// Packets by the name of the reason, "bad checksum"; reasons that never were are left out. An object, maybe empty.
inline nlohmann::json drops_to_json(const drop_counters& drops) {
  nlohmann::json object = nlohmann::json::object();
  for (std::size_t i = 0; i < drop_reason_count; ++i) {
    const auto reason = static_cast<drop_reason>(i);
    if (drops[reason] != 0) object[std::string(name_of(reason))] = drops[reason];
  }
  return object;
}

}  // namespace seqwire
