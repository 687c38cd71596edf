// What travels between a program and its socket: types, flags, what one call sends and what it received.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <system_error>

#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"
#include "protocol/base/time.hpp"
#include "protocol/wire/address.hpp"

namespace seqwire {

/// Errors are std::errc values with the meanings of 4.3BSD's errno (protocol sheet 7.6).
template <class Value>
using socket_result = result<Value, std::error_code>;

/// For a socket_result.
inline tl::unexpected<std::error_code> failed(std::errc why) { return failure(std::make_error_code(why)); }

/// With the numbers of 4.3BSD's SOCK_ constants.
enum class socket_type : std::uint8_t { stream = 1, datagram = 2, raw = 3, sequenced_packet = 5 };

/// Of one call; the names of 4.3BSD's MSG_ flags in parentheses.
struct send_options {
  bool do_not_wait = false;                       // (MSG_DONTWAIT)
  bool out_of_band = false;                       // one octet of attention (MSG_OOB)
  bool end_of_record = false;                     // where records are ended by the program (MSG_EOR)
  std::optional<std::uint8_t> datastream_type{};  // of this record, instead of the default header's
  std::optional<xns_address> to{};                // datagram sockets without a peer
};

/// Of one call, as send_options.
struct receive_options {
  bool do_not_wait = false;  // (MSG_DONTWAIT)
  bool out_of_band = false;  // the octet of an attention
  bool peek = false;         // leaves what it shows (MSG_PEEK)
  bool wait_all = false;     // stream sockets: waits until the buffer is full or nothing more comes (MSG_WAITALL)
};

/// What one receive() brought.
struct received {
  std::size_t size = 0;        // octets in the buffer, a header that was asked for included
  std::size_t true_size = 0;   // octets there were: more than size when the buffer was too small
  bool truncated = false;      // the rest is gone (MSG_TRUNC)
  bool end_of_record = false;  // the last octet of a record is in the buffer, or was cut off (MSG_EOR)
  bool end = false;            // the peer has closed and everything was read: no record, not one of length zero
  bool at_mark = false;        // an attention was sent just before these octets
  bool attention = false;      // these octets are an attention, in its place (packets with headers)
  std::optional<std::uint8_t> datastream_type{};  // connections: of these octets
  std::optional<xns_address> from{};              // datagram and raw sockets: the sender
};

/// What a socket is ready for.
struct readiness {
  bool readable = false;   // receive() or accept() does not wait
  bool writable = false;   // send() does not wait
  bool attention = false;  // an octet out of band waits (POLLPRI)
  bool error = false;      // an error waits to be told
  bool ended = false;      // nothing more will come
};

/// Pieces of memory that one call gathers from or scatters to, in order.
using gather_list = std::span<const octets_view>;
using scatter_list = std::span<const std::span<octet>>;  // filled in order

/// Copies octets to the pieces, after the first `offset` octets of their room; returns how many found room.
inline std::size_t scatter(scatter_list into, std::size_t offset, octets_view from) {
  std::size_t copied = 0;
  for (const std::span<octet>& piece : into) {
    if (offset >= piece.size()) {
      offset -= piece.size();
      continue;
    }
    const std::size_t count = std::min(piece.size() - offset, from.size() - copied);
    std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(copied), count,
                piece.begin() + static_cast<std::ptrdiff_t>(offset));
    copied += count;
    offset = 0;
    if (copied == from.size()) break;
  }
  return copied;
}

/// Octets of all pieces together.
template <class Pieces>
std::size_t total_size(const Pieces& pieces) {
  std::size_t size = 0;
  for (const auto& piece : pieces) size += piece.size();
  return size;
}

/// A copy of the pieces, joined.
inline octets gather(gather_list pieces) {
  octets joined;
  joined.reserve(total_size(pieces));
  for (const octets_view& piece : pieces) joined.insert(joined.end(), piece.begin(), piece.end());
  return joined;
}

}  // namespace seqwire
