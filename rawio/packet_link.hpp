// IDP on Ethernet: a link (protocol/host/link.hpp) over AF_PACKET with EtherType 0x0600, the carrier that XNS was born
// on and that stock Wireshark decodes. It moves octets in batches; it parses nothing beyond the Ethernet header, and
// its filter lets in only what is addressed to its host number or to a group, a router's also what is to be passed on.
// Shared sheet of XNS, section on Ethernet.
#pragma once

#include <memory>

#include "protocol/host/link.hpp"
#include "protocol/wire/ethernet.hpp"
#include "rawio/frame_receiver.hpp"
#include "rawio/interface_claim.hpp"

namespace seqwire {

/// What a user may choose of an Ethernet link.
struct packet_link_options {
  std::optional<host_number> host{};  // default: the interface's own address
  duration packet_life = 100_ms;      // one Ethernet segment
  int buffer_octets = 8 << 20;        // of the kernel, in each direction; the system may give less
  bool forwards = false;              // a router's: also packets that are for other hosts, in frames for this one
};

/// Must outlive every slice that it received: destroy the engine first.
class packet_link final : public live_link {
 public:
  /// Opens the interface and claims (interface, host). Throws std::system_error that names what was attempted: a name
  /// that cannot be one (EINVAL), no such interface (ENODEV), not Ethernet (EPROTONOSUPPORT), down (ENETDOWN), owned by
  /// another process (EADDRINUSE); privilege_error; guard_error where the guard is on.
  explicit packet_link(const std::string& interface_name, const packet_link_options& options = {});
  ~packet_link() override;

  link_capabilities capabilities() const override;
  std::size_t receive(instant now, std::span<datagram> to) override;
  /// Takes fewer than given while the interface has no room or is down, none once it is gone. Ask state() then, and do
  /// not offer again before a millisecond has passed.
  std::size_t transmit(instant now, std::span<const packet> packets) override;

  int descriptor() const override { return socket_.descriptor_number(); }
  std::string name() const override { return "interface " + socket_.interface().name; }

  link_state state() const { return socket_.state(); }  // as receive() or transmit() found it last
  link_state check_state() override { return socket_.check_state(); }
  const packet_socket_counters& counters() const { return socket_.counters(); }  // since the opening
  /// Frames longer than the MTU, which were dropped.
  std::uint64_t too_long() const { return incoming_.too_long(); }
  std::uint64_t received() const override { return socket_.counters().received; }
  /// As packet_socket's.
  std::uint64_t receive_drops() override { return socket_.receive_drops(); }

 private:
  static constexpr std::size_t batch = 64;
  struct transmit_slots;

  packet_socket socket_;
  host_number host_;
  duration packet_life_;
  interface_claim claim_;
  frame_receiver incoming_;
  std::array<slice, batch> frames_;  // empty between calls
  std::unique_ptr<transmit_slots> outgoing_;
};

}  // namespace seqwire
