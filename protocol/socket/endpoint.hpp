// A host as programs see it: sockets of all four types on one set of socket numbers. It is given a host by whoever runs
// it (application), and a waiter for calls that block. Sockets are handles; the endpoint outlives them.
// It knows no clock, no thread and no file descriptor.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "protocol/host/application.hpp"
#include "protocol/socket/idp_socket.hpp"
#include "protocol/socket/spp_socket.hpp"
#include "protocol/socket/waiter.hpp"

namespace seqwire {

/// What all sockets of an endpoint begin with.
struct endpoint_config {
  spp_config spp{.packet_data = 0};      // of connections, until their socket's options say otherwise; 0: fills the MTU
  std::size_t maximum_sockets = 16'384;  // accepted ones included; one more: too_many_files_open
  bool privileged = false;               // raw sockets, and numbers below 3000
};

/// Where a program opens sockets; one thread's.
class endpoint final : public application {
 public:
  /// The waiter outlives it. Its sockets work from the host's first step() on.
  explicit endpoint(waiter& waits, endpoint_config config = {});
  ~endpoint() override;
  endpoint(const endpoint&) = delete;
  endpoint& operator=(const endpoint&) = delete;

  /// A new socket. `only`: the packet type of a raw socket, or of what a datagram socket sends.
  /// Errors: operation_not_permitted (raw, without the privilege), too_many_files_open.
  socket_result<std::unique_ptr<socket>> open(socket_type type, std::optional<packet_type> only = std::nullopt);

  /// Waits until one of the sockets is ready in a way that its entry asks for, or the time has come; returns how many
  /// are. Entries' `is` say how.
  struct poll_entry {
    const socket* of = nullptr;  // never nullptr
    readiness wanted{};          // errors and ends are always told
    readiness is{};              // as poll() found it
  };
  /// Without a timeout as long as it takes; 0: the time was over. Errors: interrupted.
  socket_result<std::size_t> poll(std::span<poll_entry> entries, std::optional<duration> timeout);

  /// Waits until every connection that was closed has said its last and unsent() is 0, or the time has come. True: so
  /// it is.
  bool drain(duration most);
  /// Packets that were sent and still wait for a link that is full or down: lost if the endpoint ends now.
  std::size_t unsent() const { return on().datagrams().waiting_to_leave() + waiter_.held(); }

  /// Changes whenever something happened that a waiting program may wait for.
  std::uint64_t generation() const { return generation_; }

  // --- application ---
  bool step(instant now, host& on) override;
  bool finished() const override { return sockets_ == 0; }
  void leave() override { host_ = nullptr; }

  // --- for its sockets ---
  waiter& waiting() const { return waiter_; }                // as given
  const endpoint_config& config() const { return config_; }  // as given
  /// The host; require()s that step() has been called.
  host& on() const;
  /// A number to bind to: the one asked for or, for 0, a fresh one.
  socket_result<socket_number> free_number(const xns_address& wanted);
  /// A Packet Exchange id not used before; nobody outside can guess the first.
  std::uint32_t fresh_exchange_id();
  // Whose events they are from now on; remove() before the socket goes.
  void add(connection_handle handle, spp_socket& of) { by_connection_[handle] = &of; }
  void remove(connection_handle handle) { by_connection_.erase(handle); }
  void add_listener(socket_number number, spp_socket& of) { listening_[number] = &of; }
  void remove_listener(socket_number number) { listening_.erase(number); }
  bool count_socket();                  // false: there are maximum_sockets
  void forget_socket() { --sockets_; }  // one that was counted

 private:
  void take(const host_event& event);

  waiter& waiter_;
  endpoint_config config_;
  host* host_ = nullptr;
  std::uint64_t generation_ = 0;
  std::uint64_t datagram_changes_ = 0;  // that were seen
  std::size_t sockets_ = 0;
  std::optional<std::uint32_t> exchange_id_;  // the next
  std::map<connection_handle, spp_socket*> by_connection_;
  std::map<socket_number, spp_socket*> listening_;
};

}  // namespace seqwire
