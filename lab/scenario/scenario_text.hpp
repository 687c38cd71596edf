// A scenario file as a flat list of what it says: for each value its path of keys, its position and its text. Knows
// TOML and its traps (encodings, size, nesting, duplicates); knows no key.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/base/result.hpp"

namespace seqwire {

/// One `key = value` of the file.
struct scenario_entry {
  std::vector<std::string> path;  // {"link", "a_to_b", "loss"}, {"flow", "0", "window"}
  unsigned kind = 0;              // of value_kind; 0: a kind that no key takes (table, date, list of other things)
  std::string text;               // the value; for a kind of 0 what it is, such as "a table"
  std::string key_at;             // "file:line:column"
  std::string value_at;           // as key_at
};

/// A value with all that is in it: what stands in tables that are no part of the scenario itself.
struct value_tree {
  unsigned kind = 0;              // as scenario_entry's
  std::string text;               // as scenario_entry's
  std::string at;                 // "file:line:column"
  std::vector<value_tree> items;  // of a list
  bool is_list = false;           // then `items` holds
  bool is_table = false;          // then `members` holds
  bool is_inline = false;         // a table in braces
  struct member;
  std::vector<member> members;  // of a table, in the order of the file

  const value_tree* find(std::string_view name) const;  // of a table; nullptr: it has none
};
struct value_tree::member {  // of a table
  std::string name;          // the key
  std::string at;            // the key's place, as `at`
  value_tree value;          // may be a table again
};

/// A file as it is written.
struct scenario_entries {
  std::vector<scenario_entry> entries;  // in the order of the file
  std::size_t flows = 0;                // how many [[flow]]
  std::optional<value_tree> extends;    // the file whose values hold where this one says nothing
  std::optional<value_tree> sweep;      // [sweep], which a single run passes over

  /// Whether this is a table within [link], as "r1-r2" and "r1_to_r2" are, and not one of its keys.
  static bool is_table_of_link(std::string_view name);
};

/// Where and what, as one line; as scenario_error.
struct text_error {
  std::string message;  // without a newline
};

/// Largest scenario file, octets.
inline constexpr std::size_t maximum_scenario_size = std::size_t{1} << 20;

/// Reads the text of a scenario; `name` stands for the file in positions. UTF-8 with or without byte order mark.
result<scenario_entries, text_error> read_entries(std::string_view text, const std::string& name);

/// The text of a file, at most maximum_scenario_size + 1 octets of it.
result<std::string, text_error> read_text(const std::string& path);

/// "at: what; expected ...; got ...".
std::string error_line(std::string_view at, std::string_view what, std::string_view expected, std::string_view got);
/// The text fit for a terminal: octets that are not printable ASCII as \xNN, cut after `most` octets.
std::string printable(std::string_view text, std::size_t most = 120);
/// The same in quotes.
std::string in_quotes(std::string_view text);
/// Without the blanks at both ends.
std::string_view trimmed(std::string_view text);

}  // namespace seqwire
