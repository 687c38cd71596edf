// A protocol that carries records on connections, as the experiments of lab/ need it: SPP, SPP under another header, or
// an engine of a user's own. Records arrive whole, once and in order, or the connection says how it failed.
#pragma once

#include <limits>
#include <optional>

#include "protocol/host/packet_protocol.hpp"
#include "protocol/spp/connection.hpp"

namespace seqwire {

/// Of a connection of one transport; never used again.
using connection_handle = std::uint64_t;

/// Something happened on a connection; a connection that a listener accepted says `opened` with the listener's socket.
struct host_event {
  connection_handle connection = 0;       // whose
  connection_notice what{};               // each is told once until it is dealt with
  std::optional<socket_number> listener;  // of an accepted connection, when it is opened
};

/// What tells a connection from all others, on the wire and in journals.
struct connection_identity {
  // What both ends know: the other end's identity has them the other way round.
  xns_address local;
  xns_address peer;
  std::uint16_t local_id = 0;
  std::uint16_t peer_id = 0;
};

/// Connections that carry records; SPP's is spp_protocol.
class record_transport : public packet_protocol {
 public:
  /// Accepts connections on this number, each with this configuration, of which a transport uses what it has a use for.
  /// At most `backlog` wait at a time for whoever says accepted. False: the number is taken.
  virtual bool listen(socket_number socket, const spp_config& config,
                      std::size_t backlog = std::numeric_limits<std::size_t>::max()) = 0;
  /// Opens a connection from a fresh socket (or the one given). Nothing: it cannot be begun.
  virtual std::optional<connection_handle> connect(instant now, const xns_address& to, const spp_config& config,
                                                   std::optional<socket_number> from = std::nullopt) = 0;
  /// What happened; the connection that first had something to tell comes first.
  virtual std::optional<host_event> poll_event() = 0;

  // --- one connection; the handle is valid until release() ---
  /// Queues one record. Would-block is followed by `writable`; too_big and closed change nothing.
  virtual send_status send_record(connection_handle on, slice contents, std::uint8_t datastream_type) = 0;
  /// The next whole record, in order; nothing: none has come. Taking it makes room.
  virtual std::optional<received_record> take_record(connection_handle on) = 0;
  /// Nothing more will be sent; receiving goes on.
  virtual void close(connection_handle which) = 0;
  /// Ends at once, whatever is under way.
  virtual void abort(connection_handle which) = 0;
  // Of a handle that has not been released; statistics of an engine that keeps none are zero.
  virtual connection_identity identity(connection_handle of) const = 0;
  virtual end_status status(connection_handle of) const = 0;
  virtual spp_statistics statistics(connection_handle of) const = 0;
  virtual connection_information information(connection_handle) const { return {}; }  // of an engine that knows
  /// The application is done with it: it tells nothing more, drops what still arrives for the application, and is
  /// forgotten as soon as it is finished. close() or abort() it first.
  virtual void release(connection_handle which) = 0;
};

}  // namespace seqwire
