// What the sockets of an endpoint share: its host, its waiter and settings, and which socket a connection's news are
// for. Programs see none of it; endpoint.hpp is theirs.
#pragma once

#include <map>

#include "protocol/host/host.hpp"
#include "protocol/socket/message.hpp"
#include "protocol/socket/waiter.hpp"

namespace seqwire {

class spp_socket;

/// What all sockets of an endpoint begin with.
struct endpoint_config {
  spp_config spp{.packet_data = 0};      // of connections, until their socket's options say otherwise; 0: fills the MTU
  std::size_t maximum_sockets = 16'384;  // accepted ones included; one more: too_many_files_open
  bool privileged = false;               // raw sockets, and numbers below 3000
};

/// Of one endpoint, and outlives its sockets.
class endpoint_state {
 public:
  /// The waiter outlives it. There is no host yet.
  endpoint_state(waiter& waits, endpoint_config settings) : waiter_(waits), config_(std::move(settings)) {}

  waiter& waiting() const { return waiter_; }                // as given
  const endpoint_config& config() const { return config_; }  // as given
  /// The host; require()s that there is one.
  host& on() const {
    require(host_ != nullptr);
    return *host_;
  }
  void run_on(host* engine) { host_ = engine; }   // nullptr: it is gone
  bool runs() const { return host_ != nullptr; }  // there is a host

  /// A number to bind to: the one asked for or, for 0, a fresh one. Errors as socket::bind().
  socket_result<socket_number> free_number(const xns_address& wanted) const;
  /// A Packet Exchange id not used before; nobody outside can guess the first.
  std::uint32_t fresh_exchange_id();

  bool count_socket();                              // false: there are maximum_sockets
  void forget_socket() { --sockets_; }              // one that was counted
  std::size_t sockets() const { return sockets_; }  // that are counted

  // Whose events they are from now on; remove() before the socket goes.
  void add(connection_handle handle, spp_socket& of) { by_connection_[handle] = &of; }
  void remove(connection_handle handle) { by_connection_.erase(handle); }
  void add_listener(socket_number number, spp_socket& of) { listening_[number] = &of; }
  void remove_listener(socket_number number) { listening_.erase(number); }
  /// Tells the socket that the event is for. A connection that came to a listener that is closed is aborted.
  void tell(const host_event& event);

 private:
  waiter& waiter_;
  const endpoint_config config_;
  host* host_ = nullptr;
  std::size_t sockets_ = 0;
  std::optional<std::uint32_t> exchange_id_;  // the next
  std::map<connection_handle, spp_socket*> by_connection_;
  std::map<socket_number, spp_socket*> listening_;
};

}  // namespace seqwire
