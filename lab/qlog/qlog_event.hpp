// What all who write or read our qlog files agree on: names of events, how times are written, which events belong
// together. docs/qlog.md has the rest.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "protocol/base/time.hpp"
#include "protocol/wire/address.hpp"

namespace seqwire {

/// Names this vocabulary of events for tools; another vocabulary gets another one.
inline constexpr const char* qlog_event_schema = "urn:uuid:5f0d9f6e-3c1b-4b0e-9a57-2f8c6b1f7a10";

/// Milliseconds with all nanoseconds, as a JSON number. Not negative.
inline std::string qlog_time(duration since_origin) {
  return fmt::format("{}.{:06}", since_origin.nanoseconds / 1'000'000, since_origin.nanoseconds % 1'000'000);
}

/// The same for both ends of a connection, whichever is asked.
inline std::string qlog_group(const xns_address& one, const xns_address& other) {
  const std::string a = to_string(one);
  const std::string b = to_string(other);
  return std::min(a, b) + ' ' + std::max(a, b);
}

}  // namespace seqwire
