#include "rawio/frame_receiver.hpp"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <vector>

#include "protocol/wire/ethernet.hpp"

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

// One iovec for each frame, because the kernel copies a single one in a shorter way than two.
struct frame_receiver::slots {
  explicit slots(slice_pool& pool) {
    drafts.reserve(batch);
    for (std::size_t i = 0; i < batch; ++i) {
      drafts.push_back(pool.open());
      messages[i].msg_hdr.msg_iov = &pieces[i];
      messages[i].msg_hdr.msg_iovlen = 1;
      messages[i].msg_hdr.msg_control = controls[i].octets.data();
      renew(i);
    }
  }
  void renew(std::size_t i) {
    pieces[i] = {drafts[i].data() + vlan_tag_octets, drafts[i].capacity() - vlan_tag_octets};
    messages[i].msg_hdr.msg_controllen = controls[i].octets.size();
    messages[i].msg_hdr.msg_flags = 0;
  }

  struct alignas(cmsghdr) control_room {
    std::array<octet, CMSG_SPACE(sizeof(tpacket_auxdata))> octets;
  };
  std::array<iovec, batch> pieces{};
  std::array<control_room, batch> controls{};
  std::array<mmsghdr, batch> messages{};
  std::vector<slice_pool::draft> drafts;
};

frame_receiver::frame_receiver(packet_socket& from, std::size_t largest_frame)
    : socket_(from), pool_(vlan_tag_octets + largest_frame), slots_(std::make_unique<slots>(pool_)) {}

frame_receiver::~frame_receiver() = default;

std::size_t frame_receiver::receive(std::span<slice> to) {
  const std::span<mmsghdr> messages = std::span(slots_->messages).first(std::min(to.size(), batch));
  std::size_t filled = 0;
  const std::size_t count = messages.empty() ? 0 : socket_.receive(messages);
  for (std::size_t i = 0; i < count; ++i) {
    if ((messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0 || messages[i].msg_len < ethernet_header_octets) ++too_long_;
    else to[filled++] = take(i);
    slots_->renew(i);
  }
  return filled;
}

// The frame in the slot, which gets a fresh block.
slice frame_receiver::take(std::size_t slot) {
  mmsghdr& message = slots_->messages[slot];
  slice_pool::draft& draft = slots_->drafts[slot];
  const tpacket_auxdata aside = auxiliary_data_of(message.msg_hdr);
  if ((aside.tp_status & TP_STATUS_CSUMNOTREADY) != 0) ++unfinished_checksums_;
  const bool tagged = (aside.tp_status & TP_STATUS_VLAN_VALID) != 0;
  if (tagged) {
    octet* start = draft.data();
    std::memmove(start, start + vlan_tag_octets, addresses_octets);
    store_u16(start + addresses_octets,
              (aside.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0 ? aside.tp_vlan_tpid : ETH_P_8021Q);
    store_u16(start + addresses_octets + 2, aside.tp_vlan_tci);
  }
  const slice whole = draft.freeze(vlan_tag_octets + message.msg_len);
  draft = pool_.open();
  return tagged ? whole : whole.part(vlan_tag_octets, message.msg_len);
}

}  // namespace seqwire
