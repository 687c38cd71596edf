#include "rawio/packet_link.hpp"

#include <linux/if_packet.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <utility>

namespace seqwire {
namespace {

constexpr std::size_t destination_host_offset = ethernet_header_octets + 10;  // within a whole frame; IDP header

sock_filter statement(std::uint16_t code, std::uint32_t value) { return {code, 0, 0, value}; }

// A classic BPF program that is built front to back; `refuse` is its last instruction, `accept` the one before.
class frame_filter {
 public:
  frame_filter(host_number host, host_number interface_address, bool forwards)
      : size_((host == interface_address ? 12u : 10u) + (forwards ? 0u : 6u)) {
    if (host == interface_address) {
      // A frame of a VLAN comes with its tag taken off, as if it were ours, and is marked as another host's. A further
      // address has that mark anyway and cannot be told apart.
      add(statement(BPF_LD | BPF_B | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE)));
      add({BPF_JMP | BPF_JEQ | BPF_K, to_refusal(), 0, PACKET_OTHERHOST});
    }
    add(statement(BPF_LD | BPF_H | BPF_ABS, 12));
    refuse_unless_equal(xns_ethertype);
    refuse_unless_for(host, 0);
    if (!forwards) refuse_unless_for(host, destination_host_offset);
    add(statement(BPF_RET | BPF_K, 0xffffffff));
    add(statement(BPF_RET | BPF_K, 0));
    require(filled_ == size_);
  }
  std::span<const sock_filter> view() const { return std::span(instructions_).first(size_); }

 private:
  void add(sock_filter instruction) { instructions_.at(filled_++) = instruction; }
  // From the next instruction to the last, as jumps count.
  std::uint8_t to_refusal() const { return static_cast<std::uint8_t>(size_ - 1 - (filled_ + 1)); }
  void refuse_unless_equal(std::uint32_t value) { add({BPF_JMP | BPF_JEQ | BPF_K, 0, to_refusal(), value}); }
  // The 48-bit address at `offset` is the host's, or a group's.
  void refuse_unless_for(host_number host, std::size_t offset) {
    const auto address = static_cast<std::uint64_t>(host);
    const auto at = static_cast<std::uint32_t>(offset);
    add(statement(BPF_LD | BPF_B | BPF_ABS, at));
    add({BPF_JMP | BPF_JSET | BPF_K, 4, 0, 1});
    add(statement(BPF_LD | BPF_H | BPF_ABS, at));
    refuse_unless_equal(static_cast<std::uint32_t>(address >> 32));
    add(statement(BPF_LD | BPF_W | BPF_ABS, at + 2));
    refuse_unless_equal(static_cast<std::uint32_t>(address & 0xffffffff));
  }

  std::size_t size_;
  std::size_t filled_ = 0;
  std::array<sock_filter, 18> instructions_{};
};

}  // namespace

// Each frame leaves in up to three pieces: link header and packet head joined, body, garbage octet.
struct packet_link::transmit_slots {
  explicit transmit_slots(host_number host) {
    for (std::size_t i = 0; i < batch; ++i) {
      ethernet_layout::encode({{}, host}, heads[i].data());
      messages[i].msg_hdr.msg_iov = pieces[i].data();
    }
  }
  void fill(std::size_t i, const packet& leaving) {
    store_u48(heads[i].data(), static_cast<std::uint64_t>(leaving.next_hop));
    std::memcpy(heads[i].data() + ethernet_header_octets, leaving.head.data(), leaving.head_size);
    std::size_t count = 0;
    pieces[i][count++] = {heads[i].data(), ethernet_header_octets + leaving.head_size};
    // iovec has no const; sendmmsg only reads.
    if (!leaving.body.empty()) pieces[i][count++] = {const_cast<octet*>(leaving.body.data()), leaving.body.size()};
    if (leaving.garbage_octet) pieces[i][count++] = {&garbage, 1};
    messages[i].msg_hdr.msg_iovlen = count;
  }

  octet garbage = 0;
  std::array<std::array<octet, ethernet_header_octets + packet::head_capacity>, batch> heads{};
  std::array<std::array<iovec, 3>, batch> pieces{};
  std::array<mmsghdr, batch> messages{};
};

packet_link::packet_link(const std::string& interface_name, const packet_link_options& options)
    : socket_(interface_name),
      host_(options.host.value_or(socket_.interface().address)),
      packet_life_(options.packet_life),
      claim_(interface_name, socket_.interface().index, host_),
      incoming_(socket_, ethernet_header_octets + socket_.interface().mtu),
      outgoing_(std::make_unique<transmit_slots>(host_)) {
  const frame_filter filter(host_, socket_.interface().address, options.forwards);
  packet_socket_options asked{
      .ethertype = xns_ethertype, .filter = filter.view(), .buffer_octets = options.buffer_octets};
  if (host_ != socket_.interface().address) asked.further_address = host_;
  socket_.bind(asked);
}

packet_link::~packet_link() = default;

link_capabilities packet_link::capabilities() const {
  return {.host = host_, .mtu = socket_.interface().mtu, .packet_life = packet_life_, .segment_offload = false};
}

std::size_t packet_link::receive(instant /*now*/, std::span<datagram> to) {
  const std::size_t count = incoming_.receive(std::span(frames_).first(std::min(to.size(), batch)));
  for (std::size_t i = 0; i < count; ++i) {
    const slice frame = std::exchange(frames_[i], {});
    to[i].previous_hop = ethernet_layout::decode(frame.data()).source;
    to[i].mark = congestion_mark::not_capable;  // Ethernet carries none
    to[i].contents = frame.part(ethernet_header_octets, frame.size() - ethernet_header_octets);
  }
  return count;
}

std::size_t packet_link::transmit(instant /*now*/, std::span<const packet> packets) {
  std::size_t taken = 0;
  while (taken < packets.size()) {
    const std::size_t count = std::min(packets.size() - taken, batch);
    for (std::size_t i = 0; i < count; ++i) outgoing_->fill(i, packets[taken + i]);
    const std::size_t sent = socket_.send(std::span(outgoing_->messages).first(count));
    taken += sent;
    if (sent < count) break;
  }
  return taken;
}

}  // namespace seqwire
