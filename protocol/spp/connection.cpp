#include "protocol/spp/connection.hpp"

#include <algorithm>

#include "protocol/spp/fault.hpp"

namespace seqwire {
namespace {

// An answer to an opening is repeated at most this often by its own timer: an opener that does not exist must not be
// able to draw more than three packets for one of its own.
constexpr int maximum_answer_repeats = 2;
// How long a lingering end that answered the close must have heard nothing before it goes.
constexpr duration linger_quiet = 1_s;
// An Error in an open connection ends it only while the peer is silent as well.
constexpr int timeouts_before_error_counts = 2;

}  // namespace

std::string_view name_of(end_status status) {
  switch (status) {
    case end_status::none: return "none";
    case end_status::closed_gracefully: return "closed gracefully";
    case end_status::peer_aborted: return "peer aborted";
    case end_status::refused: return "refused";
    case end_status::timed_out: return "timed out";
    case end_status::local_abort: return "local abort";
    case end_status::unreachable: return "unreachable";
    case end_status::record_too_long: return "record too long";
  }
  return "unknown";
}

spp_connection::spp_connection(const spp_config& config, const xns_address& local, const xns_address& peer,
                               std::uint16_t local_id, connection_memory* receiving, connection_memory* sending)
    : config_(config),
      local_(local),
      peer_(peer),
      local_id_(local_id),
      sender_(config_, statistics_, sending),
      receiver_(config_, statistics_, receiving) {
  require(local_id != 0);
  if (fault_armed(fault::never_give_up)) config_.give_up = duration::maximum() / 4;
}

bool spp_connection::advance(connection_event event) {
  const auto next = next_state(state_, event);
  if (next) state_ = *next;
  return next.has_value();
}

void spp_connection::notify(connection_notice notice) {
  if (!end_told_) notices_ |= 1u << static_cast<unsigned>(notice);
}

// What send() refused would be taken now.
void spp_connection::note_room() {
  if (!blocked_ || !sender_.has_room(blocked_size_) || !sender_.has_room_for_attention()) return;
  if (fault_armed(fault::forget_writable)) return;
  blocked_ = false;
  blocked_size_ = 0;
  notify(connection_notice::writable);
}

std::optional<connection_notice> spp_connection::poll_notice() {
  if (notices_ == 0) return std::nullopt;
  const int bit = __builtin_ctz(notices_);  // in the order of the enumeration: opened first, ended last
  notices_ &= notices_ - 1;
  const auto notice = static_cast<connection_notice>(bit);
  if (notice == connection_notice::ended && !end_told_ && fault_armed(fault::end_twice)) notices_ |= 1u << bit;
  end_told_ = notice == connection_notice::ended;
  return notice;
}

void spp_connection::open(instant now) {
  require(advance(connection_event::open_actively));
  opener_ = true;
  opening_due_ = true;
  open_until_ = now + config_.open_timeout;
}

void spp_connection::answer(instant now, const spp_header& opening, slice body) {
  require(advance(connection_event::open_passively));
  peer_id_ = opening.source_connection;
  sender_.on_acknowledgement(now, opening.acknowledge, opening.allocation, false);
  // Its first packet, and no other: whoever opens may not exist. What is too long may come again and end it then.
  const bool plain_data = !opening.system && !opening.attention && opening.datastream_type < close_request_type;
  if (plain_data && opening.sequence == 0 && body.size() <= config_.maximum_record)
    static_cast<void>(receiver_.on_packet(now, opening, std::move(body)));
  opening_due_ = true;
  open_until_ = now + config_.open_timeout;
}

// Both ids in every state; until a packet has carried our id the opener has the peer's still to learn. Whoever meets
// our opening without it may be anybody.
bool spp_connection::identified_by(const xns_address& source, const spp_header& header) const {
  if (fault_armed(fault::accept_wrong_connection_id)) return true;
  if (learns_peer())
    return header.destination_connection == local_id_ ||
           (header.destination_connection == 0 && header.system && source.socket == peer_.socket);
  if (source.socket != peer_.socket || header.source_connection != peer_id_) return false;
  // The peer repeats its opening until it has heard of our id. Others may open with data: it comes again.
  if (header.destination_connection == 0) return header.system || state_ == connection_state::answering;
  return header.destination_connection == local_id_;
}

void spp_connection::adopt_peer(const xns_address& source, const spp_header& header) {
  peer_.socket = source.socket;
  peer_id_ = header.source_connection;
}

void spp_connection::become_open(instant now) {
  // Karn: an opening that was repeated measures nothing.
  if (opening_repeats_ == 1) sender_.sample_round_trip(now - opening_sent_at_);
  opening_due_ = false;
  opening_at_ = open_until_ = instant::never();
  opened_ = true;
  data_at_ = now;
  notify(connection_notice::opened);
  if (receiver_.has_record()) notify(connection_notice::record);  // its opening brought one
  if (close_wanted_) close();
}

// The peer knows us.
void spp_connection::note_our_id(instant now) {
  if (state_ == connection_state::opening) {
    require(advance(connection_event::answered));
    become_open(now);
    receiver_.on_request();  // the peer learns that we know its id
  } else if (state_ == connection_state::answering) {
    require(advance(connection_event::confirmed));
    become_open(now);
  }
}

// The peer's opening, once more or while we open to it.
void spp_connection::note_opening() {
  if (state_ == connection_state::opening) {
    require(advance(connection_event::met));
    opening_due_ = true;
    opening_repeats_ = 1;  // the answer may be repeated, however often the opening was
  } else if (state_ == connection_state::answering) {
    opening_due_ = true;  // answered one for one
  } else {
    receiver_.on_request();
  }
}

result<void, drop_reason> spp_connection::on_packet(instant now, const xns_address& source, const spp_packet& arrived,
                                                    slice body) {
  const spp_header& header = arrived.header;
  if (state_ == connection_state::closed) return failure(drop_reason::no_such_connection);
  if (!identified_by(source, header)) return failure(drop_reason::wrong_connection_id);

  if (learns_peer()) adopt_peer(source, header);
  const bool carries_our_id = header.destination_connection != 0;
  if (carries_our_id) note_our_id(now);
  else note_opening();

  ++statistics_.packets_received;
  if (header.reserved != 0) ++statistics_.reserved_bits;
  // An opening that is repeated is answered, and nothing else in it counts: whoever guessed the peer's id may send it.
  if (!carries_our_id) {
    if (!header.system) return failure(drop_reason::not_acceptable_in_state);
    return {};
  }
  note_heard(now);
  const auto heard = sender_.on_acknowledgement(now, header.acknowledge, header.allocation, header.system);
  // While the window is closed and nothing is in flight any packet shows that the peer lives.
  const bool stopped = sender_.oldest() == sender_.next() && sender_.waits_for_peer();
  if (heard.progress) note_room();
  if (heard.progress || (stopped && !abandoned_)) progress_at_ = now;
  timeouts_when_heard_ = sender_.consecutive_timeouts();
  quiet_until_ = now + linger_quiet;

  if (header.system) {
    if (header.send_acknowledgement || fault_armed(fault::answer_acknowledgements)) receiver_.on_request();
    settle_close(now);
    return {};
  }
  if (state_ == connection_state::answering) return failure(drop_reason::not_acceptable_in_state);
  if (state_ == connection_state::lingering && header.datastream_type < close_request_type) {
    receiver_.on_request();  // a late duplicate; new data cannot follow the peer's close
    return failure(drop_reason::not_acceptable_in_state);
  }
  const bool had_record = receiver_.has_record();
  const std::uint16_t expected = receiver_.acknowledge();
  const auto taken = receiver_.on_packet(now, header, std::move(body));
  if (receiver_.acknowledge() != expected) {
    data_at_ = now;
    // It may have much to say before it answers our close; for how long, its application and ours decide.
    if (!sender_.waits_for_peer() && !abandoned_) progress_at_ = now;
  }
  if (!taken && taken.error() == drop_reason::record_too_long) end(end_status::record_too_long);
  if (!had_record && receiver_.has_record()) notify(connection_notice::record);
  if (header.attention && taken) notify(connection_notice::attention);
  process_closes(now);
  settle_close(now);
  return taken;
}

void spp_connection::process_closes(instant now) {
  while (const auto type = receiver_.take_close()) {
    if (*type == close_request_type) {
      if (!advance(connection_event::peer_close)) continue;
      peer_closed_ = true;
      sender_.queue_close(close_reply_type);  // follows everything accepted before
      notify(connection_notice::peer_closing);
    } else {
      reply_received_ = true;
      // An honest 255 follows the receipt of our 254, so it also acknowledges all before that.
      if (state_ != connection_state::close_requested || !sender_.only_close_outstanding()) continue;
      require(advance(connection_event::close_reply));
      asked_first_ = true;
      sender_.queue_close(close_reply_type);
      linger(now);
    }
  }
}

void spp_connection::settle_close(instant now) {
  const bool settled = sender_.everything_acknowledged() || (reply_received_ && sender_.only_close_outstanding());
  if (state_ == connection_state::close_replying && settled) {
    require(advance(connection_event::reply_settled));
    linger(now);
  } else if (state_ == connection_state::lingering && asked_first_ && sender_.everything_acknowledged()) {
    linger_until_ = now;  // the peer has our 255 too: nobody needs us any more
  }
}

void spp_connection::linger(instant now) {
  linger_until_ = now + config_.linger;
  quiet_until_ = now + linger_quiet;
  status_ = end_status::closed_gracefully;
  notify(connection_notice::ended);
}

void spp_connection::end(end_status status) {
  if (!advance(connection_event::fail)) return;
  opening_due_ = false;
  opening_at_ = open_until_ = instant::never();
  const bool told = status_ != end_status::none;  // lingering: the end was told already
  if (!told && fault_armed(fault::deliver_partial_on_failure)) receiver_.cut_record();
  receiver_.drop_unfinished();
  sender_.drop_contents();
  if (told) return;
  status_ = fault_armed(fault::claim_graceful_close) ? end_status::closed_gracefully : status;
  notify(connection_notice::ended);
}

result<void, drop_reason> spp_connection::on_error(error_number number, const spp_header& quoted) {
  const std::int64_t quoted_number = unwrap(quoted.sequence, sender_.oldest());
  const bool in_flight = quoted_number >= static_cast<std::int64_t>(sender_.oldest()) &&
                         quoted_number <= static_cast<std::int64_t>(sender_.next());
  if (quoted.source_connection != local_id_ || quoted.destination_connection != peer_id_ || !in_flight)
    return failure(drop_reason::error_quotes_nothing_of_ours);
  const bool unreachable = number == error_number::destination_unreachable || number == error_number::too_many_hops;
  const bool fatal = unreachable || number == error_number::no_such_socket ||
                     number == error_number::listener_rejects || number == error_number::protocol_violation;
  if (!fatal) return {};
  if (state_ == connection_state::opening) end(unreachable ? end_status::unreachable : end_status::refused);
  else if (!unreachable && silent_questions() >= timeouts_before_error_counts) end_refused();
  else refused_ = refused_ || !unreachable;
  return {};
}

// Errors are limited in rate and soon end: one that came is remembered until the peer is heard, and counts once as many
// retransmissions as it asks for have gone unanswered.
void spp_connection::end_refused() {
  end(only_our_reply_is_missing() ? end_status::closed_gracefully : end_status::peer_aborted);
}

bool spp_connection::exchanging() const {
  return state_ == connection_state::open || state_ == connection_state::close_requested ||
         state_ == connection_state::close_replying || state_ == connection_state::lingering;
}

spp_header spp_connection::common_header() {
  spp_header header{};
  header.source_connection = local_id_;
  header.destination_connection = peer_id_;
  header.acknowledge = receiver_.acknowledge();
  header.allocation = receiver_.allocation();
  return header;
}

outgoing_packet spp_connection::system_packet(bool ask) {
  outgoing_packet out{.header = common_header(), .body = {}};
  out.header.system = true;
  out.header.send_acknowledgement = ask;
  out.header.sequence =
      static_cast<std::uint16_t>(sender_.next() + (fault_armed(fault::number_system_packets) ? 1 : 0));
  receiver_.acknowledgement_sent();
  ++statistics_.packets_sent;
  return out;
}

std::optional<outgoing_packet> spp_connection::poll_transmit(instant now) {
  if (opening_due_) {
    opening_due_ = false;
    const duration wait = std::min(config_.initial_timeout * (std::int64_t{1} << std::min(opening_repeats_, 6)),
                                   std::max(config_.maximum_timeout, config_.initial_timeout));
    opening_sent_at_ = now;
    opening_at_ = now + wait;
    ++opening_repeats_;
    return system_packet(true);
  }
  if (!exchanging()) return std::nullopt;
  auto data = sender_.next_packet(now);
  note_waiting(now);
  if (data) {
    outgoing_packet out{.header = common_header(), .body = std::move(data->body), .body_checksum = data->body_checksum};
    out.header.send_acknowledgement = true;
    out.header.attention = data->attention;
    out.header.end_of_message = data->end_of_message;
    out.header.datastream_type = data->datastream_type;
    out.header.sequence = static_cast<std::uint16_t>(data->number);
    receiver_.acknowledgement_sent();
    ++statistics_.packets_sent;
    note_room();
    return out;
  }
  if (sender_.take_probe()) return system_packet(true);
  if (keepalive_due_) {
    keepalive_due_ = false;
    return system_packet(true);
  }
  if (receiver_.acknowledgement_due()) return system_packet(false);
  return std::nullopt;
}

// The give-up time runs while the peer owes us something, and starts anew when it begins to.
void spp_connection::note_waiting(instant now) {
  const bool owes_close = state_ == connection_state::close_requested && !sender_.held_back();
  const bool waits = owes_close || (sender_.waits_for_peer() && state_ != connection_state::lingering);
  if (waits && !waiting_) progress_at_ = now;
  waiting_ = waits;
}

// The peer has sent its 254 and acknowledged all our data: should it be gone, nothing is lost.
bool spp_connection::only_our_reply_is_missing() const {
  return state_ == connection_state::close_replying && sender_.only_close_outstanding();
}

instant spp_connection::give_up_at() const {
  return progress_at_ + (only_our_reply_is_missing() ? std::min(config_.linger, config_.give_up) : config_.give_up);
}

// Timeouts, probes and keepalives since the peer was last heard: one that answers them lives, even if it lets nothing
// go on.
int spp_connection::silent_questions() const {
  const int timeouts = sender_.consecutive_timeouts();
  return timeouts - std::min(timeouts_when_heard_, timeouts) + unanswered_keepalives_;
}

void spp_connection::note_heard(instant now) {
  heard_at_ = now;
  unanswered_keepalives_ = 0;
  refused_ = false;
  if (config_.keepalive > duration{}) keepalive_at_ = now + config_.keepalive;
}

// While something of ours is unacknowledged the retransmission timer asks anyway, and the give-up time of progress
// runs.
void spp_connection::keep_alive(instant now) {
  const instant silent_too_long = heard_at_ + config_.give_up;
  keepalive_at_ = now + std::min(config_.keepalive, config_.give_up);
  if (sender_.waits_for_peer()) return;
  // Silence counts only after a question: the peer need not say anything by itself.
  if (silent_too_long <= now && unanswered_keepalives_ > 0) return end(end_status::timed_out);
  if (silent_too_long > now) keepalive_at_ = std::min(keepalive_at_, silent_too_long);
  keepalive_due_ = true;
  ++unanswered_keepalives_;
  ++statistics_.keepalives;
}

instant spp_connection::next_deadline() const {
  instant next = std::min({opening_at_, open_until_});
  if (exchanging()) {
    next = std::min(next, sender_.next_timeout().value_or(instant::never()));
    next = std::min(next, receiver_.next_timeout().value_or(instant::never()));
    if (waiting_) next = std::min(next, give_up_at());
    if (state_ != connection_state::lingering) next = std::min(next, keepalive_at_);
  }
  if (state_ == connection_state::lingering)
    next = std::min({next, linger_until_, asked_first_ || !reply_received_ ? instant::never() : quiet_until_});
  return next;
}

void spp_connection::on_timeout(instant now) {
  if (open_until_ <= now) return end(end_status::timed_out);
  if (opening_at_ <= now) {
    opening_at_ = instant::never();
    opening_due_ = state_ == connection_state::opening || opening_repeats_ <= maximum_answer_repeats ||
                   fault_armed(fault::repeat_answer_without_end);
  }
  if (state_ == connection_state::lingering) {
    const bool quiet = !asked_first_ && reply_received_ && quiet_until_ <= now;
    if (linger_until_ <= now || quiet) {
      require(advance(connection_event::linger_over));
      receiver_.drop_unfinished();
      return;
    }
  }
  if (!exchanging()) return;
  sender_.on_timeout(now);
  receiver_.on_timeout(now);
  if (waiting_ && give_up_at() <= now)
    return end(only_our_reply_is_missing() ? end_status::closed_gracefully : end_status::timed_out);
  if (keepalive_at_ <= now && state_ != connection_state::lingering) keep_alive(now);
  if (refused_ && silent_questions() > timeouts_before_error_counts) end_refused();
}

send_status spp_connection::send(slice contents, std::uint8_t datastream_type, bool end_of_message) {
  const bool closing = close_wanted_ || status_ != end_status::none || state_ == connection_state::close_requested ||
                       state_ == connection_state::close_replying || state_ == connection_state::lingering;
  if (closing && !fault_armed(fault::data_after_close)) return send_status::closed;
  // Pieces of one record, unless the application sees packets or a stream, which have no records to be bounded.
  const bool goes_on = config_.delivery == record_delivery::records && datastream_type == open_record_type_;
  const std::size_t before = goes_on ? open_record_ : 0;
  if (contents.size() > config_.maximum_record - before) return send_status::too_big;
  if (!sender_.has_room(contents.size())) {
    blocked_ = true;
    blocked_size_ = contents.size();
    return send_status::would_block;
  }
  open_record_ = end_of_message ? 0 : before + contents.size();
  open_record_type_ = datastream_type;
  sender_.queue_record(std::move(contents), datastream_type, end_of_message);
  return send_status::accepted;
}

send_status spp_connection::send_attention(octet value) {
  if (close_wanted_ || status_ != end_status::none || (exchanging() && state_ != connection_state::open))
    return send_status::closed;
  if (!sender_.has_room_for_attention()) {
    blocked_ = true;
    return send_status::would_block;
  }
  sender_.queue_attention(value);
  return send_status::accepted;
}

void spp_connection::close() {
  close_wanted_ = true;
  if (state_ == connection_state::opening || state_ == connection_state::answering) return;  // after the opening
  if (!advance(connection_event::close)) return;
  sender_.queue_close(fault_armed(fault::close_by_reply) ? close_reply_type : close_request_type);
}

std::size_t spp_connection::stalled_octets(instant now) const {
  return now - data_at_ >= config_.give_up ? receiver_.unfinished_octets() : 0;
}

void spp_connection::give_up() { end(end_status::timed_out); }

void spp_connection::abort() { end(end_status::local_abort); }

void spp_connection::set_delivery(record_delivery wanted) {
  config_.delivery = wanted;
  const bool had_record = receiver_.has_record();
  receiver_.set_delivery(wanted);
  if (!had_record && receiver_.has_record()) notify(connection_notice::record);
}

void spp_connection::set_packet_data(std::size_t size) {
  require(size > 0);
  config_.packet_data = size;  // the sender sees it
}

connection_information spp_connection::information() const {
  return {state_,
          sender_.in_flight(),
          sender_.window(),
          sender_.permitted(),
          sender_.queued_octets(),
          receiver_.unread_packets(),
          sender_.timeout()};
}

std::optional<received_record> spp_connection::take_record() {
  auto record = receiver_.take_record();
  if (receiver_.has_record()) notify(connection_notice::record);
  return record;
}

}  // namespace seqwire
