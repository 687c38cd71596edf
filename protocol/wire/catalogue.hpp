// The catalogue of layouts: every header that tools should know, and which one follows an IDP header by packet type.
// A new packet type is one header file and one line in catalogue.cpp.
#pragma once

#include <span>

#include "protocol/wire/idp.hpp"

namespace seqwire {

struct catalogue_entry {
  const layout_description* layout;
  int packet_type;  // the IDP packet type that selects it; -1: not selected by type (IDP itself)
};

/// All known headers, IDP first.
std::span<const catalogue_entry> catalogue();

/// The header that follows an IDP header of this packet type, or nullptr.
const layout_description* layout_of(packet_type type);

}  // namespace seqwire
