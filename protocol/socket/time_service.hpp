// The Time protocol for programs: ask what time it is, and answer those who ask (protocol sheet 6.4). The clock is the
// caller's: nothing here can read one.
#pragma once

#include <functional>

#include "protocol/socket/exchange.hpp"
#include "protocol/wire/time_of_day.hpp"

namespace seqwire {

/// What somebody said the time is.
struct time_answer {
  xns_address from;       // who answered
  time_of_day time{};     // when the answer left there
  duration round_trip{};  // of the request that was answered, or of all of them when it had to be repeated
};

/// Asks a host, or everybody on a network: the first answer counts. Errors: as exchange_requester::request;
/// bad_message: the answer is none of this protocol.
socket_result<time_answer> ask_time(endpoint& at, const xns_address& to, const exchange_policy& policy = {});

/// Seconds since 1970-01-01 00:00 UTC; they repeat every 136 years.
std::uint32_t unix_seconds(const time_of_day& time);
/// That time in UTC, without time zone or error.
time_of_day utc_time_of_day(std::int64_t unix_seconds);

/// The Time protocol's responder (protocol sheet 6.4).
class time_server {
 public:
  /// Answers at socket 8, which needs the privilege. Throws std::system_error.
  explicit time_server(endpoint& at, std::function<time_of_day()> clock);

  /// Waits for the next request and answers it. Errors: as socket::receive; what is no request for the time is passed
  /// over.
  socket_result<xns_address> answer_next();
  /// For poll() and options.
  socket& below() { return responder_.below(); }

 private:
  exchange_responder responder_;
  std::function<time_of_day()> clock_;
};

}  // namespace seqwire
