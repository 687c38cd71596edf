// The catalogue of layouts: every header that tools should know, and what selects it. A new header is one header file
// and one line in catalogue.cpp; a program of its own adds its headers with add_to_catalogue().
#pragma once

#include <optional>
#include <span>

#include "protocol/wire/idp.hpp"

namespace seqwire {

/// A header, and when it follows another.
struct catalogue_entry {
  const layout_description* layout;       // never nullptr; lives as long as the program
  const layout_description* behind;       // the header in whose data it stands; nullptr: the first of all
  std::optional<std::uint64_t> selector;  // value of that header's next_header field; nothing: always
  bool repeated = false;                  // as often as the data has room for
};

/// All known headers, IDP first.
std::span<const catalogue_entry> catalogue();

/// Adds a header. Its layout lives as long as the program; called before anything reads packets, from one thread.
/// require()s a name that is new, and a header behind which nothing has this selector yet.
void add_to_catalogue(const catalogue_entry& entry);

/// The header that follows an IDP header of this packet type, or nullptr.
const layout_description* layout_of(packet_type type);
/// What follows this header, of which `octets_of` holds the octets, or nullptr.
const catalogue_entry* entry_behind(const layout_description& header, const octet* octets_of);

}  // namespace seqwire
