// The contract between an engine and the world. An engine is told datagrams and the time, and is asked for packets, a
// deadline and (by its own interface) events; it never calls out. A link receives and transmits batches. drive.hpp
// joins the two; the simulator and the event loop of rawio both call it. Rules: any order of calls is legal; `now`
// never goes back; each call does bounded work; the same calls and the same seed give the same octets; how datagrams
// are batched changes nothing.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "protocol/base/slice.hpp"
#include "protocol/base/time.hpp"
#include "protocol/wire/address.hpp"

namespace seqwire {

/// Index of a link within its host: 0, 1, ...
using link_index = std::uint32_t;

/// Explicit congestion notification, as the two bits of the IP header name it.
enum class congestion_mark : std::uint8_t { not_capable = 0, capable_1 = 1, capable_0 = 2, experienced = 3 };

/// A datagram that arrived: the IDP octets without link header (link padding may follow them).
struct datagram {
  link_index link = 0;                                  // where it came from
  host_number previous_hop{};                           // link-layer source; for Ethernet its address
  congestion_mark mark = congestion_mark::not_capable;  // as the carrier showed it
  slice contents;                                       // of any length: nothing has been checked
};

/// A packet to be sent: headers of its own, a body shared with the record it was cut from, and the garbage octet that
/// an odd IDP length needs. A link sends head, body and garbage as one frame, without joining them in memory.
struct packet {
  static constexpr std::size_t head_capacity = 64;  // octets, of all headers together

  link_index link = 0;                                  // where it is to go
  host_number next_hop{};                               // link-layer destination; for Ethernet its address
  congestion_mark mark = congestion_mark::not_capable;  // for a carrier that can show it
  bool garbage_octet = false;                           // a zero octet follows the body
  std::uint8_t head_size = 0;                           // octets of `head` that count
  std::array<octet, head_capacity> head{};              // the headers as they travel
  slice body;                                           // what follows them; empty when there is no data

  octets_view head_view() const { return {head.data(), head_size}; }  // borrowed from the packet
  /// Octets of the IDP packet as it travels, garbage octet included.
  std::size_t size() const { return head_size + body.size() + (garbage_octet ? 1 : 0); }
  /// Joins the pieces at `to`, which has room for size() octets.
  void copy_to(octet* to) const {
    std::memcpy(to, head.data(), head_size);
    if (!body.empty()) std::memcpy(to + head_size, body.data(), body.size());
    if (garbage_octet) to[head_size + body.size()] = 0;
  }
};

/// A protocol machine that is told datagrams and the time, and asked for packets and a deadline; the rules are above.
class engine {
 public:
  virtual ~engine() = default;

  /// Takes one datagram. May change the answers of every poll and of next_timeout().
  virtual void on_datagram(instant now, const datagram& arrived) = 0;

  /// Fills `out` from the front and returns how many packets it wrote; fewer than out.size() means: nothing more now.
  /// What it returned counts as sent. Ask again after any other call, and after a link that was full has room.
  virtual std::size_t poll_transmit(instant now, std::span<packet> out) = 0;

  /// The next instant at which on_timeout() has work, or nothing while no timer runs.
  /// Ask again after every other call; the answer may move either way.
  virtual std::optional<instant> next_timeout() const = 0;

  /// Does what is due at `now`. Early calls are harmless, late ones do each thing once.
  virtual void on_timeout(instant now) = 0;
};

/// What a link can do, fixed while it is open.
struct link_capabilities {
  host_number host{};            // our address on this link
  std::size_t mtu = 1500;        // largest IDP packet, garbage octet included
  duration packet_life{};        // a packet not delivered after this long is gone for good
  bool segment_offload = false;  // equal segments of one batch may leave in one system call
};

/// A carrier of IDP packets, real, simulated or around another link.
class link {
 public:
  virtual ~link() = default;

  virtual link_capabilities capabilities() const = 0;  // the same at any time

  /// Fills `to` from the front with what has arrived and returns how many; 0: nothing there now.
  virtual std::size_t receive(instant now, std::span<datagram> to) = 0;

  /// Sends the packets in order and returns how many it took. The rest did not leave: offer them again later.
  virtual std::size_t transmit(instant now, std::span<const packet> packets) = 0;
};

}  // namespace seqwire
