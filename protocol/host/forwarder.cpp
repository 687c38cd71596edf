#include "protocol/host/forwarder.hpp"

namespace seqwire {

result<void, drop_reason> forwarder::forward(const datagram& arrived, const idp_packet& idp) {
  const idp_header& header = idp.header;
  // Groups stay on their link: one packet must not become one on every link of an internetwork.
  if (is_group(header.destination_host)) return failure(drop_reason::not_for_this_host);
  if (header.source_network == local_network) return failure(drop_reason::source_network_unknown);
  if (header.transport_control >= maximum_hops) return failure(drop_reason::too_many_hops);
  const auto onward = routing_.way_to(header.destination_network, header.destination_host, evidence::told);
  if (!onward) return failure(drop_reason::network_unreachable);
  const std::size_t size = octets_on_wire(header.length);
  if (size > config_.on(onward->link).mtu) return failure(drop_reason::too_big_for_link);
  if (waiting_.size() >= maximum_waiting) return failure(drop_reason::forwarding_queue_full);

  packet out;
  out.link = onward->link;
  out.next_hop = onward->next_hop;
  out.mark = arrived.mark;
  out.head_size = idp_layout::octets;
  idp_header passed = header;
  ++passed.transport_control;
  passed.checksum = idp_checksum_after_hops(header.checksum, header.length, 1);
  idp_layout::encode(passed, out.head.data());
  out.body = arrived.contents.part(idp_layout::octets, size - idp_layout::octets);  // with the garbage octet as it came
  waiting_.push_back(std::move(out));
  ++forwarded_;
  return {};
}

std::size_t forwarder::poll_transmit(std::span<packet> out) {
  std::size_t filled = 0;
  while (filled < out.size() && !waiting_.empty()) out[filled++] = waiting_.pop_front();
  return filled;
}

std::uint16_t forwarder::room_towards(const xns_address& to) const {
  const auto onward = routing_.way_to(to.network, to.host, evidence::told);
  return onward ? static_cast<std::uint16_t>(std::min<std::size_t>(config_.on(onward->link).mtu, 65535)) : 0;
}

}  // namespace seqwire
