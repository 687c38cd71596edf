// A link in memory for host tests: what was sent, as frames, and what is to arrive; it may take only so many.
#pragma once

#include <deque>
#include <vector>

#include "protocol/host/drive.hpp"
#include "protocol/host/host.hpp"

namespace seqwire::test {

class memory_link final : public link {
 public:
  std::deque<datagram> arriving;
  std::vector<octets> sent;
  std::size_t room = static_cast<std::size_t>(-1);   // packets it still takes
  std::size_t batch = static_cast<std::size_t>(-1);  // most that one receive() hands over
  memory_link* joined_to = nullptr;
  host_number address{};

  link_capabilities capabilities() const override { return {.host = address}; }

  std::size_t receive(instant, std::span<datagram> to) override {
    const std::size_t count = std::min({to.size(), arriving.size(), batch});
    for (std::size_t i = 0; i < count; ++i) {
      to[i] = std::move(arriving.front());
      arriving.pop_front();
    }
    return count;
  }

  std::size_t transmit(instant, std::span<const packet> packets) override {
    std::size_t taken = 0;
    for (; taken < packets.size() && room > 0; ++taken, --room) {
      octets frame(packets[taken].size());
      packets[taken].copy_to(frame.data());
      if (joined_to != nullptr)
        joined_to->arriving.push_back({.previous_hop = address, .contents = slice::copy_of(frame)});
      sent.push_back(std::move(frame));
    }
    return taken;
  }
};

inline octets spp_frame(const xns_address& from, const xns_address& to, const spp_header& spp, octets_view data = {}) {
  octets body(spp_layout::octets);
  spp_layout::encode(spp, body.data());
  body.insert(body.end(), data.begin(), data.end());
  octets frame;
  idp_header header{};
  header.packet_type = packet_type::sequenced_packet;
  header.destination_network = to.network;
  header.destination_host = to.host;
  header.destination_socket = to.socket;
  header.source_network = from.network;
  header.source_host = from.host;
  header.source_socket = from.socket;
  append_idp(frame, header, body);
  return frame;
}

}  // namespace seqwire::test
