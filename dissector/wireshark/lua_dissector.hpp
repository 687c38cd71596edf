// The Wireshark dissector as one Lua file: the header catalogue as a table, and the parts that are written by hand
// (analysis.lua, headers.lua, frames.lua beside this file), which know headers only by that table. Knows no packet.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "protocol/wire/catalogue.hpp"

namespace seqwire {

/// The whole dissector for these headers, for Lua 5.2 and later: what `seqwire wireshark install` installs. The headers
/// of catalogue() are among them.
std::string lua_dissector(std::span<const catalogue_entry> entries);

// The hand-written parts, in the order in which they are loaded.
extern const std::string_view lua_analysis;  ///< what is remembered of connections, and told
extern const std::string_view lua_headers;   ///< fields and dissection of the catalogue's headers
extern const std::string_view lua_frames;    ///< each frame, and the carriers

}  // namespace seqwire
