// One SPP connection: ids, opening, closing, giving up; the sender and the receiver do the rest. It is told packets
// that the host has parsed and matched by address, and the time; it is asked for packets, a deadline, events and
// records. SPP's semantics: section 4.2 and 5 of the protocol sheet; states in state.hpp.
#pragma once

#include <optional>
#include <string_view>

#include "protocol/spp/receiver.hpp"
#include "protocol/spp/sender.hpp"
#include "protocol/spp/state.hpp"
#include "protocol/wire/error.hpp"

namespace seqwire {

/// What became of send(); unless it says accepted, nothing was queued.
enum class send_status : std::uint8_t { accepted, would_block, too_big, closed };

/// How a connection ended; exactly one for each connection.
enum class end_status : std::uint8_t {
  none,               // it has not
  closed_gracefully,  // both ends said they were done, and everything was delivered
  peer_aborted,       // a validated Error said that the peer knows the connection no more
  refused,            // the opening was answered by an Error
  timed_out,          // no progress for the give-up time
  local_abort,
  unreachable,  // a validated Error said so while opening
  record_too_long,
};
std::string_view name_of(end_status status);  // as journals and the command write it

/// What happened; each is told once, records and attentions by "there is at least one to take". Nothing is told after
/// `ended`; records that arrived before can still be taken.
enum class connection_notice : std::uint8_t { opened, record, attention, writable, peer_closing, ended };

/// A connection at one moment: the equal of TCP's tcp_info, with statistics() for what has happened so far.
struct connection_information {
  connection_state state{};         // protocol/spp/state.hpp
  packet_count in_flight = 0;       // sent and not acknowledged
  packet_count window = 0;          // that congestion control permits
  packet_count permitted = 0;       // that the peer's allocation permits
  std::size_t queued_octets = 0;    // not sent yet
  packet_count unread_packets = 0;  // in order, and not taken by the application
  duration timeout{};               // of the next retransmission, backed off
};

/// A packet as the connection wants it sent; the host adds the IDP header.
struct outgoing_packet {
  spp_header header{};              // complete
  slice body;                       // shared with the record
  std::uint16_t body_checksum = 0;  // its contribution, as at the packet's end (checksum.hpp)
};

/// One end of a connection. It does nothing by itself: ask for packets and the deadline after each call.
class spp_connection {
 public:
  /// What it holds of what arrived and of what is to be sent is counted in the two memories, which outlive it, and
  /// bounded by them.
  spp_connection(const spp_config& config, const xns_address& local, const xns_address& peer, std::uint16_t local_id,
                 connection_memory* receiving = nullptr, connection_memory* sending = nullptr);
  spp_connection(const spp_connection&) = delete;  // its halves refer to its configuration and statistics
  spp_connection& operator=(const spp_connection&) = delete;

  // --- opening ---
  /// Opens to the peer: the first packet is ready.
  void open(instant now);
  /// Answers the peer's opening packet, and keeps what data it brought (protocol sheet 5.2) until the peer is known to
  /// exist.
  void answer(instant now, const spp_header& opening, slice body = {});

  // --- what arrives ---
  /// A packet whose addresses fit: local socket, peer host and, unless opening, peer socket.
  result<void, drop_reason> on_packet(instant now, const xns_address& source, const spp_packet& arrived, slice body);
  /// An Error whose quoted addresses fit. Refused unless the quoted ids and number are of a packet in flight.
  result<void, drop_reason> on_error(error_number number, const spp_header& quoted);

  // --- what leaves ---
  /// The next packet that may leave now, or nothing. What it returned counts as sent.
  std::optional<outgoing_packet> poll_transmit(instant now);
  /// As engine's.
  std::optional<instant> next_timeout() const {
    const instant next = next_deadline();
    if (next == instant::never()) return std::nullopt;
    return next;
  }
  void on_timeout(instant now);  // as engine's

