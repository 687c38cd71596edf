#include "lab/wire/conversation.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "rawio/clock.hpp"
#include "rawio/event_loop.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

constexpr std::size_t piece_octets = 64 << 10;

}  // namespace

// --- record_input ---

const std::optional<slice>& record_input::front() {
  if (front_) return front_;
  auto next = records_.next();
  if (!next) throw std::invalid_argument("standard input: " + next.error());
  return front_ = std::move(*next);
}

void record_input::read_some() {
  std::array<octet, piece_octets> piece;
  const ssize_t got = ::read(from_, piece.data(), piece.size());
  if (got > 0) return records_.push(octets_view(piece.data(), static_cast<std::size_t>(got)));
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got < 0 && errno != EIO) throw_system_error("cannot read standard input");  // EIO: the terminal is not ours now
  records_.end();
  at_end_ = true;
}

// --- conversation ---

conversation::conversation(live_endpoint& at, socket& with, record_input& in, output_queue& out,
                           ending_signals& signals, const conversation_settings& settings)
    : at_(at), socket_(with), in_(in), out_(out), signals_(signals), settings_(settings), buffer_(piece_octets) {
  if (with.type() == socket_type::sequenced_packet) require(with.set(socket_option::keep_remainder, true).has_value());
}

conversation_outcome conversation::run(const std::function<void()>& now_and_then) {
  at_.hold_output(true);
  instant next_housekeeping{};
  while (outcome_.end == conversation_end::complete) {
    const std::uint64_t before = at_.sockets().generation();
    while (outcome_.end == conversation_end::complete &&
           (send_some() || send_attention() || receive_attention() || receive_some() || close_when_done()))
      continue;
    at_.process();
    out_.flush();
    if (out_.error() == EPIPE) outcome_.end = conversation_end::nobody_reads;
    else if (out_.error() != 0)
      throw std::system_error(out_.error(), std::generic_category(), "cannot write to standard output");
    if (outcome_.end == conversation_end::complete && is_over()) break;
    if (at_.sockets().generation() == before) wait();
    if (outcome_.end == conversation_end::complete && (outcome_.signal = signals_.take()) != 0)
      outcome_.end = conversation_end::interrupted;
    if (const instant now = clock_now(); now >= next_housekeeping) {
      next_housekeeping = now + housekeeping;
      now_and_then();
    }
  }
  at_.hold_output(false);
  return outcome_;
}

// Somebody to send to is there: a datagram socket that nobody spoke to has none.
bool conversation::may_send() const {
  return !closed_ && !peer_ended_ && (is_connection() || socket_.peer() || last_sender_);
}

// Of what the user gave us to say, nothing is left.
bool conversation::all_said() const { return in_.finished() && (!settings_.attention || attention_sent_); }

// This and the next four do one piece of what can be done without waiting; false when there is nothing.
bool conversation::send_some() {
  if (!may_send()) return false;
  const auto& record = in_.front();
  if (!record) return false;
  send_options how{.do_not_wait = true, .datastream_type = settings_.datastream_type};
  if (!is_connection() && !socket_.peer()) how.to = last_sender_;
  const auto sent = socket_.send(record->view(), how);
  if (!sent && sent.error() == std::errc::operation_would_block) return false;
  if (!sent && sent.error() == std::errc::broken_pipe) return false;  // the peer's close, which receiving tells of
  if (!sent) {
    outcome_.why = sent.error();
    outcome_.end = conversation_end::failed;
    return false;
  }
  ++outcome_.counts.records_sent;
  outcome_.counts.octets_sent += record->size();
  in_.drop();
  return true;
}

// Being out of band it passes the records that still wait.
bool conversation::send_attention() {
  if (!settings_.attention || attention_sent_ || !in_.finished() || !may_send()) return false;
  const auto sent = socket_.send(octets_view(&*settings_.attention, 1), {.do_not_wait = true, .out_of_band = true});
  if (!sent && (sent.error() == std::errc::operation_would_block || sent.error() == std::errc::broken_pipe))
    return false;
  if (!sent) {
    outcome_.why = sent.error();
    outcome_.end = conversation_end::failed;
    return false;
  }
  attention_sent_ = true;
  ++outcome_.counts.attentions_sent;
  return true;
}

// Taken even where nobody reads our output: that is what it is for.
bool conversation::receive_attention() {
  if (peer_ended_ || !socket_.ready().attention) return false;
  octet value = 0;
  if (!socket_.receive(std::span<octet>(&value, 1), {.do_not_wait = true, .out_of_band = true})) return false;
  ++outcome_.counts.attentions_received;
  std::fputs(fmt::format("seqwire: attention 0x{:02x}\n", value).c_str(), stderr);
  return true;
}

bool conversation::receive_some() {
  if (peer_ended_ || out_.full()) return false;
  const auto got = socket_.receive(std::span<octet>(buffer_), {.do_not_wait = true});
  if (!got && got.error() == std::errc::operation_would_block) return false;
  if (!got) {
    outcome_.why = got.error();
    outcome_.end = conversation_end::failed;
    return false;
  }
  return take(*got, octets_view(buffer_).first(got->size));
}

bool conversation::take(const received& got, octets_view contents) {
  if (got.end) {
    peer_ended_ = true;
    const bool attention_waits = in_.finished() && !all_said();
    if ((in_.front() || attention_waits) && !closed_) outcome_.end = conversation_end::unsent;
    return true;
  }
  if (got.from) last_sender_ = got.from;
  if (!inside_record_) {
    write(frame_start(settings_.how, got.true_size));
    ++outcome_.counts.records_received;
  }
  out_.push(slice::copy_of(contents));
  outcome_.counts.octets_received += contents.size();
  inside_record_ = socket_.type() == socket_type::sequenced_packet && !got.end_of_record;
  if (!inside_record_) write(frame_end(settings_.how));
  return true;
}

bool conversation::close_when_done() {
  if (closed_ || !(peer_ended_ || (all_said() && !settings_.wait_for_peer))) return false;
  closed_ = true;
  if (is_connection()) static_cast<void>(socket_.shutdown(socket::direction::both));  // may have ended by now
  return true;
}

// A datagram that was sent is gone; a connection is over when both ends know that everything was delivered.
bool conversation::is_over() {
  if (out_.waiting() > 0) return false;
  if (!is_connection()) return closed_;
  const auto information = socket_.information();
  if (!information || !peer_ended_) return false;
  if (information->state != connection_state::closed) return information->state == connection_state::lingering;
  if (const auto error = socket_.get(socket_option::pending_error); error && std::get<std::int64_t>(*error) != 0) {
    outcome_.why = {static_cast<int>(std::get<std::int64_t>(*error)), std::generic_category()};
    outcome_.end = conversation_end::failed;
  }
  return true;
}

// The endpoint's descriptor is readable for a signal, too.
void conversation::wait() const {
  std::array<pollfd, 3> watched{pollfd{at_.readiness_descriptor(), POLLIN, 0},
                                pollfd{may_send() ? in_.wanted() : -1, POLLIN, 0},
                                pollfd{out_.descriptor_number(), POLLIN, 0}};
  if (::poll(watched.data(), watched.size(), static_cast<int>(housekeeping / 1_ms)) > 0 && watched[1].revents != 0)
    in_.read_some();
}

}  // namespace seqwire
