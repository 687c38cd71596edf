// Whole Ethernet frames from a packet socket, in batches, straight into pool blocks that become slices: what a link and
// a bridge's port have in common. It puts a VLAN tag back that the kernel took off, and drops what is not whole.
#pragma once

#include <memory>
#include <span>

#include "protocol/base/slice.hpp"
#include "rawio/packet_socket.hpp"

namespace seqwire {

/// Must outlive every slice that it received.
class frame_receiver {
 public:
  static constexpr std::size_t batch = 64;  // frames

  /// For frames of up to `largest_frame` octets, link header included, a VLAN tag apart.
  frame_receiver(packet_socket& from, std::size_t largest_frame);
  ~frame_receiver();

  /// Fills `to` from the front and returns how many; 0: none now, or only such that were dropped, and then the socket
  /// may still be readable. At most `batch` a call.
  std::size_t receive(std::span<slice> to);

  /// Frames that did not fit, or were no frames; dropped.
  std::uint64_t too_long() const { return too_long_; }
  /// Frames whose sender left the checksum to hardware. Counted where the socket gives auxiliary data.
  std::uint64_t unfinished_checksums() const { return unfinished_checksums_; }

 private:
  struct slots;

  slice take(std::size_t slot);

  packet_socket& socket_;
  slice_pool pool_;
  std::unique_ptr<slots> slots_;
  std::uint64_t too_long_ = 0;
  std::uint64_t unfinished_checksums_ = 0;
};

}  // namespace seqwire
