// A host with sockets on an open link, for a command that runs until it is done or a signal comes: the endpoint, the
// signals that end it, the capture it may leave. Privileges are given up once it stands.
#pragma once

#include <memory>

#include "lab/wire/live_status.hpp"
#include "lab/wire/recording.hpp"
#include "rawio/ending_signals.hpp"
#include "rawio/live_endpoint.hpp"

namespace seqwire {

/// One host with sockets on one link, for a command.
class socket_host {
 public:
  /// Raw sockets and numbers below 3000 are for those who may open raw sockets. Throws std::system_error.
  socket_host(std::unique_ptr<live_link> on, network_number network, endpoint_config sockets = {},
              const std::optional<std::string>& record = std::nullopt);

  live_link& on() { return *link_; }              // below any recorder
  live_endpoint& at() { return *at_; }            // for loops of the command's own
  endpoint& sockets() { return at_->sockets(); }  // to open sockets at
  /// Calls that wait end with interrupted while one is to be taken.
  ending_signals& signals() { return signals_; }

  /// Asks routers for a way to the network, unless one is known, and waits for it a few seconds at most. Throws
  /// std::runtime_error when nobody knows one, interrupted when a signal comes first.
  void find_way_to(network_number network);

  /// To be called a few times a second. Throws std::runtime_error when the link is gone.
  void keep();
  /// The last call, when all sockets are closed: lets connections say their last and datagrams leave, a moment only
  /// when `code` is that of a signal, and closes the capture. Returns `code`. Throws std::runtime_error when the
  /// capture is not whole, or packets are lost because the link took no more; after a signal the latter is told, not
  /// thrown.
  int leave(int code);

 private:
  std::unique_ptr<live_link> link_;
  recording capture_;
  ending_signals signals_;
  live_status status_;
  std::unique_ptr<live_endpoint> at_;
};

}  // namespace seqwire
