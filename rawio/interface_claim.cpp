#include "rawio/interface_claim.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>

#include "protocol/base/require.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

struct abstract_name {
  sockaddr_un address{};
  socklen_t length = 0;

  explicit abstract_name(const std::string& claimed) {
    const std::string name = "seqwire " + claimed;
    require(name.size() < sizeof address.sun_path);
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data(), name.size());  // the leading zero octet makes it abstract
    length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  }
  const sockaddr* generic() const { return reinterpret_cast<const sockaddr*>(&address); }
};

descriptor open_local_socket() {
  descriptor opened(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!opened) throw_system_error("claiming an interface");
  return opened;
}

/// "process 123 (seqwire)", or words that say that nobody knows.
std::string describe_owner(const abstract_name& name) {
  const descriptor asking = open_local_socket();
  ucred owner{};
  socklen_t length = sizeof owner;
  if (::connect(asking.number(), name.generic(), name.length) != 0 ||
      ::getsockopt(asking.number(), SOL_SOCKET, SO_PEERCRED, &owner, &length) != 0 || owner.pid <= 0)
    return "another process";
  std::string program;
  std::ifstream comm(fmt::format("/proc/{}/comm", owner.pid));
  if (std::getline(comm, program)) return fmt::format("process {} ({})", owner.pid, program);
  return fmt::format("process {}", owner.pid);
}

}  // namespace

// By index: an interface keeps it when it is renamed.
interface_claim::interface_claim(const std::string& interface_name, int interface_index, host_number host)
    : interface_claim(fmt::format("interface {}, host {}", interface_name, to_string(host)),
                      fmt::format("interface {} host {}", interface_index, to_string(host))) {}

interface_claim::interface_claim(const std::string& action, const std::string& claimed) : socket_(open_local_socket()) {
  const abstract_name name(claimed);
  if (::bind(socket_.number(), name.generic(), name.length) != 0) {
    if (errno != EADDRINUSE) throw_system_error(action);
    throw_system_error(fmt::format("{} is in use by {}", action, describe_owner(name)), EADDRINUSE);
  }
  // Listening is what lets the next claimant ask who we are; nothing is ever accepted.
  if (::listen(socket_.number(), SOMAXCONN) != 0) throw_system_error(action);
}

}  // namespace seqwire
