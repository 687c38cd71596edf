// Every frame that crosses an Ethernet interface, in either direction, through memory that the kernel shares with us
// (PACKET_RX_RING, TPACKET_V3; packet(7), Documentation/networking/packet_mmap.rst): what a recorder reads. The kernel
// stamps each frame, says which way it went, and counts those for which there was no room. Knows nothing of files.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "protocol/base/time.hpp"
#include "rawio/capture/capture.hpp"
#include "rawio/packet_socket.hpp"

namespace seqwire {

/// A frame in the kernel's memory.
struct ring_frame {
  octets_view octets;                // from the link header on, without a VLAN tag
  std::array<octet, 4> vlan_tag{};   // belongs behind the two addresses
  bool tagged = false;               // whether there was one
  instant at{};                      // nanoseconds since the Unix epoch, of the system's clock
  capture_direction direction = {};  // out: this machine sent it
};

/// What a ring is made for.
struct packet_ring_options {
  std::span<const sock_filter> filter{};  // none when empty
  bool promiscuous = true;                // frames for other hosts, too
  std::size_t ring_octets = 32 << 20;     // rounded up to whole blocks of 256 KiB
};

/// For one thread. It never blocks.
class packet_ring {
 public:
  /// Throws what packet_socket does; std::system_error where the kernel has no memory. Frames count from here on.
  packet_ring(const std::string& interface_name, const packet_ring_options& options);
  ~packet_ring();
  packet_ring(const packet_ring&) = delete;
  packet_ring& operator=(const packet_ring&) = delete;

  /// The kernel hands frames over by blocks: full ones at once, others so long after their first frame at the latest.
  static constexpr duration hand_over = 10_ms;

  /// The oldest frame that was handed over and not popped, or nullptr. Valid until pop().
  const ring_frame* front();
  /// There is a front(). Its memory is the kernel's again.
  void pop();
  /// When the latest frame arrived of those handed over; nothing: there is none.
  std::optional<instant> newest() const;

  const ethernet_interface& interface() const { return socket_.interface(); }  // as it was at the opening
  /// Asks the kernel now, and forgets what it had to complain of.
  link_state check_state();
  /// Frames that passed the filter and found the ring full, since the opening.
  std::uint64_t drops();

 private:
  octet* block(std::size_t index) const;
  bool is_handed_over(std::size_t index) const;
  void give_back_block();

  packet_socket socket_;
  std::size_t block_count_ = 0;
  octet* memory_ = nullptr;
  std::size_t block_ = 0;            // at which front() is or will be
  std::uint32_t left_in_block_ = 0;  // frames, the front included; 0: the block has not been begun
  const octet* frame_at_ = nullptr;  // the front's header in the ring
  bool has_front_ = false;
  ring_frame front_;
  std::uint64_t drops_ = 0;
};

/// A filter in the language of pcap-filter(7), as the kernel runs it on Ethernet frames, which it shows without their
/// VLAN tags. Throws std::invalid_argument with libpcap's words. Names of hosts in it are looked up.
std::vector<sock_filter> compile_packet_filter(const std::string& expression);

}  // namespace seqwire
