#include "rawio/packet_socket.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "protocol/base/bytes.hpp"
#include "rawio/namespace.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

ifreq request_for(const std::string& name) {
  ifreq request{};
  std::copy(name.begin(), name.end(), std::begin(request.ifr_name));
  return request;
}

void require_possible_name(const std::string& name) {
  const bool possible = !name.empty() && name.size() < IFNAMSIZ && name != "." && name != ".." &&
                        std::none_of(name.begin(), name.end(), [](unsigned char c) { return c <= ' ' || c == '/'; });
  if (!possible)
    throw_system_error(fmt::format("interface \"{}\": expected a name of 1 to {} characters without '/' and blanks",
                                   name, IFNAMSIZ - 1),
                       EINVAL);
}

bool try_later(int code) { return code == EAGAIN || code == ENOBUFS || code == EINTR || code == ENOMEM; }

}  // namespace

ethernet_interface find_ethernet_interface(const std::string& name) {
  require_possible_name(name);
  const std::string subject = fmt::format("interface {}", name);
  const descriptor probe(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!probe) throw_system_error(subject);
  ifreq request = request_for(name);
  const auto ask = [&](unsigned long what) {
    if (::ioctl(probe.number(), what, &request) != 0) throw_system_error(subject);
  };

  ethernet_interface found{.name = name};
  ask(SIOCGIFINDEX);
  found.index = request.ifr_ifindex;
  ask(SIOCGIFFLAGS);
  const auto flags = static_cast<unsigned>(request.ifr_flags);
  if ((flags & IFF_LOOPBACK) != 0) throw_system_error(subject + " is the loopback; expected Ethernet", EPROTONOSUPPORT);
  ask(SIOCGIFHWADDR);
  if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER)
    throw_system_error(fmt::format("{} has link type {}; expected Ethernet", subject, request.ifr_hwaddr.sa_family),
                       EPROTONOSUPPORT);
  std::array<octet, 6> address{};
  std::memcpy(address.data(), request.ifr_hwaddr.sa_data, address.size());
  found.address = host_number{load_u48(address.data())};
  if ((flags & IFF_UP) == 0) throw_system_error(subject + " is down", ENETDOWN);
  ask(SIOCGIFMTU);
  found.mtu = static_cast<std::size_t>(request.ifr_mtu);
  return found;
}

packet_socket::packet_socket(const std::string& interface_name) {
  const std::string action = fmt::format("opening interface {}", interface_name);
  require_private_namespace_if_guarded(action);
  interface_ = find_ethernet_interface(interface_name);
  socket_ = descriptor(::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket_ && errno == EPERM) throw_raw_socket_refused(action);
  if (!socket_) throw_system_error(action);
}

void packet_socket::set_number_option(int level, int option, int value, const char* action) {
  if (::setsockopt(socket_.number(), level, option, &value, sizeof value) != 0)
    throw_system_error(fmt::format("interface {}: {}", interface_.name, action));
}

