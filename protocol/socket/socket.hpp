// A socket of an endpoint, of any of the four types of 4.3BSD's netns (protocol sheet, sections 7, 10 and 11). Calls
// block until they can do what they say, unless the socket or the call says otherwise; errors are std::errc values with
// the classic meanings. Destroying a socket closes it: what was sent still goes out, in the background.
#pragma once

#include <functional>
#include <memory>

#include "protocol/socket/message.hpp"
#include "protocol/socket/options.hpp"
#include "protocol/spp/connection.hpp"

namespace seqwire {

class endpoint_state;

/// A socket of any type; what a type does not have says operation_not_supported.
class socket {
 public:
  socket(const socket&) = delete;
  socket& operator=(const socket&) = delete;
  virtual ~socket() = default;

  socket_type type() const { return type_; }  // as opened

  // --- names ---
  /// Takes a socket number: the address's, or a fresh one for number 0. Host 0 and network 0 mean ours.
  /// Errors: invalid_argument (bound already), address_not_available (another host's), permission_denied (below 3000
  /// without the privilege), address_in_use.
  virtual socket_result<void> bind(const xns_address& local) = 0;
  /// Ours; socket number 0 before it is known.
  virtual xns_address local() const = 0;
  /// Errors: not_connected.
  virtual socket_result<xns_address> peer() const = 0;

  // --- connections ---
  /// From now on it accepts connections; at most `backlog` wait for accept(), more are refused with Error 3. A socket
  /// that is not bound gets a fresh number. Errors: operation_not_supported (datagram, raw), invalid_argument.
  virtual socket_result<void> listen(std::size_t backlog) = 0;
  /// The next connection; it inherits packet size, header options and default header. Errors: invalid_argument (not
  /// listening), operation_would_block, interrupted.
  virtual socket_result<std::unique_ptr<socket>> accept() = 0;
  /// Opens a connection; two that open to each other become one (both are bound first). A datagram socket from then on
  /// talks with this peer only. Errors: connection_refused, network_unreachable, timed_out, already_connected,
  /// operation_in_progress (non-blocking: writable when done, and ready().error when it failed), no_buffer_space (no
  /// number or connection id is free). Datagram sockets: address_in_use (another one has this number and peer).
  virtual socket_result<void> connect(const xns_address& to) = 0;
  /// Ends both directions: the peer gets everything sent before, and this side everything that the peer still sends.
  /// Classic SPP has no half close; shutdown of one direction alone is operation_not_supported.
  enum class direction : std::uint8_t { receiving, sending, both };
  /// Errors: not_connected, operation_not_supported.
  virtual socket_result<void> shutdown(direction which) = 0;

  // --- data ---
  /// Sends the pieces as one message, all of it or nothing; returns its size. What a message is depends on the type:
  /// sequenced packet: one record (or, if records are ended explicitly, a part of one; or, with headers on output, one
  /// packet with its prototype header in front); stream: octets; datagram: one packet; raw: one packet with its header.
  /// Errors: not_connected, broken_pipe (closed by either side), message_size, operation_would_block,
  /// destination_address_required, invalid_argument, and once the error that ended the connection.
  virtual socket_result<std::size_t> send(gather_list pieces, const send_options& how) = 0;
  // With one piece of memory; as above.
  socket_result<std::size_t> send(octets_view data, const send_options& how = {}) { return send({&data, 1}, how); }
  /// Receives into the pieces of memory; what a call brings is one record (or what of it fits), packet, datagram, or,
  /// on a stream, whatever is there up to the buffer's size. Errors: not_connected, operation_would_block (also when
  /// the receive timeout is over), invalid_argument (out of band, and there is nothing), and once the error that ended
  /// the connection or that an Error packet brought.
  virtual socket_result<received> receive(scatter_list into, const receive_options& how) = 0;
  // With one piece of memory; as above.
  socket_result<received> receive(std::span<octet> into, const receive_options& how = {}) {
    return receive({&into, 1}, how);
  }

  /// What it is ready for now.
  virtual readiness ready() const = 0;

  /// How its connection stands, the equal of tcp_info; nothing unless it is or was connected, and of types that have no
  /// connections.
  virtual std::optional<connection_information> information() const { return std::nullopt; }
  /// What its connection has counted; as information().
  virtual std::optional<spp_statistics> statistics() const { return std::nullopt; }

  // --- options ---
  /// Errors: invalid_argument (not an option of this type, or out of range), argument_out_of_domain (wrong kind of
  /// value).
  socket_result<void> set(socket_option which, const option_value& value);
  /// Errors as set(). pending_error is told once; last_header is all zero before the first packet.
  socket_result<option_value> get(socket_option which);

 protected:
  /// By the class that derives; the endpoint has counted it.
  socket(endpoint_state& shared, socket_type type) : shared_(shared), type_(type) {}

  /// The type's part of set() and get(), after kind and range were checked.
  virtual socket_result<void> apply(socket_option which, const option_value& value) = 0;
  /// As apply().
  virtual socket_result<option_value> read(socket_option which) = 0;
  /// The error that waits to be told, which is then told.
  virtual std::error_code take_error() = 0;

  /// Waits until done; would-block at once when it must not wait, or when the timeout (0: none) is over.
  socket_result<void> wait_until(bool do_not_wait, duration timeout, const std::function<bool()>& done);
  void flush();         // what was sent leaves now, without waiting
  instant now() const;  // the waiter's

  // By option; timeouts of 0 mean none.
  bool non_blocking() const { return non_blocking_; }
  duration receive_timeout() const { return receive_timeout_; }
  duration send_timeout() const { return send_timeout_; }

  endpoint_state& shared_;  // outlives the socket

 private:
  const socket_type type_;
  bool non_blocking_ = false;
  duration receive_timeout_{};  // 0: none
  duration send_timeout_{};
};

}  // namespace seqwire
