#include "dissector/wireshark/lua_dissector.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace seqwire {
namespace {

// A text as Lua writes it. Names and sentences come from sources, but a user's own may hold anything.
std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char each : text) {
    const auto code = static_cast<unsigned char>(each);
    if (each == '"' || each == '\\') result += '\\';
    result += code < 0x20 || code == 0x7f ? fmt::format("\\{:03}", code) : std::string(1, each);
  }
  return result + '"';
}

// A role as a name: "next header" -> "next_header".
std::string role_name(role meaning) {
  std::string name(name_of(meaning));
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

std::string field_row(const field_description& field) {
  std::string row = fmt::format("    {{name = {}, bit_offset = {}, bits = {}, role = {},\n     documentation = {}",
                                quoted(field.name), field.bit_offset, field.bits, quoted(role_name(field.meaning)),
                                quoted(field.documentation));
  if (!field.values.empty()) {
    row += ",\n     values = {";
    for (const named_value& value : field.values)
      row += fmt::format("{}[{}] = {}", &value == field.values.data() ? "" : ", ", value.value, quoted(value.name));
    row += '}';
  }
  return row + "},\n";
}

std::string entry_rows(const catalogue_entry& entry) {
  std::string rows = fmt::format("  {{name = {}, octets = {}", quoted(entry.layout->name), entry.layout->octets);
  if (entry.behind != nullptr) rows += fmt::format(", behind = {}", quoted(entry.behind->name));
  if (entry.selector) rows += fmt::format(", selector = {}", *entry.selector);
  if (entry.repeated) rows += ", repeated = true";
  rows += fmt::format(",\n   documentation = {},\n   fields = {{\n", quoted(entry.layout->documentation));
  for (const field_description& field : entry.layout->fields) rows += field_row(field);
  return rows + "  }},\n";
}

// Wireshark gives each file globals of its own; what it shares is behind _G.
constexpr std::string_view once =
    R"(-- Installed, and named on the command line as well: once is enough, unless the two know other headers.
local known = {}
for at, layout in ipairs(catalogue) do known[at] = layout.name end
known = table.concat(known, " ")
if _G.seqwire_knows == known then return end
if _G.seqwire_knows then error("a seqwire dissector of other headers is loaded already: " .. _G.seqwire_knows, 0) end
_G.seqwire_knows = known
)";

}  // namespace

std::string lua_dissector(std::span<const catalogue_entry> entries) {
  std::string text =
      "-- The seqwire dissector for Wireshark 4.0 and later, made by `seqwire wireshark generate`: the header "
      "catalogue\n"
      "-- of the program that made it, and behind it the parts that are written by hand. docs/wireshark.md tells of "
      "it.\n"
      "-- BSD-2-Clause, as all of seqwire.\n"
      "\n"
      "local catalogue = {\n";
  for (const catalogue_entry& entry : entries) text += entry_rows(entry);
  text += "}\n\n";
  text += once;
  for (const std::string_view part : {lua_analysis, lua_headers, lua_frames}) {
    text += '\n';
    text += part;
  }
  return text;
}

}  // namespace seqwire
