// Scenarios written out in tests: as they are read, or why they are refused.
#pragma once

#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "lab/scenario/scenario.hpp"

namespace seqwire::scenario_text {

/// What the text says, with `overrides` as --set gives them; the test ends where it is refused.
inline scenario parsed(std::string_view text, const std::vector<std::string>& overrides = {}) {
  auto read = parse_scenario(text, "x.toml", overrides);
  BOOST_TEST_REQUIRE(read.has_value(), read.error().message);
  return *std::move(read);
}

/// The line that refuses it; empty: it is accepted.
inline std::string refusal(std::string_view text, const std::vector<std::string>& overrides = {}) {
  const auto read = parse_scenario(text, "x.toml", overrides);
  return read ? "" : read.error().message;
}

/// Of one line in [[flow]] of an otherwise good file; it stands in line 2.
inline std::string flow_refusal(std::string_view line) { return refusal(fmt::format("[[flow]]\n{}\n", line)); }

/// A refusal names it.
inline bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace seqwire::scenario_text
