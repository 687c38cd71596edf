// Stream and sequenced-packet sockets: an SPP connection, or a listener of them, as a program sees it.
// Three ways to see the same packets: records (sequenced packet), packets with their headers (sequenced packet with
// headers on input or output, the historic way), octets without boundaries (stream).
#pragma once

#include <deque>

#include "protocol/host/host.hpp"
#include "protocol/socket/socket.hpp"

namespace seqwire {

/// Made by endpoint::open() and accept(); contracts as in socket.hpp.
class spp_socket final : public socket {
 public:
  spp_socket(endpoint_state& shared, socket_type type);  // stream or sequenced_packet
  ~spp_socket() override;

  socket_result<void> bind(const xns_address& local) override;
  xns_address local() const override;
  socket_result<xns_address> peer() const override;
  socket_result<void> listen(std::size_t backlog) override;
  socket_result<std::unique_ptr<socket>> accept() override;
  socket_result<void> connect(const xns_address& to) override;
  /// Both directions only.
  socket_result<void> shutdown(direction which) override;
  // The forms with one piece of memory.
  using socket::receive;
  using socket::send;
  socket_result<std::size_t> send(gather_list pieces, const send_options& how) override;
  socket_result<received> receive(scatter_list into, const receive_options& how) override;
  readiness ready() const override;

  std::optional<connection_information> information() const override;
  std::optional<spp_statistics> statistics() const override;

  // --- what the endpoint tells ---
  void on_event(const host_event& event);      // of its connection, or of its listener
  void on_accepted(connection_handle handle);  // it is that connection from now on

 private:
  socket_result<void> apply(socket_option which, const option_value& value) override;
  socket_result<void> apply_connection(socket_option which, const option_value& value);
  socket_result<option_value> read(socket_option which) override;
  std::error_code take_error() override { return std::exchange(error_, {}); }

  spp_connection* connection() const;
  void adopt(connection_handle handle);
  void linger();
  socket_result<void> usable() const;
  bool nothing_more_comes() const;
  bool readable() const;
  struct outgoing {
    slice contents;
    std::uint8_t datastream_type = 0;
    bool end_of_message = true;
  };
  socket_result<outgoing> prepare(gather_list pieces, const send_options& how) const;
  socket_result<std::size_t> send_attention(gather_list pieces, const send_options& how);
  socket_result<received> receive_attention(scatter_list into, const receive_options& how);
  received take_message(spp_connection& from, scatter_list into, const receive_options& how);
  bool take_octets(spp_connection& from, scatter_list into, const receive_options& how, received& result);
  void set_delivery();

  spp_config config_;
  std::optional<socket_number> number_;
  std::optional<connection_handle> handle_;
  bool owns_number_ = false;  // by bind(); an accepted one shares its listener's
  bool connected_ = false;    // was open
  bool ended_ = false;
  std::error_code error_;  // waits to be told
  bool listening_ = false;
  std::deque<connection_handle> waiting_;         // opened, not yet accepted
  std::size_t consumed_ = 0;                      // octets already read of the next record or packet
  std::optional<std::uint8_t> open_record_type_;  // of the record that the next send goes on with

  bool headers_on_input_ = false;
  bool headers_on_output_ = false;
  bool explicit_records_ = false;
  bool keep_remainder_ = false;
  duration linger_ = -1_ns;
  spp_header default_header_{};
};

}  // namespace seqwire
