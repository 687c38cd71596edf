#include "rawio/raw_port.hpp"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/uio.h>

#include <algorithm>
#include <vector>

namespace seqwire {
namespace {

constexpr std::size_t vlan_tag_octets = 4;
constexpr std::size_t addresses_octets = 12;

tpacket_auxdata auxiliary_data_of(msghdr& message) {
  tpacket_auxdata found{};
  for (cmsghdr* control = CMSG_FIRSTHDR(&message); control != nullptr; control = CMSG_NXTHDR(&message, control))
    if (control->cmsg_level == SOL_PACKET && control->cmsg_type == PACKET_AUXDATA &&
        control->cmsg_len >= CMSG_LEN(sizeof found))
      std::memcpy(&found, CMSG_DATA(control), sizeof found);
  return found;
}

}  // namespace

// Frames are received behind room for a VLAN tag: the kernel takes it off, and a bridge must put it back.
struct raw_port::receive_slots {
  explicit receive_slots(slice_pool& pool) {
    drafts.reserve(batch);
    for (std::size_t i = 0; i < batch; ++i) {
      drafts.push_back(pool.open());
      renew(i);
    }
  }
  void renew(std::size_t i) {
    pieces[i] = {drafts[i].data() + vlan_tag_octets, drafts[i].capacity() - vlan_tag_octets};
    msghdr& header = messages[i].msg_hdr;
    header.msg_iov = &pieces[i];
    header.msg_iovlen = 1;
    header.msg_control = controls[i].octets.data();
    header.msg_controllen = controls[i].octets.size();
    header.msg_flags = 0;
  }

  struct alignas(cmsghdr) control_room {
    std::array<octet, CMSG_SPACE(sizeof(tpacket_auxdata))> octets;
  };
  std::array<iovec, batch> pieces{};
  std::array<control_room, batch> controls{};
  std::array<mmsghdr, batch> messages{};
  std::vector<slice_pool::draft> drafts;
};

raw_port::raw_port(const std::string& interface_name, int buffer_octets)
    : socket_(interface_name),
      pool_(vlan_tag_octets + ethernet_header_octets + socket_.interface().mtu),
      incoming_(std::make_unique<receive_slots>(pool_)) {
  socket_.bind({.ethertype = ETH_P_ALL, .promiscuous = true, .auxiliary_data = true, .buffer_octets = buffer_octets});
}

raw_port::~raw_port() = default;

std::size_t raw_port::receive(std::span<slice> to) {
  const std::size_t wanted = std::min(to.size(), batch);
  std::size_t filled = 0;
  while (filled == 0 && wanted > 0) {  // a batch of nothing but frames to drop must not look like the end
    const std::size_t count = socket_.receive(std::span(incoming_->messages).first(wanted));
    if (count == 0) break;
    for (std::size_t i = 0; i < count; ++i) {
      mmsghdr& message = incoming_->messages[i];
      if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0 || message.msg_len < ethernet_header_octets) {
        ++too_long_;
        incoming_->renew(i);
        continue;
      }
      const tpacket_auxdata aside = auxiliary_data_of(message.msg_hdr);
      if ((aside.tp_status & TP_STATUS_CSUMNOTREADY) != 0) ++unfinished_checksums_;
      slice_pool::draft& draft = incoming_->drafts[i];
      const bool tagged = (aside.tp_status & TP_STATUS_VLAN_VALID) != 0;
      if (tagged) {
        octet* start = draft.data();
        std::memmove(start, start + vlan_tag_octets, addresses_octets);
        store_u16(start + addresses_octets,
                  (aside.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0 ? aside.tp_vlan_tpid : ETH_P_8021Q);
        store_u16(start + addresses_octets + 2, aside.tp_vlan_tci);
      }
      const slice whole = draft.freeze(vlan_tag_octets + message.msg_len);
      to[filled++] = tagged ? whole : whole.part(vlan_tag_octets, message.msg_len);
      draft = pool_.open();
      incoming_->renew(i);
    }
  }
  return filled;
}

std::size_t raw_port::transmit(std::span<const slice> frames) {
  std::array<iovec, batch> pieces;
  std::array<mmsghdr, batch> messages{};
  std::size_t taken = 0;
  while (taken < frames.size()) {
    const std::size_t count = std::min(frames.size() - taken, batch);
    for (std::size_t i = 0; i < count; ++i) {
      const slice& frame = frames[taken + i];
      pieces[i] = {const_cast<octet*>(frame.data()), frame.size()};  // iovec has no const; sendmmsg only reads
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
