// A port of the bridge: every frame on one interface, whole and whoever it is for, in batches, and a way to send such
// frames. Any protocol passes; a port does not see what it sent itself. It knows nothing of what the frames say.
#pragma once

#include "rawio/frame_receiver.hpp"

namespace seqwire {

/// Must outlive every slice that it received.
class raw_port {
 public:
  /// Opens the interface for all protocols and all addresses. Throws as packet_link does, but claims no address.
  explicit raw_port(const std::string& interface_name, int buffer_octets = 8 << 20);

  /// Fills `to` from the front with whole Ethernet frames, a VLAN tag in its place, and returns how many; 0: none now,
  /// or only such that were dropped.
  std::size_t receive(std::span<slice> to) { return incoming_.receive(to); }

  /// Sends the frames in order and returns how many it took; offer the rest again, not before a millisecond has passed.
  std::size_t transmit(std::span<const slice> frames);

  /// For the event loop: readable when receive() has something to do.
  int descriptor() const { return socket_.descriptor_number(); }
  const ethernet_interface& interface() const { return socket_.interface(); }  // as it was at the opening

  link_state state() const { return socket_.state(); }        // as receive() or transmit() found it last
  link_state check_state() { return socket_.check_state(); }  // asks the kernel now
  const packet_socket_counters& counters() const { return socket_.counters(); }  // since the opening
  /// Frames longer than the MTU (joined by an offload), which were dropped.
  std::uint64_t too_long() const { return incoming_.too_long(); }
  /// Frames whose sender left the checksum to hardware that a bridge does not have: the receiver will refuse them.
  /// Not zero means that offloads are on at the other end of the interface.
  std::uint64_t unfinished_checksums() const { return incoming_.unfinished_checksums(); }
  /// Frames lost since the opening because the receive buffer was full.
  std::uint64_t receive_drops() { return socket_.receive_drops(); }

 private:
  static constexpr std::size_t batch = 64;

  packet_socket socket_;
  frame_receiver incoming_;
};

}  // namespace seqwire