  // --- the application ---
  /// Queues one record, or a part of one that what is sent next goes on with. Would-block is followed by `writable`;
  /// too_big and closed change nothing. Up to packet_data() octets travel in one packet.
  send_status send(slice contents, std::uint8_t datastream_type = 0, bool end_of_message = true);
  /// Queues one octet that goes ahead of everything queued. Would-block as above.
  send_status send_attention(octet value);
  /// Nothing more will be sent: the close request follows what was accepted. Receiving goes on.
  void close();
  /// Ends at once; the peer is not told (SPP has no reset).
  void abort();
  /// Nobody reads any more or waits for the end: from now on the give-up time runs while the peer acknowledges nothing
  /// new, whatever else it sends.
  void abandon() { abandoned_ = true; }
  /// Octets of a record of which nothing has come for the give-up time; 0: there are none, or it grows.
  std::size_t stalled_octets(instant now) const;
  /// Its peer keeps it waiting, and its memory is needed: ends as timed out.
  void give_up();
  /// The next whole record in order, or packet's part of one; nothing: none has come. Taking it makes room for the
  /// peer.
  std::optional<received_record> take_record();
  /// So many records behind the next one, or nullptr.
  const received_record* record(std::size_t ahead) const { return receiver_.record(ahead); }
  const received_record* next_record() const { return record(0); }  // what take_record() would give, or nullptr
  /// From the next take_record() on.
  void set_delivery(record_delivery wanted);
  /// Of the last packet that came into order; nothing before the first (SO_LAST_HEADER, protocol sheet 7.2).
  const std::optional<spp_header>& last_header() const { return receiver_.last_header(); }
  std::size_t packet_data() const { return config_.packet_data; }  // octets of data in a full packet
  /// Of packets cut from now on; at least 1.
  void set_packet_data(std::size_t size);
  /// The oldest that has not been taken; it counts as soon as its packet arrives, ahead of records.
  std::optional<octet> take_attention() { return receiver_.take_attention(); }
  std::optional<octet> next_attention() const { return receiver_.next_attention(); }  // and leaves it there
  bool has_attention() const { return receiver_.has_attention(); }  // take_attention() would give something
  /// send() would take something: what it refused last, if it did.
  bool has_room() const { return !blocked_ && sender_.has_room(1); }
  std::optional<connection_notice> poll_notice();    // the next one not yet told
  bool has_notice() const { return notices_ != 0; }  // poll_notice() would give something

  connection_state state() const { return state_; }  // as of the last call
  /// It opens, and no packet has carried its id yet: who the peer is is not certain.
  bool learns_peer() const {
    return state_ == connection_state::opening || (state_ == connection_state::answering && opener_);
  }
  /// It was open once, whatever has become of it.
  bool opened() const { return opened_; }
  end_status status() const { return status_; }  // none while it has not ended
  /// Nothing more will ever be sent or answered: the host may forget the connection.
  bool finished() const { return state_ == connection_state::closed && status_ != end_status::none; }
  const xns_address& local() const { return local_; }  // ours, with the socket's number
  const xns_address& peer() const { return peer_; }  // its socket may change until the first packet that carries our id
  std::uint16_t local_id() const { return local_id_; }              // never 0
  std::uint16_t peer_id() const { return peer_id_; }                // 0 while it is not known
  const spp_statistics& statistics() const { return statistics_; }  // up to now
  /// What it is doing now, for people who watch.
  connection_information information() const;
  /// close() was called.
  bool closing() const { return close_wanted_; }
  /// The peer has nothing more to send, and everything it sent can be taken.
  bool peer_closed() const { return peer_closed_; }

 private:
  bool identified_by(const xns_address& source, const spp_header& header) const;
  void adopt_peer(const xns_address& source, const spp_header& header);
  bool advance(connection_event event);
  void note_our_id(instant now);
  void note_opening();
  void become_open(instant now);
  void process_closes(instant now);
  void settle_close(instant now);
  void linger(instant now);
  void end(end_status status);
  void end_refused();
  void notify(connection_notice notice);
  void note_room();
  outgoing_packet system_packet(bool ask);
  spp_header common_header();
  bool exchanging() const;
  void note_waiting(instant now);
  void note_heard(instant now);
  void keep_alive(instant now);
  bool only_our_reply_is_missing() const;
  int silent_questions() const;
  instant give_up_at() const;
  instant next_deadline() const;

  spp_config config_;
  xns_address local_;
  xns_address peer_;
  std::uint16_t local_id_;
  std::uint16_t peer_id_ = 0;
  connection_state state_ = connection_state::closed;
  end_status status_ = end_status::none;
  spp_statistics statistics_;
  spp_sender sender_;
  spp_receiver receiver_;

  bool opener_ = false;       // open() was called, not answer()
  bool opening_due_ = false;  // an opening packet or its answer should leave
  int opening_repeats_ = 0;
  instant opening_sent_at_{};
  instant opening_at_ = instant::never();  // when to repeat it
  instant open_until_ = instant::never();
  instant progress_at_{};  // the peer last moved something on; counts while it owes us something
  bool waiting_ = false;   // it does
  instant heard_at_{};
  instant data_at_{};            // something last came into order
  std::size_t open_record_ = 0;  // octets sent of a record whose end is not, and its datastream type
  std::uint8_t open_record_type_ = 0;
  instant keepalive_at_ = instant::never();
  bool keepalive_due_ = false;
  int unanswered_keepalives_ = 0;
  bool refused_ = false;         // an Error said that the peer is no more, and nothing was heard since
  int timeouts_when_heard_ = 0;  // consecutive ones
  instant linger_until_ = instant::never();
  instant quiet_until_ = instant::never();
  bool asked_first_ = false;  // we sent the 254 and got its 255
  bool reply_received_ = false;
  bool close_wanted_ = false;
  bool blocked_ = false;          // the application was told would-block
  std::size_t blocked_size_ = 0;  // for a record of this size
  std::uint32_t notices_ = 0;     // a bit for each connection_notice not yet told
  bool end_told_ = false;
  bool abandoned_ = false;
  bool opened_ = false;
  bool peer_closed_ = false;
};

}  // namespace seqwire
