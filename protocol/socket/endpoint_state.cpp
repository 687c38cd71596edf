#include "protocol/socket/endpoint_state.hpp"

#include "protocol/socket/spp_socket.hpp"

namespace seqwire {

bool endpoint_state::count_socket() {
  if (sockets_ >= config_.maximum_sockets) return false;
  ++sockets_;
  return true;
}

socket_result<socket_number> endpoint_state::free_number(const xns_address& wanted) const {
  const own_addresses& own = on().routing().own();
  const bool any_host = wanted.host == host_number{}, any_network = wanted.network == local_network;
  const bool ours = (any_network || own.link_on(wanted.network)) && (any_host || own.has_host_number(wanted.host)) &&
                    (any_network || any_host || own.has(wanted.network, wanted.host));
  if (!ours) return failed(std::errc::address_not_available);
  if (wanted.socket == socket_number{}) {
    const auto fresh = on().fresh_socket();
    if (!fresh) return failed(std::errc::address_not_available);
    return *fresh;
  }
  if (wanted.socket < first_unreserved_socket && !config_.privileged) return failed(std::errc::permission_denied);
  return wanted.socket;
}

std::uint32_t endpoint_state::fresh_exchange_id() {
  if (!exchange_id_) exchange_id_ = on().unpredictable();
  return (*exchange_id_)++;
}

void endpoint_state::tell(const host_event& event) {
  if (const auto found = by_connection_.find(event.connection); found != by_connection_.end())
    return found->second->on_event(event);
  if (!event.listener) return;  // of a socket that was closed
  const auto listening = listening_.find(*event.listener);
  if (listening != listening_.end()) {
    // What happens to it before it is accepted is seen from its state then.
    if (event.what == connection_notice::opened) listening->second->on_accepted(event.connection);
    return;
  }
  if (spp_connection* const nobodys = on().sequenced().find(event.connection)) nobodys->abort();
  on().sequenced().release(event.connection);
}

}  // namespace seqwire
