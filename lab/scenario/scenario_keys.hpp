// The table of all keys of a scenario: name, place, type, default, meaning. The reader, --set, to_toml and the list for
// users go through it; a new key is one row in scenario_keys.cpp. Knows no TOML: values come and go as text.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lab/scenario/scenario.hpp"
#include "lab/scenario/value_type.hpp"

namespace seqwire {

/// Where a key stands. `link` keys stand in [link] for every link and in [link.r1-r2] for one; `direction` keys there,
/// too, and in [link.r1_to_r2] for one direction of it.
enum class key_table : std::uint8_t { scenario, topology, link, direction, measure, flow };
std::string_view name_of(key_table table);     // the enumerator's own word
std::string_view heading_of(key_table table);  // as files say it: "[link], [link.r1-r2]"

/// Which of several a key speaks of: which link, which of its directions, which flow.
struct key_place {
  enum class directions : std::uint8_t { both, a_to_b, b_to_a };  // of a link
  // Each for the keys of its own table only.
  directions of_link = directions::both;
  std::size_t flow = 0;
  std::optional<std::size_t> link{};  // of the scenario's; nothing: all of them
};

/// One row of the table.
struct scenario_key {
  key_table table;           // where it stands
  std::string_view name;     // there; unique
  std::string_view meaning;  // one line for people
  std::string expected;      // completes "expected ..."
  unsigned kinds;            // of value_kind
  /// Sets the value from its text, or says what was expected and leaves the scenario as it was.
  std::function<result<void, unit_error>(scenario& to, const key_place& place, std::string_view text)> set;
  /// The value as text in normal form, which set() takes again; of several links that of the first, of both directions
  /// that of a_to_b.
  std::function<std::string(const scenario& from, const key_place& place)> print;
  bool only_if_said = false;  // to_toml() leaves it out where it is as by default
  value_shape shape = {};     // as `expected` says it to people
};

/// Every key, in the order in which they are printed.
std::span<const scenario_key> scenario_keys();

/// A flow as an empty [[flow]] makes it: its packets fill the MTU, its packet life is the world's, its ends are the
/// topology's usual ones.
flow_settings default_flow();

/// A flow on which one key is set, for options that are such keys: one place for units and range. The key exists.
result<flow_settings, unit_error> parse_flow_key(std::string_view name, std::string_view text);

/// Flows that a scenario may have at most.
inline constexpr std::size_t maximum_flows = 64;

/// The list for users: one line for each key with what it takes, its default and its meaning.
std::string describe_scenario_keys();

}  // namespace seqwire
