// One connection of a measurement, at either end: how much passes in a time, or how long records take there and back.
// What the ends agree on travels as records of datastream type 1, JSON, in front of the data and behind it: first what
// the client asks for, at last what the server saw. Nothing of a peer's words is believed beyond its bounds.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "lab/time_distribution.hpp"
#include "protocol/socket/socket.hpp"

namespace seqwire {

/// What a client asks of a server.
struct perf_request {
  bool round_trips = false;           // one record at a time, answered by its like
  bool reverse = false;               // the server sends
  std::size_t record_octets = 65536;  // 1 to longest_perf_record
  duration length = 10_s;             // 0 to longest_perf
};
inline constexpr std::size_t longest_perf_record = 1 << 20;  // octets
inline constexpr duration longest_perf = 3600_s;             // that a server agrees to

std::string to_text(const perf_request& request);  // as JSON, in a record of type 1
/// The error completes "expected".
result<perf_request, std::string> parse_perf_request(std::string_view text);

/// What one end saw.
struct perf_figures {
  std::uint64_t records = 0;          // sent, or received by the receiver
  std::uint64_t octets = 0;           // of these
  duration took{};                    // from its beginning to its end
  duration processor{};               // of its process, in this time
  std::uint64_t retransmissions = 0;  // of its own connection

  /// Of record data; 0 when it took no time.
  double bits_per_second() const { return took > duration{} ? 8 * static_cast<double>(octets) / took.seconds() : 0; }
};
std::string to_text(const perf_figures& figures);  // as JSON, in a record of type 1
/// The error completes "expected".
result<perf_figures, std::string> parse_perf_figures(std::string_view text);

/// One end of one measurement.
class perf_flow {
 public:
  /// A client's with what it asks for, a server's with nothing; the socket is a sequenced-packet one that is connected.
  perf_flow(std::unique_ptr<socket> with, std::optional<perf_request> asks);

  /// Does one piece of what can be done without waiting; false: nothing can. `processor`: what the process has had.
  /// A server's fails with timed_out when its client asks nothing for patience_for_request, or lets what it asked for
  /// rest for longest_rest, which may take twice as long until it is noticed, or does not end it longest_overrun after
  /// the time that it asked for.
  bool step(instant now, duration processor);
  static constexpr duration patience_for_request = 10_s;  // from the first step()
  static constexpr duration longest_rest = 60_s;          // nothing came from the client, not even part of a record
  static constexpr duration longest_overrun = 600_s;      // a slow path's last records take their time
  /// The request is known and the data flows.
  bool running() const { return phase_ == phase::running; }
  /// When it has something to do even if nothing happens.
  std::optional<instant> next_wake() const;
  /// It has said and heard everything, or failed: why() then.
  bool finished() const { return phase_ == phase::over; }
  std::error_code why() const { return why_; }  // empty: it is complete, or goes on

  const perf_request& request() const { return request_; }  // at a server once the client has said it
  const perf_figures& ours() const { return ours_; }        // up to now
  /// Of the other end; nothing before it has said them.
  const std::optional<perf_figures>& theirs() const { return theirs_; }
  const time_distribution& round_trips() const { return round_trips_; }  // where they were asked for
  const socket& with() const { return *socket_; }                        // of the constructor

 private:
  enum class phase : std::uint8_t { asking, running, ending, closing, over };

  bool advance(instant now, duration processor);
  std::optional<instant> ends_at() const;
  std::optional<instant> loses_patience() const;
  void note_arrivals(instant now);
  bool sends() const { return is_client_ != request_.reverse || request_.round_trips; }
  bool says(const std::string& text);
  bool send_data(instant now);
  bool receive_some(instant now, duration processor);
  void hear(instant now, duration processor);
  void begin(instant now, duration processor);
  void stop(instant now, duration processor);
  void fail(std::errc why);

  std::unique_ptr<socket> socket_;
  const bool is_client_;
  perf_request request_;
  phase phase_ = phase::asking;
  std::error_code why_;
  std::string to_say_;
  instant began_{};
  duration processor_began_{};
  std::optional<instant> first_step_;
  instant heard_at_{};          // something of the client's, last
  std::uint64_t arrivals_ = 0;  // then
  octets data_;                 // what is sent again and again
  octets buffer_;
  octets incoming_;  // of the record that is arriving, where it matters
  bool awaits_echo_ = false;
  std::size_t echoes_due_ = 0;
  instant asked_at_{};
  perf_figures ours_;
  std::optional<perf_figures> theirs_;
  time_distribution round_trips_;
};

}  // namespace seqwire
