// What a host expects of a protocol above IDP: the engine's contract (link.hpp) one floor up. The host has checked the
// packet's length, checksum and addresses; the protocol answers for what it does with it by a reason when it refuses.
#pragma once

#include <optional>
#include <span>

#include "protocol/host/link.hpp"
#include "protocol/wire/error.hpp"

namespace seqwire {

/// What stands behind a packet type (host::attach()).
class packet_protocol {
 public:
  virtual ~packet_protocol() = default;

  /// A packet of this protocol's type for one of our addresses.
  virtual result<void, drop_reason> on_packet(instant now, const datagram& arrived, const idp_packet& idp) = 0;
  /// An Error that quotes a packet of this protocol's type which claims to be ours. The quotation proves nothing: it is
  /// believed only as far as it fits what the protocol has sent, else error_quotes_nothing_of_ours.
  virtual result<void, drop_reason> on_error(instant now, const error_packet& error) = 0;

  /// As engine's.
  virtual std::size_t poll_transmit(instant now, std::span<packet> out) = 0;
  // As engine's.
  virtual std::optional<instant> next_timeout() const = 0;
  virtual void on_timeout(instant now) = 0;

  /// Nothing is open or under way: whoever runs the host may stop.
  virtual bool idle() const { return true; }
};

}  // namespace seqwire
