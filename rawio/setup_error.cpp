#include "rawio/setup_error.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace seqwire {

void throw_system_error(const std::string& action) { throw_system_error(action, errno); }

void throw_system_error(const std::string& action, int code) {
  throw std::system_error(code, std::generic_category(), action);
}

void throw_raw_socket_refused(const std::string& action) {
  std::array<char, 4096> path{};
  const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
  const std::string program = length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : "seqwire";
  throw privilege_error(
      EPERM, std::generic_category(),
      fmt::format("{} needs the capability cap_net_raw: run it with sudo, or allow the program once with `sudo setcap "
                  "cap_net_raw,cap_net_admin+ep {}` (`seqwire lab` works without root)",
                  action, program));
}

}  // namespace seqwire
