#include "lab/wire/bridge_control.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>

#include "protocol/base/require.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

constexpr std::size_t longest_order = 64 * 1024;
constexpr int orders_at_once = 16;
constexpr int patience_ms = 2'000;

struct local_address {
  sockaddr_un name{};
  socklen_t length = sizeof name.sun_family;  // nothing more: the kernel chooses one

  const sockaddr* generic() const { return reinterpret_cast<const sockaddr*>(&name); }
  sockaddr* generic() { return reinterpret_cast<sockaddr*>(&name); }
};

local_address name_of(const std::string& interface_a, const std::string& interface_b) {
  const std::string text = fmt::format("seqwire bridge {} {}", interface_a, interface_b);
  local_address made;
  require(text.size() < sizeof made.name.sun_path);
  std::memcpy(made.name.sun_path + 1, text.data(), text.size());  // the leading zero octet makes it abstract
  made.name.sun_family = AF_UNIX;
  made.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  return made;
}

descriptor open_socket(const local_address& at, const std::string& action) {
  descriptor opened(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!opened || ::bind(opened.number(), at.generic(), at.length) != 0) throw_system_error(action);
  return opened;
}

struct order {
  std::string text;
  local_address from;
  bool permitted = false;
};

// Nothing: none waits. Who sent it says the kernel.
std::optional<order> receive_order(int socket) {
  order received;
  received.text.resize(longest_order);
  iovec room{received.text.data(), received.text.size()};
  alignas(cmsghdr) char beside[CMSG_SPACE(sizeof(ucred))]{};
  msghdr message{};
  message.msg_name = &received.from.name;
  message.msg_namelen = sizeof received.from.name;
  message.msg_iov = &room;
  message.msg_iovlen = 1;
  message.msg_control = beside;
  message.msg_controllen = sizeof beside;
  const ssize_t size = ::recvmsg(socket, &message, MSG_DONTWAIT);
  if (size < 0) return std::nullopt;
  received.from.length = message.msg_namelen;
  received.text.resize(static_cast<std::size_t>(size));
  const cmsghdr* const said = CMSG_FIRSTHDR(&message);
  if (said != nullptr && said->cmsg_level == SOL_SOCKET && said->cmsg_type == SCM_CREDENTIALS) {
    ucred sender{};
    std::memcpy(&sender, CMSG_DATA(said), sizeof sender);
    received.permitted = (sender.uid == 0 || sender.uid == ::geteuid()) && (message.msg_flags & MSG_TRUNC) == 0;
  }
  return received;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace

bridge_control::bridge_control(const std::string& interface_a, const std::string& interface_b, obey what)
    : obey_(std::move(what)) {
  const std::string action = fmt::format("bridge {} {}", interface_a, interface_b);
  socket_ = open_socket(name_of(interface_a, interface_b), action);
  const int yes = 1;
  if (::setsockopt(socket_.number(), SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) != 0) throw_system_error(action);
}

void bridge_control::serve() {
  for (int count = 0; count < orders_at_once; ++count) {
    const auto received = receive_order(socket_.number());
    if (!received) return;
    if (!received->permitted) continue;
    const std::string answer = obey_(lines_of(received->text));
    // Whoever does not wait for it goes without.
    static_cast<void>(::sendto(socket_.number(), answer.data(), std::min(answer.size(), longest_order), MSG_DONTWAIT,
                               received->from.generic(), received->from.length));
  }
}

std::string order_bridge(const std::string& interface_a, const std::string& interface_b,
                         const std::vector<std::string>& assignments) {
  const std::string action = fmt::format("bridge {} {}", interface_a, interface_b);
  local_address own;
  own.name.sun_family = AF_UNIX;
  const descriptor socket = open_socket(own, action);
  const local_address there = name_of(interface_a, interface_b);
  const std::string text = fmt::format("{}", fmt::join(assignments, "\n"));
  if (text.size() > longest_order) throw_system_error(action, EMSGSIZE);
  if (::connect(socket.number(), there.generic(), there.length) != 0 ||
      ::send(socket.number(), text.data(), text.size(), MSG_NOSIGNAL) < 0)
    throw_system_error(errno == ECONNREFUSED ? action + " is not running here" : action);
  pollfd waiting{socket.number(), POLLIN, 0};
  if (::poll(&waiting, 1, patience_ms) != 1) throw_system_error(action + " does not answer", ETIMEDOUT);
  std::string answer(longest_order, '\0');
  const ssize_t size = ::recv(socket.number(), answer.data(), answer.size(), 0);
  if (size < 0) throw_system_error(action);
  answer.resize(static_cast<std::size_t>(size));
  return answer;
}

}  // namespace seqwire
