// A router's part of a host: passes packets for others on to the next link. What it refuses it refuses for one reason,
// of which the host then tells the sender by an Error. Protocol sheet, section 3; the checksum is mended, never made
// anew, so that damage done inside a router shows.
#pragma once

#include "protocol/base/number_ring.hpp"
#include "protocol/host/routing_protocol.hpp"

namespace seqwire {

/// A router's way from one link to another.
class forwarder {
 public:
  /// A packet that has passed this many routers goes no further.
  static constexpr unsigned maximum_hops = 15;
  static constexpr std::size_t maximum_waiting = 1024;  // packets

  /// Both outlive it.
  forwarder(const host_config& config, const routing_protocol& routing) : config_(config), routing_(routing) {}

  /// Queues it for its next link. Refusals: not_for_this_host (a group), source_network_unknown, too_many_hops,
  /// network_unreachable, too_big_for_link, forwarding_queue_full.
  result<void, drop_reason> forward(const datagram& arrived, const idp_packet& idp);
  std::size_t poll_transmit(std::span<packet> out);  // as engine's
  /// Octets of a packet that fit the next link on the way to this address; of Error 0x204.
  std::uint16_t room_towards(const xns_address& to) const;
  std::uint64_t forwarded() const { return forwarded_; }  // packets queued since it began

 private:
  const host_config& config_;
  const routing_protocol& routing_;
  number_ring<packet> waiting_;
  std::uint64_t forwarded_ = 0;
};

}  // namespace seqwire
