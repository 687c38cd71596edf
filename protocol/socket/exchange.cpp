#include "protocol/socket/exchange.hpp"

namespace seqwire {
namespace {

constexpr std::size_t largest_datagram = 65536;
constexpr duration longest_wait = 3600_s;  // for one reply

octets message_of(const exchange_header& header, octets_view data) {
  octets whole(exchange_layout::octets + data.size());
  exchange_layout::encode(header, whole.data());
  std::copy(data.begin(), data.end(), whole.begin() + exchange_layout::octets);
  return whole;
}

// What waits at the socket, if it is a Packet Exchange packet; nothing: it was another one.
socket_result<std::optional<exchange_message>> receive_from(socket& from) {
  octets buffer(largest_datagram);
  const auto got = from.receive(std::span<octet>(buffer));
  if (!got) return failure(got.error());
  const auto packet = parse_exchange(octets_view(buffer).first(got->size));
  if (!packet || !got->from) return std::optional<exchange_message>();
  return exchange_message{*got->from, packet->header, octets(packet->data.begin(), packet->data.end())};
}

std::unique_ptr<socket> open_for_exchanges(endpoint& at) {
  auto made = at.open(socket_type::datagram, packet_type::packet_exchange);
  if (!made) throw std::system_error(made.error(), "opening a socket for Packet Exchange");
  return std::move(*made);
}

}  // namespace

exchange_requester::exchange_requester(endpoint& at, const exchange_policy& policy)
    : endpoint_(at), policy_(policy), socket_(open_for_exchanges(at)) {
  require(policy.attempts > 0);
  require(socket_->set(socket_option::broadcast, true).has_value());
  require(socket_->set(socket_option::all_errors, true).has_value());
}

socket_result<exchange_message> exchange_requester::request(const xns_address& to, exchange_client client_type,
                                                            octets_view data) {
  const auto id = socket_->get(socket_option::exchange_id);  // never the same twice
  const exchange_header header{static_cast<std::uint32_t>(std::get<std::int64_t>(*id)), client_type};
  const octets whole = message_of(header, data);
  duration wait = policy_.first_wait;
  static_cast<void>(socket_->get(socket_option::pending_error));  // of an earlier one
  for (attempts_ = 1; attempts_ <= policy_.attempts; ++attempts_, wait = std::min(wait * 2, longest_wait)) {
    if (const auto sent = socket_->send(whole, {.to = to}); !sent) return failure(sent.error());
    const instant until = endpoint_.waiting().now() + wait;
    for (instant now = endpoint_.waiting().now(); now < until; now = endpoint_.waiting().now()) {
      endpoint::poll_entry entry{.of = socket_.get(), .wanted = {.readable = true}};
      const auto ready = endpoint_.poll({&entry, 1}, until - now);
      if (!ready) return failure(ready.error());
      if (*ready == 0) break;
      auto reply = reply_to(header.id, to);
      if (reply || reply.error() != std::errc::operation_would_block) return reply;
    }
  }
  attempts_ = policy_.attempts;
  return failed(std::errc::timed_out);
}

// Would-block: what came was something else, or the reply to an earlier request.
socket_result<exchange_message> exchange_requester::reply_to(std::uint32_t id, const xns_address& asked) {
  auto message = receive_from(*socket_);
  if (!message) return failure(message.error());
  const bool from_whom = *message && (is_group(asked.host) || (*message)->from.host == asked.host);
  if (!from_whom || (*message)->header.id != id) return failed(std::errc::operation_would_block);
  return std::move(**message);
}

exchange_responder::exchange_responder(endpoint& at, socket_number number) : socket_(open_for_exchanges(at)) {
  if (const auto bound = socket_->bind({local_network, {}, number}); !bound)
    throw std::system_error(bound.error(), "taking socket number " + std::to_string(static_cast<unsigned>(number)));
}

socket_result<exchange_message> exchange_responder::next() {
  for (;;) {
    auto message = receive_from(*socket_);
    if (!message) return failure(message.error());
    if (*message) return std::move(**message);
  }
}

socket_result<void> exchange_responder::reply(const exchange_message& request, octets_view data) {
  const auto sent = socket_->send(message_of(request.header, data), {.to = request.from});
  if (!sent) return failure(sent.error());
  return {};
}

}  // namespace seqwire
