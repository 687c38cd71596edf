#include "protocol/host/port_table.hpp"

namespace seqwire {
namespace {
constexpr socket_number never_ephemeral{3004};  // Wireshark hands its data to the SMB dissector
}

bool port_table::used(socket_number number) const {
  const auto first = users_.lower_bound({number, {}});  // no peer at all sorts first
  return first != users_.end() && std::get<socket_number>(first->first) == number;
}

std::optional<socket_number> port_table::fresh() {
  constexpr auto first = static_cast<std::uint16_t>(first_unreserved_socket);
  for (int tries = 0; tries < 65536 - first; ++tries) {
    const socket_number candidate{next_ephemeral_};
    next_ephemeral_ = next_ephemeral_ == 65535 ? first : static_cast<std::uint16_t>(next_ephemeral_ + 1);
    if (candidate != never_ephemeral && !used(candidate)) return candidate;
  }
  return std::nullopt;
}

port_table::place port_table::add(socket_number number, const port_peer& peer, port_user& user) {
  return users_.emplace(key{number, peer}, &user);
}

port_table::place port_table::move(place from, const port_peer& to) {
  const socket_number number = std::get<socket_number>(from->first);
  port_user* const user = from->second;
  users_.erase(from);
  return users_.emplace(key{number, to}, user);
}

port_user* port_table::find(const xns_address& source, socket_number number) const {
  for (const port_peer& peer : {port_peer{source.host, source.socket}, port_peer{source.host, {}}, port_peer{}})
    if (const auto [first, end] = with_peer(number, peer); first != end) return first->second;
  return nullptr;
}

}  // namespace seqwire
