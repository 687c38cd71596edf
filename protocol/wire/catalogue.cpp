#include "protocol/wire/catalogue.hpp"

#include <algorithm>
#include <vector>

#include "protocol/base/require.hpp"
#include "protocol/wire/echo.hpp"
#include "protocol/wire/error.hpp"
#include "protocol/wire/routing.hpp"
#include "protocol/wire/spp.hpp"
#include "protocol/wire/time_of_day.hpp"

namespace seqwire {
namespace {

constexpr std::uint64_t number(auto value) { return static_cast<std::uint64_t>(value); }

std::vector<catalogue_entry>& entries() {
  static std::vector<catalogue_entry> all{
      {&idp_layout::description, nullptr, {}},
      {&routing_layout::description, &idp_layout::description, number(packet_type::routing_information)},
      {&routing_entry_layout::description, &routing_layout::description, {}, true},
      {&echo_layout::description, &idp_layout::description, number(packet_type::echo)},
      {&error_layout::description, &idp_layout::description, number(packet_type::error)},
      {&exchange_layout::description, &idp_layout::description, number(packet_type::packet_exchange)},
      {&time_layout::description, &exchange_layout::description, number(exchange_client::time)},
      {&time_of_day_layout::description, &time_layout::description, number(time_operation::response)},
      {&spp_layout::description, &idp_layout::description, number(packet_type::sequenced_packet)},
  };
  return all;
}

const catalogue_entry* find(const layout_description& header, std::uint64_t selector) {
  for (const catalogue_entry& entry : entries())
    if (entry.behind == &header && (!entry.selector || *entry.selector == selector)) return &entry;
  return nullptr;
}

}  // namespace

std::span<const catalogue_entry> catalogue() { return entries(); }

void add_to_catalogue(const catalogue_entry& entry) {
  require(entry.layout != nullptr && entry.behind != nullptr);
  require(std::none_of(entries().begin(), entries().end(), [&](const catalogue_entry& known) {
    return known.layout->name == entry.layout->name ||
           (known.behind == entry.behind && (!known.selector || !entry.selector || *known.selector == *entry.selector));
  }));
  entries().push_back(entry);
}

const layout_description* layout_of(packet_type type) {
  const catalogue_entry* const entry = find(idp_layout::description, number(type));
  return entry != nullptr ? entry->layout : nullptr;
}

const catalogue_entry* entry_behind(const layout_description& header, const octet* octets_of) {
  const field_description* const next = header.find(role::next_header);
  return find(header, next != nullptr ? next->read(octets_of) : 0);
}

}  // namespace seqwire
