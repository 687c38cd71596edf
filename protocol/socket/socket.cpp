#include "protocol/socket/socket.hpp"

#include "protocol/socket/endpoint_state.hpp"

namespace seqwire {
namespace {

char letter_of(socket_type type) {
  switch (type) {
    case socket_type::stream: return 's';
    case socket_type::datagram: return 'd';
    case socket_type::raw: return 'r';
    case socket_type::sequenced_packet: return 'q';
  }
  return '?';
}

bool in_range(const option_description& row, const option_value& value) {
  std::int64_t number = row.least;
  if (row.kind == option_kind::number) number = std::get<std::int64_t>(value);
  if (row.kind == option_kind::time) number = std::get<duration>(value).nanoseconds;
  return number >= row.least && number <= row.most;
}

}  // namespace

socket_result<void> socket::set(socket_option which, const option_value& value) {
  const option_description& row = describe(which);
  if (!row.settable || row.sockets.find(letter_of(type_)) == std::string_view::npos)
    return failed(std::errc::invalid_argument);
  if (value.index() != static_cast<std::size_t>(row.kind)) return failed(std::errc::argument_out_of_domain);
  if (!in_range(row, value)) return failed(std::errc::invalid_argument);
  switch (which) {
    case socket_option::non_blocking: non_blocking_ = std::get<bool>(value); return {};
    case socket_option::receive_timeout: receive_timeout_ = std::get<duration>(value); return {};
    case socket_option::send_timeout: send_timeout_ = std::get<duration>(value); return {};
    default: return apply(which, value);
  }
}

socket_result<option_value> socket::get(socket_option which) {
  if (describe(which).sockets.find(letter_of(type_)) == std::string_view::npos)
    return failed(std::errc::invalid_argument);
  switch (which) {
    case socket_option::non_blocking: return option_value(non_blocking_);
    case socket_option::receive_timeout: return option_value(receive_timeout_);
    case socket_option::send_timeout: return option_value(send_timeout_);
    case socket_option::pending_error: return option_value(std::int64_t{take_error().value()});
    default: return read(which);
  }
}

socket_result<void> socket::wait_until(bool do_not_wait, duration timeout, const std::function<bool()>& done) {
  if (done()) return {};
  if (non_blocking_ || do_not_wait) return failed(std::errc::operation_would_block);
  const instant until = timeout > duration{} ? now() + timeout : instant::never();
  while (!done()) {
    if (now() >= until) return failed(std::errc::operation_would_block);
    if (!shared_.waiting().wait(until)) return failed(std::errc::interrupted);
  }
  return {};
}

void socket::flush() { shared_.waiting().flush(); }
instant socket::now() const { return shared_.waiting().now(); }

}  // namespace seqwire
