#include "protocol/socket/endpoint.hpp"

#include <algorithm>

namespace seqwire {

endpoint::endpoint(waiter& waits, endpoint_config config) : waiter_(waits), config_(std::move(config)) {}
endpoint::~endpoint() { require(sockets_ == 0); }

host& endpoint::on() const {
  require(host_ != nullptr);
  return *host_;
}

bool endpoint::count_socket() {
  if (sockets_ >= config_.maximum_sockets) return false;
  ++sockets_;
  return true;
}

socket_result<std::unique_ptr<socket>> endpoint::open(socket_type type, std::optional<packet_type> only) {
  if (type == socket_type::raw && !config_.privileged) return failed(std::errc::operation_not_permitted);
  if (!count_socket()) return failed(std::errc::too_many_files_open);
  if (type == socket_type::stream || type == socket_type::sequenced_packet)
    return std::make_unique<spp_socket>(*this, type);
  return std::make_unique<idp_socket>(*this, type, only);
}

socket_result<socket_number> endpoint::free_number(const xns_address& wanted) {
  const xns_address own = on().address({});
  const bool ours = (wanted.host == host_number{} || wanted.host == own.host) &&
                    (wanted.network == local_network || wanted.network == own.network);
  if (!ours) return failed(std::errc::address_not_available);
  if (wanted.socket == socket_number{}) {
    const auto fresh = on().fresh_socket();
    if (!fresh) return failed(std::errc::address_not_available);
    return *fresh;
  }
  if (wanted.socket < first_unreserved_socket && !config_.privileged) return failed(std::errc::permission_denied);
  return wanted.socket;
}

std::uint32_t endpoint::fresh_exchange_id() {
  if (!exchange_id_) exchange_id_ = on().unpredictable();
  return (*exchange_id_)++;
}

bool endpoint::step(instant, host& on) {
  bool did = host_ == nullptr || datagram_changes_ != on.datagrams().changes();
  host_ = &on;
  datagram_changes_ = on.datagrams().changes();
  while (const auto event = on.sequenced().poll_event()) {
    take(*event);
    did = true;
  }
  if (did) ++generation_;
  return did;
}

void endpoint::take(const host_event& event) {
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

socket_result<std::size_t> endpoint::poll(std::span<poll_entry> entries, std::optional<duration> timeout) {
  const instant until = timeout ? waiter_.now() + *timeout : instant::never();
  for (;;) {
    std::size_t ready = 0;
    for (poll_entry& each : entries) {
      const readiness is = each.of->ready();
      each.is = {.readable = is.readable && each.wanted.readable,
                 .writable = is.writable && each.wanted.writable,
                 .attention = is.attention && each.wanted.attention,
                 .error = is.error,
                 .ended = is.ended};
      ready += each.is.readable || each.is.writable || each.is.attention || each.is.error || each.is.ended;
    }
    if (ready > 0 || waiter_.now() >= until) return ready;
    if (!waiter_.wait(until)) return failed(std::errc::interrupted);
  }
}

bool endpoint::drain(duration most) {
  const instant until = waiter_.now() + most;
  const auto done = [&] { return on().sequenced().connections() == 0 && unsent() == 0; };
  // What goes tells nobody: looked for as often as nobody minds.
  while (!done() && waiter_.now() < until)
    if (!waiter_.wait(std::min(until, waiter_.now() + 10_ms))) break;
  return done();
}

}  // namespace seqwire
