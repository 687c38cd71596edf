#include "protocol/wire/catalogue.hpp"

#include <array>

#include "protocol/wire/echo.hpp"
#include "protocol/wire/error.hpp"
#include "protocol/wire/spp.hpp"

namespace seqwire {
namespace {

constexpr std::array<catalogue_entry, 4> entries{{
    {&idp_layout::description, -1},
    {&echo_layout::description, static_cast<int>(packet_type::echo)},
    {&error_layout::description, static_cast<int>(packet_type::error)},
    {&spp_layout::description, static_cast<int>(packet_type::sequenced_packet)},
}};

}  // namespace

std::span<const catalogue_entry> catalogue() { return entries; }

const layout_description* layout_of(packet_type type) {
  for (const catalogue_entry& entry : entries)
    if (entry.packet_type == static_cast<int>(type)) return entry.layout;
  return nullptr;
}

}  // namespace seqwire
