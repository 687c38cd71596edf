// Datagram and raw sockets: IDP packets of a type of the program's choice, or all of them, as a program sees them.
#pragma once

#include "protocol/host/host.hpp"
#include "protocol/socket/socket.hpp"

namespace seqwire {

/// Made by endpoint::open(); contracts as in socket.hpp.
class idp_socket final : public socket {
 public:
  /// `only`: the packet type that a datagram socket sends, or the only one that a raw socket gets.
  idp_socket(endpoint_state& shared, socket_type type, std::optional<packet_type> only);
  ~idp_socket() override;

  socket_result<void> bind(const xns_address& local) override;
  xns_address local() const override;
  socket_result<xns_address> peer() const override;
  socket_result<void> listen(std::size_t) override { return failed(std::errc::operation_not_supported); }
  socket_result<std::unique_ptr<socket>> accept() override { return failed(std::errc::operation_not_supported); }
  /// Host 0 and socket 0 end the connection.
  socket_result<void> connect(const xns_address& to) override;
  /// There is no connection to end.
  socket_result<void> shutdown(direction) override { return failed(std::errc::operation_not_supported); }
  // The forms with one piece of memory.
  using socket::receive;
  using socket::send;
  socket_result<std::size_t> send(gather_list pieces, const send_options& how) override;
  socket_result<received> receive(scatter_list into, const receive_options& how) override;
  readiness ready() const override;

 private:
  socket_result<void> apply(socket_option which, const option_value& value) override;
  socket_result<option_value> read(socket_option which) override;
  std::error_code take_error() override;
  bool tells_error() const;
  bool raw() const { return type() == socket_type::raw; }
  datagram_protocol& datagrams() const;
  socket_result<void> set_groups(std::string_view list);
  /// The host's socket; bound to a fresh number now if it had none.
  socket_result<datagram_socket*> bound();

  datagram_socket* below_ = nullptr;  // a datagram socket has none before it is bound
  packet_type type_of_packets_{};
  std::size_t receive_buffer_ = 256 << 10;
  std::size_t packet_data_;  // most that one datagram carries
  bool all_packets_ = false;
  bool broadcast_ = false;
  bool all_errors_ = false;
  std::vector<host_number> groups_;
  bool headers_on_input_ = false;
  bool headers_on_output_ = false;
};

}  // namespace seqwire
