// What the machine refuses while something is being set up: one line that names the attempted action.
// The running path never throws; it returns counts and keeps counters (rawio/packet_socket.hpp).
#pragma once

#include <string>
#include <system_error>

namespace seqwire {

/// The kernel wants a privilege that this process lacks. what() says which one and the ways to get it; a command
/// exits 77.
class privilege_error : public std::system_error {
 public:
  using std::system_error::system_error;
};

/// The guard of the network: the action would touch a network namespace that was not made for it.
class guard_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws std::system_error with errno, or with `code`.
[[noreturn]] void throw_system_error(const std::string& action);
/// With an errno value that the caller has.
[[noreturn]] void throw_system_error(const std::string& action, int code);

/// Throws the privilege_error for raw sockets: cap_net_raw, and the two ways to get it.
[[noreturn]] void throw_raw_socket_refused(const std::string& action);

}  // namespace seqwire