void packet_socket::set_membership(unsigned short type, host_number address) {
  packet_mreq membership{};
  membership.mr_ifindex = interface_.index;
  membership.mr_type = type;
  membership.mr_alen = 6;
  store_u48(membership.mr_address, static_cast<std::uint64_t>(address));
  if (::setsockopt(socket_.number(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership) != 0)
    throw_system_error(fmt::format("interface {}: receiving for further addresses", interface_.name));
}

// The forced variants pass the system's limit and need CAP_NET_ADMIN; without it the limit is what we get.
void packet_socket::enlarge_buffers(int wanted) {
  const int handle = socket_.number();
  if (::setsockopt(handle, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) != 0)
    set_number_option(SOL_SOCKET, SO_RCVBUF, wanted, "setting the receive buffer");
  if (::setsockopt(handle, SOL_SOCKET, SO_SNDBUFFORCE, &wanted, sizeof wanted) != 0)
    set_number_option(SOL_SOCKET, SO_SNDBUF, wanted, "setting the send buffer");
}

void packet_socket::bind(const packet_socket_options& options) {
  enlarge_buffers(options.buffer_octets);
  if (!options.own_frames) set_number_option(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1, "ignoring our own frames");
  set_number_option(SOL_PACKET, PACKET_QDISC_BYPASS, 1, "bypassing the queueing discipline");
  if (options.auxiliary_data) set_number_option(SOL_PACKET, PACKET_AUXDATA, 1, "asking for auxiliary data");
  if (options.promiscuous) set_membership(PACKET_MR_PROMISC, {});
  if (options.further_address) set_membership(PACKET_MR_UNICAST, *options.further_address);
  if (!options.filter.empty()) {
    sock_fprog program{};
    program.len = static_cast<unsigned short>(options.filter.size());
    program.filter = const_cast<sock_filter*>(options.filter.data());  // the kernel only reads it
    if (::setsockopt(socket_.number(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
      throw_system_error(fmt::format("interface {}: attaching the filter", interface_.name));
  }
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(options.ethertype);
  address.sll_ifindex = interface_.index;
  if (::bind(socket_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw_system_error(fmt::format("binding to interface {}", interface_.name));
}

std::size_t packet_socket::receive(std::span<mmsghdr> messages) {
  // At most two tries: the first may only fetch the stale report of an outage that is over.
  for (int attempt = 0; attempt < 2; ++attempt) {
    const int count =
        ::recvmmsg(socket_.number(), messages.data(), static_cast<unsigned>(messages.size()), MSG_DONTWAIT, nullptr);
    if (count > 0) {
      state_ = link_state::up;
      counters_.received += static_cast<std::uint64_t>(count);
      return static_cast<std::size_t>(count);
    }
    if (count == 0 || try_later(errno)) {
      if (state_ == link_state::down) check_state();  // silence tells nothing of an interface that came back
      return 0;
    }
    if (check_state() != link_state::up) return 0;
  }
  return 0;
}

std::size_t packet_socket::send(std::span<mmsghdr> messages) {
  constexpr std::size_t longest_batch = 64;
  messages = messages.first(std::min(messages.size(), longest_batch));
  std::size_t taken = 0;
  bool outage_seen = false;
  while (taken < messages.size()) {
    const auto rest = messages.subspan(taken);
    const int count = ::sendmmsg(socket_.number(), rest.data(), static_cast<unsigned>(rest.size()), MSG_DONTWAIT);
    if (count > 0) {
      state_ = link_state::up;
      taken += static_cast<std::size_t>(count);
      counters_.sent += static_cast<std::uint64_t>(count);
    } else if (count == 0 || errno == EINTR) {
      break;
    } else if (try_later(errno)) {
      ++counters_.full;
      break;
    } else if (errno == ENETDOWN || errno == ENXIO || errno == ENODEV) {
      if (check_state() != link_state::up || std::exchange(outage_seen, true)) break;
    } else {  // EMSGSIZE, EPERM of a firewall, ...: this frame would block all others for ever
      ++counters_.refused;
      ++taken;
    }
  }
  return taken;
}

link_state packet_socket::check_state() {
  // By index, because the name may have gone to another interface since. The socket itself serves for the ioctl: it
  // belongs to the interface's namespace, wherever this thread is now.
  ifreq request{};
  request.ifr_ifindex = interface_.index;
  link_state found = link_state::gone;
  if (::ioctl(socket_.number(), SIOCGIFNAME, &request) == 0 && ::ioctl(socket_.number(), SIOCGIFFLAGS, &request) == 0)
    found = (static_cast<unsigned>(request.ifr_flags) & IFF_UP) != 0 ? link_state::up : link_state::down;
  if (found != link_state::up && state_ == link_state::up) ++counters_.outages;
  return state_ = found;
}

std::uint64_t packet_socket::receive_drops() {
  tpacket_stats statistics{};
  socklen_t length = sizeof statistics;  // reading resets the kernel's count
  if (::getsockopt(socket_.number(), SOL_PACKET, PACKET_STATISTICS, &statistics, &length) == 0)
    receive_drops_ += statistics.tp_drops;
  return receive_drops_;
}

}  // namespace seqwire
