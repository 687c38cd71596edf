#include "protocol/socket/time_service.hpp"

namespace seqwire {

socket_result<time_answer> ask_time(endpoint& at, const xns_address& to, const exchange_policy& policy) {
  const instant asked = at.waiting().now();
  exchange_requester requester(at, policy);
  const auto reply = requester.request(to, exchange_client::time, time_request());
  if (!reply) return failure(reply.error());
  const auto packet = parse_time(reply->data);
  if (!packet || !packet->time) return failed(std::errc::bad_message);
  return time_answer{reply->from, *packet->time, at.waiting().now() - asked};
}

std::uint32_t unix_seconds(const time_of_day& time) { return time.seconds - unix_epoch_since_1901; }

time_of_day utc_time_of_day(std::int64_t unix_seconds) {
  time_of_day time{};
  time.seconds = static_cast<std::uint32_t>(unix_seconds) + unix_epoch_since_1901;
  time.direction = zone_direction::east;
  return time;
}

time_server::time_server(endpoint& at, std::function<time_of_day()> clock)
    : responder_(at, time_socket), clock_(std::move(clock)) {}

socket_result<xns_address> time_server::answer_next() {
  for (;;) {
    const auto request = responder_.next();
    if (!request) return failure(request.error());
    const auto packet = parse_time(request->data);
    if (request->header.client_type != exchange_client::time || !packet || packet->time) continue;
    if (const auto sent = responder_.reply(*request, time_response(clock_())); !sent) return failure(sent.error());
    return request->from;
  }
}

}  // namespace seqwire
