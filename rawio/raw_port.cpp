#include "rawio/raw_port.hpp"

#include <linux/if_ether.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>

#include "protocol/wire/ethernet.hpp"

namespace seqwire {

raw_port::raw_port(const std::string& interface_name, int buffer_octets)
    : socket_(interface_name), incoming_(socket_, ethernet_header_octets + socket_.interface().mtu) {
  socket_.bind({.ethertype = ETH_P_ALL, .promiscuous = true, .auxiliary_data = true, .buffer_octets = buffer_octets});
}

std::size_t raw_port::transmit(std::span<const slice> frames) {
  std::array<iovec, batch> pieces;
  std::array<mmsghdr, batch> messages;
  std::size_t taken = 0;
  while (taken < frames.size()) {
    const std::size_t count = std::min(frames.size() - taken, batch);
    for (std::size_t i = 0; i < count; ++i) {
      const slice& frame = frames[taken + i];
      pieces[i] = {const_cast<octet*>(frame.data()), frame.size()};  // iovec has no const; sendmmsg only reads
      messages[i] = {};
      messages[i].msg_hdr.msg_iov = &pieces[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    const std::size_t sent = socket_.send(std::span(messages).first(count));
    taken += sent;
    if (sent < count) break;
  }
  return taken;
}

}  // namespace seqwire
