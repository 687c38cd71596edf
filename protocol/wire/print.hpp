// Headers as text, from their layouts: one line for logs and failing tests, and the bit diagram and field table that
// make the header chapter of the documentation.
#pragma once

#include <string>

#include "protocol/wire/catalogue.hpp"

namespace seqwire {

/// "spp system=0 send_acknowledgement=1 ... sequence=7": every field of one header. `header` holds layout.octets
/// octets.
std::string print_header(const layout_description& layout, const octet* header);

/// A whole IDP frame in one line: its headers and the number of data octets; or why it cannot be parsed.
std::string print_packet(octets_view frame);

/// The header chapter: for each entry of the catalogue a bit diagram in the style of RFCs and a table, in Markdown.
std::string header_chapter(std::span<const catalogue_entry> entries);

}  // namespace seqwire
