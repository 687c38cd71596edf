// Packet Exchange for programs: a requester that asks and asks again until the reply comes, and a responder that
// remembers nothing (protocol sheet 6.3). Both are datagram sockets of packet type 4; what is asked and answered is the
// business of a client type, such as the Time protocol's (time_service.hpp).
#pragma once

#include "protocol/socket/endpoint.hpp"
#include "protocol/wire/exchange.hpp"

namespace seqwire {

/// How often a requester asks, and how long it waits.
struct exchange_policy {
  int attempts = 4;           // requests sent in all, at least 1
  duration first_wait = 1_s;  // for the reply to the first; doubles each time
};

/// A request as the responder has it, or a reply as the requester has it.
struct exchange_message {
  xns_address from;          // who sent it
  exchange_header header{};  // a reply goes back with the request's id
  octets data;               // behind the header
};

/// Asks one question at a time.
class exchange_requester {
 public:
  /// Throws std::system_error when the endpoint has no socket left.
  explicit exchange_requester(endpoint& at, const exchange_policy& policy = {});

  /// Asks and waits for the reply. To a group the first that answers counts. Errors: timed_out, interrupted,
  /// message_size, network_unreachable, and what an Error packet says (connection_refused: nobody has that number).
  socket_result<exchange_message> request(const xns_address& to, exchange_client client_type, octets_view data);
  /// Requests sent for the last reply.
  int attempts() const { return attempts_; }

 private:
  socket_result<exchange_message> reply_to(std::uint32_t id, const xns_address& asked);

  endpoint& endpoint_;
  exchange_policy policy_;
  std::unique_ptr<socket> socket_;
  int attempts_ = 0;
};

/// Answers questions, each as often as it comes.
class exchange_responder {
 public:
  /// Answers at this number. Throws std::system_error (taken; below 3000 without the privilege).
  exchange_responder(endpoint& at, socket_number number);

  /// The next request; what is no Packet Exchange packet is passed over. Errors: as socket::receive.
  socket_result<exchange_message> next();
  /// Answers that request. Errors: as socket::send.
  socket_result<void> reply(const exchange_message& request, octets_view data);
  /// For poll() and options.
  socket& below() { return *socket_; }

 private:
  std::unique_ptr<socket> socket_;
};

}  // namespace seqwire
