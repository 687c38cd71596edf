// A host as programs see it: sockets of all four types on one set of socket numbers. It is given a host by whoever runs
// it (application), and a waiter for calls that block. Sockets are handles; the endpoint outlives them.
// It knows no clock, no thread and no file descriptor.
#pragma once

#include <memory>

#include "protocol/host/application.hpp"
#include "protocol/socket/endpoint_state.hpp"
#include "protocol/socket/socket.hpp"

namespace seqwire {

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
  std::size_t unsent() const { return on().datagrams().waiting_to_leave() + waiting().held(); }

  waiter& waiting() const { return state_.waiting(); }               // as given: for the time, and to wait
  const endpoint_config& config() const { return state_.config(); }  // as given
  /// The engine, for what no socket does: routes, counters. require()s that step() has been called.
  host& on() const { return state_.on(); }

  /// Changes whenever something happened that a waiting program may wait for.
  std::uint64_t generation() const { return generation_; }

  // --- application ---
  bool step(instant now, host& on) override;
  bool finished() const override { return state_.sockets() == 0; }
  void leave() override { state_.run_on(nullptr); }

 private:
  endpoint_state state_;
  std::uint64_t generation_ = 0;
  std::uint64_t datagram_changes_ = 0;  // that were seen
};

}  // namespace seqwire
