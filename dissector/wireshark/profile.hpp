// The Wireshark profile "seqwire" as tables and as the text of its files: columns, colouring rules, display-filter
// buttons and preferences for what the dissector of lua_dissector.hpp tells. For Wireshark 4.0 and later. Knows nothing
// of where the files go.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace seqwire {

/// A line of Wireshark's packet list: the first rule whose filter the packet passes gives its colours (0xRRGGBB).
struct colouring_rule {
  std::string_view name;     // without '@'; what frame.coloring_rule.name says
  std::string_view filter;   // a display filter, without '@'
  std::uint32_t background;  // 0xRRGGBB
  std::uint32_t foreground;  // 0xRRGGBB
};

/// A button beside the display filter.
struct filter_button {
  std::string_view label;    // without '"' and '\'
  std::string_view filter;   // a display filter, without '"' and '\'
  std::string_view meaning;  // shown as its tooltip; without '"' and '\'
};

/// A column of the packet list.
struct list_column {
  std::string_view title;   // without '"'
  std::string_view format;  // as Wireshark's preference gui.column.format has it
};

// The rules stand in the order in which Wireshark tries them, buttons and columns as they are shown.
std::span<const colouring_rule> colouring_rules();
std::span<const filter_button> filter_buttons();
std::span<const list_column> list_columns();

/// One file of the profile's folder.
struct profile_file {
  std::string_view name;  // "preferences"
  std::string text;       // lines that begin with '#' are comments
};
/// All of them.
std::vector<profile_file> wireshark_profile();

}  // namespace seqwire
