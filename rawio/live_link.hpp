// A link of the real world, whatever carries it: what a program that waits for it, watches it and talks about it needs
// beyond the engine's contract (protocol/host/link.hpp). packet_link is Ethernet, ip_link and udp_link are IPv4.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/host/link.hpp"

namespace seqwire {

/// down comes back by itself; gone (deleted, or moved to another namespace) never does.
enum class link_state : std::uint8_t { up, down, gone };
/// "up", "down", "gone"
inline const char* name_of(link_state state) {
  switch (state) {
    case link_state::up: return "up";
    case link_state::down: return "down";
    case link_state::gone: return "gone";
  }
  return "unknown";
}

/// A link of the kernel's.
class live_link : public link {
 public:
  /// For the event loop: readable when receive() has something to do.
  virtual int descriptor() const = 0;
  /// Asks the kernel now, instead of waiting for traffic to notice.
  virtual link_state check_state() { return link_state::up; }
  /// "interface eth0", "UDP 10.0.0.7:49152": for messages.
  virtual std::string name() const = 0;

  /// Whether a packet to this host has a way out, now that somebody wants to send there: where the number itself tells
  /// the address, that becomes known by the call. May change capabilities(): call it before asking for them.
  virtual bool resolve(host_number) { return true; }

  /// What the kernel handed over, and what it lost since the opening because the receive buffer was full.
  virtual std::uint64_t received() const = 0;
  virtual std::uint64_t receive_drops() = 0;  // asks the kernel
};

}  // namespace seqwire
