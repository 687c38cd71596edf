// Both ways at once between a socket and two descriptors: what is read goes out as records, what comes in is written.
// Neither a slow peer nor a slow reader stops the other direction, and each holds its sender back: what cannot be
// handed on is not read. The body of `listen` and `connect`.
#pragma once

#include <functional>

#include "lab/wire/framing.hpp"
#include "lab/wire/output_queue.hpp"
#include "rawio/ending_signals.hpp"
#include "rawio/live_endpoint.hpp"

namespace seqwire {

/// What is read, from one conversation to the next.
class record_input {
 public:
  /// The descriptor stays the caller's. Its flags are not changed: others may share it.
  record_input(int from, framing how, std::size_t longest) : from_(from), records_(how, longest) {}

  /// The record to send next, until drop(); nothing: none is there yet. Throws std::invalid_argument when the input is
  /// not what it should be.
  const std::optional<slice>& front();
  void drop() { front_.reset(); }  // it was sent
  /// To be called when the descriptor is readable. Throws std::system_error.
  void read_some();

  /// The descriptor while something can be read from it, else -1.
  int wanted() const { return at_end_ || front_ ? -1 : from_; }
  /// Everything was read and dropped.
  bool finished() const { return at_end_ && !front_ && records_.finished(); }

 private:
  int from_;
  record_splitter records_;
  std::optional<slice> front_;
  bool at_end_ = false;
};

/// How octets and records go together at this end.
struct conversation_settings {
  framing how = framing::lines;                 // in both directions
  std::optional<std::uint8_t> datastream_type;  // of what is sent
  std::optional<octet> attention{};             // sent out of band when all of the input was sent; never to datagrams
  bool wait_for_peer = false;                   // the end of the input closes nothing
};

/// Of both directions; octets of records, without framing.
struct conversation_counts {
  std::uint64_t records_sent = 0;         // accepted by the socket
  std::uint64_t octets_sent = 0;          // of these
  std::uint64_t attentions_sent = 0;      // accepted by the socket
  std::uint64_t records_received = 0;     // of a stream: pieces
  std::uint64_t octets_received = 0;      // of records handed on
  std::uint64_t attentions_received = 0;  // each told in a line of standard error
};

/// Why run() returned.
enum class conversation_end : std::uint8_t {
  complete,      // everything was said and heard
  unsent,        // the peer closed before the record or the attention that waits could be sent
  failed,        // `why`
  interrupted,   // by `signal`
  nobody_reads,  // what is received
};

/// How a conversation went.
struct conversation_outcome {
  conversation_end end = conversation_end::complete;  // decides which of the others count
  std::error_code why;                                // of `failed`, with std::errc's meanings
  int signal = 0;                                     // of `interrupted`
  conversation_counts counts;                         // until the end, whatever it was
};

/// One socket, one input and one output.
class conversation {
 public:
  /// All outlive it. `with` is connected, or a datagram socket.
  conversation(live_endpoint& at, socket& with, record_input& in, output_queue& out, ending_signals& signals,
               const conversation_settings& settings);

  /// Until both directions are done: the input's end closes the connection once everything is delivered, unless it is
  /// to wait for the peer; the peer's close ends it once everything it sent is written. Calls `now_and_then` about
  /// every 200 ms. Throws what record_input does, and std::system_error.
  conversation_outcome run(const std::function<void()>& now_and_then);

 private:
  bool is_connection() const { return socket_.type() != socket_type::datagram; }
  bool may_send() const;
  bool all_said() const;
  bool send_some();
  bool send_attention();
  bool receive_some();
  bool receive_attention();
  bool take(const received& got, octets_view contents);
  bool close_when_done();
  bool is_over();
  void wait() const;
  void write(std::string_view text) { out_.push(slice::copy_of(view_of(text))); }

  live_endpoint& at_;
  socket& socket_;
  record_input& in_;
  output_queue& out_;
  ending_signals& signals_;
  const conversation_settings& settings_;
  conversation_outcome outcome_;
  std::optional<xns_address> last_sender_;  // of datagrams
  octets buffer_;
  bool inside_record_ = false;
  bool attention_sent_ = false;
  bool closed_ = false;      // by us
  bool peer_ended_ = false;  // and everything it sent was taken
};

}  // namespace seqwire
