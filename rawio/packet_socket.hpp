// An AF_PACKET socket on one Ethernet interface, as packet_link and raw_port share it: opened without a protocol,
// filtered, then bound, so that no foreign frame slips in; batches in both directions; and what an interface does to
// its sockets when it goes down, comes back or is deleted (a stale ENETDOWN, ENXIO, silence). Knows nothing of IDP.
#pragma once

#include <linux/filter.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "rawio/capture/descriptor.hpp"
#include "rawio/live_link.hpp"

namespace seqwire {

/// As the kernel told when it was asked; MTU in octets of the frame's data.
struct ethernet_interface {
  // See find_ethernet_interface().
  std::string name;
  int index = 0;
  host_number address{};
  std::size_t mtu = 0;
};

/// What stands behind a name in this network namespace. Throws std::system_error when the name cannot be one (EINVAL),
/// no such interface exists (ENODEV), it is not Ethernet, loopback included (EPROTONOSUPPORT), or it is down
/// (ENETDOWN).
ethernet_interface find_ethernet_interface(const std::string& name);

/// What a packet socket is to receive.
struct packet_socket_options {
  std::uint16_t ethertype = 0;                   // 0x0003: every frame
  std::span<const sock_filter> filter{};         // none when empty
  bool promiscuous = false;                      // frames for other hosts, too
  bool own_frames = false;                       // frames that this machine sends, too
  std::optional<host_number> further_address{};  // the interface receives for this address, too
  bool auxiliary_data = false;                   // PACKET_AUXDATA with each frame
  int buffer_octets = 8 << 20;                   // asked for in each direction; the system may give less
};

/// What happened to frames apart from passing.
struct packet_socket_counters {
  std::uint64_t received = 0;  // frames that passed the filter
  std::uint64_t sent = 0;      // frames that the kernel took
  std::uint64_t full = 0;      // times the socket, queue or device had no room (EAGAIN, ENOBUFS)
  std::uint64_t refused = 0;   // frames that can never leave (longer than the MTU, forbidden by a firewall); lost
  std::uint64_t outages = 0;   // times the interface was seen down or gone
};

/// A packet socket on one Ethernet interface; it never blocks.
class packet_socket {
 public:
  /// Throws what find_ethernet_interface() does, privilege_error, guard_error (when the guard is on),
  /// std::system_error. No frame arrives before bind().
  explicit packet_socket(const std::string& interface_name);
  /// Once: from now on frames arrive. Throws std::system_error.
  void bind(const packet_socket_options& options);

  const ethernet_interface& interface() const { return interface_; }  // as it was at the opening
  /// For epoll: readable when receive() has something to do, changes of state included.
  int descriptor_number() const { return socket_.number(); }

  /// recvmmsg(): how many messages were filled; 0: nothing there now. Never throws, never blocks.
  std::size_t receive(std::span<mmsghdr> messages);

  /// sendmmsg(): how many messages were taken, in order, at most 64 a call. Fewer than given: the interface has no room
  /// or is not up; offer the rest again later. A frame that can never leave counts as taken, and as refused.
  std::size_t send(std::span<mmsghdr> messages);

  /// As the last receive() or send() found it.
  link_state state() const { return state_; }
  /// Asks the kernel now.
  link_state check_state();

  const packet_socket_counters& counters() const { return counters_; }  // since the opening
  /// Frames that arrived and were lost since bind() because the receive buffer was full.
  std::uint64_t receive_drops();

 private:
  void set_number_option(int level, int option, int value, const char* action);
  void set_membership(unsigned short type, host_number address);
  void enlarge_buffers(int octets);

  ethernet_interface interface_;
  descriptor socket_;
  link_state state_ = link_state::up;
  packet_socket_counters counters_;
  std::uint64_t receive_drops_ = 0;
};

}  // namespace seqwire
