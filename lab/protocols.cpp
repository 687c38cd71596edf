#include "lab/protocols.hpp"

#include <algorithm>

#include "protocol/base/require.hpp"

namespace seqwire {
namespace {

constexpr std::string_view own_name = "spp";

// Deliberately never given back: names are handed out as views.
std::vector<std::unique_ptr<record_protocol>>& added_protocols() {
  static std::vector<std::unique_ptr<record_protocol>> all;
  return all;
}

}  // namespace

void add_protocol(record_protocol added) {
  const auto names = protocol_names();
  require(std::find(names.begin(), names.end(), added.name) == names.end() && added.make != nullptr);
  add_to_catalogue({added.header, &idp_layout::description, static_cast<std::uint64_t>(added.type)});
  added_protocols().push_back(std::make_unique<record_protocol>(std::move(added)));
}

record_protocol spp_with_profile(std::string name, const layout_description& header, const spp_profile& profile) {
  const auto make = [profile](host& on) -> std::unique_ptr<record_transport> {
    return std::make_unique<spp_protocol>(on.config(), on.ports(), on.routing(), profile);
  };
  return {std::move(name), profile.packet_type, &header, make};
}

std::vector<std::string_view> protocol_names() {
  std::vector<std::string_view> names{own_name};
  for (const auto& each : added_protocols()) names.push_back(each->name);
  return names;
}

std::optional<record_protocol> find_protocol(std::string_view name) {
  if (name == own_name) return std::nullopt;
  for (const auto& each : added_protocols())
    if (each->name == name) return *each;
  require(false);
  return std::nullopt;
}

}  // namespace seqwire
