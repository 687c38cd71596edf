#include "protocol/socket/endpoint.hpp"

#include <algorithm>

#include "protocol/socket/idp_socket.hpp"
#include "protocol/socket/spp_socket.hpp"

namespace seqwire {

endpoint::endpoint(waiter& waits, endpoint_config config) : state_(waits, std::move(config)) {}
endpoint::~endpoint() { require(state_.sockets() == 0); }

socket_result<std::unique_ptr<socket>> endpoint::open(socket_type type, std::optional<packet_type> only) {
  if (type == socket_type::raw && !config().privileged) return failed(std::errc::operation_not_permitted);
  if (!state_.count_socket()) return failed(std::errc::too_many_files_open);
  if (type == socket_type::stream || type == socket_type::sequenced_packet)
    return std::make_unique<spp_socket>(state_, type);
  return std::make_unique<idp_socket>(state_, type, only);
}

bool endpoint::step(instant, host& on) {
  bool did = !state_.runs() || datagram_changes_ != on.datagrams().changes();
  state_.run_on(&on);
  datagram_changes_ = on.datagrams().changes();
  while (const auto event = on.sequenced().poll_event()) {
    state_.tell(*event);
    did = true;
  }
  if (did) ++generation_;
  return did;
}

socket_result<std::size_t> endpoint::poll(std::span<poll_entry> entries, std::optional<duration> timeout) {
  const instant until = timeout ? waiting().now() + *timeout : instant::never();
  for (;;) {
    std::size_t ready = 0;
    for (poll_entry& each : entries) {
      const readiness is = each.of->ready();
      each.is = {.readable = is.readable && each.wanted.readable,
                 .writable = is.writable && each.wanted.writable,
                 .attention = is.attention && each.wanted.attention,
                 .error = is.error,
                 .ended = is.ended};
      ready += each.is.readable || each.is.writable || each.is.attention || each.is.error || each.is.ended;
    }
    if (ready > 0 || waiting().now() >= until) return ready;
    if (!waiting().wait(until)) return failed(std::errc::interrupted);
  }
}

bool endpoint::drain(duration most) {
  const instant until = waiting().now() + most;
  const auto done = [&] { return on().sequenced().connections() == 0 && unsent() == 0; };
  // What goes tells nobody: looked for as often as nobody minds.
  while (!done() && waiting().now() < until)
    if (!waiting().wait(std::min(until, waiting().now() + 10_ms))) break;
  return done();
}

}  // namespace seqwire
