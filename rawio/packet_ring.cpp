#include "rawio/packet_ring.hpp"

#include <fmt/format.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <pcap/pcap.h>
#include <sys/mman.h>

#include <memory>
#include <stdexcept>

#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

// Holds the largest frame that receive offload makes, and its header.
constexpr std::size_t block_octets = 256 << 10;
// The sender's and receiver's addresses stand behind the header, aligned as the kernel aligns.
constexpr std::size_t address_place =
    (sizeof(tpacket3_hdr) + TPACKET_ALIGNMENT - 1) / TPACKET_ALIGNMENT * TPACKET_ALIGNMENT;
constexpr int whole_frame = 262144;  // octets that a filter lets pass

std::uint32_t& status_of(octet* block) { return reinterpret_cast<tpacket_block_desc*>(block)->hdr.bh1.block_status; }

instant instant_of(std::uint64_t seconds, std::uint64_t nanoseconds) {
  return {static_cast<std::int64_t>(seconds * 1'000'000'000 + nanoseconds)};
}

ring_frame frame_at(const octet* start) {
  tpacket3_hdr header;
  std::memcpy(&header, start, sizeof header);
  sockaddr_ll address;
  std::memcpy(&address, start + address_place, sizeof address);
  ring_frame frame;
  frame.octets = {start + header.tp_mac, header.tp_snaplen};
  frame.at = instant_of(header.tp_sec, header.tp_nsec);
  frame.direction = address.sll_pkttype == PACKET_OUTGOING ? capture_direction::out : capture_direction::in;
  frame.tagged = (header.tp_status & TP_STATUS_VLAN_VALID) != 0;
  if (frame.tagged) {
    const bool protocol_told = (header.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0;
    store_u16(frame.vlan_tag.data(), protocol_told ? header.hv1.tp_vlan_tpid : ETH_P_8021Q);
    store_u16(frame.vlan_tag.data() + 2, static_cast<std::uint16_t>(header.hv1.tp_vlan_tci));
  }
  return frame;
}

}  // namespace

packet_ring::packet_ring(const std::string& interface_name, const packet_ring_options& options)
    : socket_(interface_name), block_count_((options.ring_octets + block_octets - 1) / block_octets) {
  const int handle = socket_.descriptor_number();
  const auto set = [&](int option, const auto& value) {
    if (::setsockopt(handle, SOL_PACKET, option, &value, sizeof value) != 0)
      throw_system_error(fmt::format("interface {}: a ring of {} octets", interface_name, block_count_ * block_octets));
  };
  set(PACKET_VERSION, int{TPACKET_V3});
  tpacket_req3 wanted{};
  wanted.tp_block_size = block_octets;
  wanted.tp_block_nr = static_cast<unsigned>(block_count_);
  wanted.tp_frame_size = 2048;  // of no meaning with blocks, but it is checked
  wanted.tp_frame_nr = wanted.tp_block_nr * (wanted.tp_block_size / wanted.tp_frame_size);
  wanted.tp_retire_blk_tov = static_cast<unsigned>(hand_over / 1_ms);
  set(PACKET_RX_RING, wanted);
  void* const mapped = ::mmap(nullptr, block_count_ * block_octets, PROT_READ | PROT_WRITE, MAP_SHARED, handle, 0);
  if (mapped == MAP_FAILED) throw_system_error(fmt::format("interface {}: mapping the ring", interface_name));
  memory_ = static_cast<octet*>(mapped);
  try {
    socket_.bind(
        {.ethertype = ETH_P_ALL, .filter = options.filter, .promiscuous = options.promiscuous, .own_frames = true});
  } catch (...) {
    ::munmap(memory_, block_count_ * block_octets);
    throw;
  }
}

packet_ring::~packet_ring() { ::munmap(memory_, block_count_ * block_octets); }

octet* packet_ring::block(std::size_t index) const { return memory_ + index % block_count_ * block_octets; }

bool packet_ring::is_handed_over(std::size_t index) const {
  return (__atomic_load_n(&status_of(block(index)), __ATOMIC_ACQUIRE) & TP_STATUS_USER) != 0;
}

const ring_frame* packet_ring::front() {
  if (has_front_) return &front_;
  while (left_in_block_ == 0) {
    if (!is_handed_over(block_)) return nullptr;
    const auto& description = reinterpret_cast<const tpacket_block_desc*>(block(block_))->hdr.bh1;
    left_in_block_ = description.num_pkts;
    frame_at_ = block(block_) + description.offset_to_first_pkt;
    if (left_in_block_ == 0) give_back_block();
  }
  front_ = frame_at(frame_at_);
  has_front_ = true;
  return &front_;
}

void packet_ring::pop() {
  has_front_ = false;
  if (--left_in_block_ > 0) {
    frame_at_ += reinterpret_cast<const tpacket3_hdr*>(frame_at_)->tp_next_offset;
    return;
  }
  give_back_block();
}

void packet_ring::give_back_block() {
  __atomic_store_n(&status_of(block(block_)), std::uint32_t{TP_STATUS_KERNEL}, __ATOMIC_RELEASE);
  block_ = (block_ + 1) % block_count_;
}

std::optional<instant> packet_ring::newest() const {
  std::optional<instant> found;
  for (std::size_t ahead = 0; ahead < block_count_ && is_handed_over(block_ + ahead); ++ahead) {
    const auto& last = reinterpret_cast<const tpacket_block_desc*>(block(block_ + ahead))->hdr.bh1.ts_last_pkt;
    found = instant_of(last.ts_sec, last.ts_nsec);
  }
  return found;
}

link_state packet_ring::check_state() {
  int complaint = 0;  // ENETDOWN, once; reading takes it away
  socklen_t size = sizeof complaint;
  ::getsockopt(socket_.descriptor_number(), SOL_SOCKET, SO_ERROR, &complaint, &size);
  return socket_.check_state();
}

std::uint64_t packet_ring::drops() {
  tpacket_stats_v3 since_last{};
  socklen_t size = sizeof since_last;
  if (::getsockopt(socket_.descriptor_number(), SOL_PACKET, PACKET_STATISTICS, &since_last, &size) == 0)
    drops_ += since_last.tp_drops;
  return drops_;
}

std::vector<sock_filter> compile_packet_filter(const std::string& expression) {
  const std::unique_ptr<pcap_t, decltype(&pcap_close)> ethernet(pcap_open_dead(DLT_EN10MB, whole_frame), pcap_close);
  if (!ethernet) throw std::bad_alloc();
  bpf_program compiled{};
  if (pcap_compile(ethernet.get(), &compiled, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
    throw std::invalid_argument(pcap_geterr(ethernet.get()));
  std::vector<sock_filter> program;
  program.reserve(compiled.bf_len);
  for (const bpf_insn& each : std::span(compiled.bf_insns, compiled.bf_len))
    program.push_back({each.code, each.jt, each.jf, each.k});
  pcap_freecode(&compiled);
  return program;
}

}  // namespace seqwire
