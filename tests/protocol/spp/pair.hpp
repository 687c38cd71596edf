// Two SPP connections joined by an in-memory path with a delay, in virtual time. A test says what happens to which
// packet (the n-th that a side sends), and gets the story back as lines, one for each packet that was sent:
//   "   10 b: system 0 ack 0 alo 63"  at 10 ms b sent a system packet; a '?' behind the kind asks for an answer
// Connection ids are shown while they are not 10 -> 20 or 20 -> 10, what befell a packet behind a semicolon.
#pragma once

#include <array>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "protocol/spp/connection.hpp"

namespace seqwire::test {

enum class side : std::uint8_t { a, b };
constexpr side other(side of) { return of == side::a ? side::b : side::a; }

inline const xns_address address_a{network_number{1}, host_number{0x0a}, socket_number{3000}};
inline const xns_address address_b{network_number{1}, host_number{0x0b}, socket_number{100}};
constexpr std::uint16_t id_a = 10;
constexpr std::uint16_t id_b = 20;

inline octets pattern(std::size_t size, std::uint8_t start = 1) {
  octets result(size);
  for (std::size_t i = 0; i < size; ++i) result[i] = static_cast<octet>(start + 7 * i);
  return result;
}
inline std::string text_of(octets_view view) { return {view.begin(), view.end()}; }

inline constexpr std::array<const char*, 6> notice_names{"opened",   "record",       "attention",
                                                         "writable", "peer closing", "ended"};

/// One end: its connection, and what its application has seen.
struct pair_end {
  std::unique_ptr<spp_connection> connection;
  bool reading = true;            // false: records stay with the connection
  std::vector<std::string> told;  // notices, by name
  std::vector<received_record> records;
  std::vector<octet> attentions;
  std::uint64_t sent = 0;  // packets

  std::vector<std::string> texts() const {
    std::vector<std::string> result;
    for (const auto& record : records) result.push_back(text_of(record.flatten().view()));
    return result;
  }
  long told_times(const std::string& name) const { return std::count(told.begin(), told.end(), name); }
};

/// What becomes of a packet on its way.
struct fate {
  bool lost = false;
  bool twice = false;
  duration copy_held{};                        // the second copy, later than the first
  duration held{};                             // later than the path's delay
  std::function<void(spp_header&)> edit = {};  // changes the header on the way
};

class spp_pair {
 public:
  explicit spp_pair(const spp_config& both = {}) : spp_pair(both, both) {}
  spp_pair(const spp_config& for_a, const spp_config& for_b) : configs_{for_a, for_b} {
    a.connection = std::make_unique<spp_connection>(for_a, address_a, address_b, id_a);
  }

  pair_end a;
  pair_end b;
  duration delay = 10_ms;
  socket_number answer_socket = address_b.socket;                                    // where b answers from
  std::function<fate(side from, std::uint64_t ordinal, const spp_header&)> weather;  // after the single fates

  pair_end& at(side which) { return which == side::a ? a : b; }
  spp_connection& operator[](side which) { return *at(which).connection; }
  instant now() const { return now_; }

  // --- single fates; the first packet of each side is 1 ---
  void lose(side from, std::uint64_t ordinal) { fates_[{from, ordinal}].lost = true; }
  void duplicate(side from, std::uint64_t ordinal) { fates_[{from, ordinal}].twice = true; }
  void hold(side from, std::uint64_t ordinal, duration by) { fates_[{from, ordinal}].held = by; }
  void edit(side from, std::uint64_t ordinal, std::function<void(spp_header&)> change) {
    fates_[{from, ordinal}].edit = std::move(change);
  }
  /// Packets of this side from now on.
  void lose_next(side from, std::uint64_t how_many = 1) {
    for (std::uint64_t i = 1; i <= how_many; ++i) lose(from, at(from).sent + i);
  }

  /// Opens from a and runs until both are open.
  void open() {
    a.connection->open(now_);
    run_for(delay * 3);
    BOOST_REQUIRE((a.connection->state() == connection_state::open));
    BOOST_REQUIRE((b.connection != nullptr && b.connection->state() == connection_state::open));
    take_story();
  }
  /// Makes b an end of its own that has not heard of a.
  void make_b() {
    const xns_address local{address_b.network, address_b.host, answer_socket};
    b.connection = std::make_unique<spp_connection>(configs_[1], local, address_a, id_b);
  }

  send_status send(side from, std::string_view text, std::uint8_t type = 0) {
    return (*this)[from].send(slice::copy_of(view_of(text)), type);
  }

  void run_for(duration span) { run_until(now_ + span); }
  void run_until(instant end) {
    pump();
    for (instant next = next_event(); next <= end; next = next_event()) {
      now_ = std::max(now_, next);
      require(++steps_ < 20'000'000);
      step();
    }
    now_ = end;
    pump();
  }
  /// Runs until nothing moves any more and no timer runs, but not longer than `most`.
  void settle(duration most = 1000_s) {
    const instant end = now_ + most;
    pump();
    while (next_event() <= end) {
      now_ = std::max(now_, next_event());
      require(++steps_ < 20'000'000);
      step();
    }
    BOOST_TEST((next_event() == instant::never()), "something still moves at the end");
  }

  /// Hands a packet straight to one end, as if the other had sent it.
  result<void, drop_reason> inject(side to, const spp_header& header, octets_view data = {},
                                   std::optional<socket_number> from_socket = {}) {
    const slice body = slice::copy_of(data);
    xns_address source = to == side::a ? address_b : address_a;
    if (from_socket) source.socket = *from_socket;
    const auto outcome = (*this)[to].on_packet(now_, source, {header, body.view()}, body);
    pump();
    return outcome;
  }

  /// The packets sent since the last call, one a line.
  std::string take_story() { return std::exchange(story_, {}); }

 private:
  struct transit {
    side from;
    spp_header header;
    slice body;
  };

  instant next_event() const {
    instant next = path_.empty() ? instant::never() : path_.begin()->first.first;
    for (const pair_end* end : {&a, &b})
      if (end->connection) next = std::min(next, end->connection->next_timeout().value_or(instant::never()));
    return next;
  }

  void step() {
    while (!path_.empty() && path_.begin()->first.first <= now_) {
      const transit arrived = std::move(path_.extract(path_.begin()).mapped());
      arrive(arrived);
      pump();
    }
    for (pair_end* end : {&a, &b})
      if (end->connection && end->connection->next_timeout().value_or(instant::never()) <= now_) {
        const auto due = end->connection->next_timeout();
        end->connection->on_timeout(now_);
        pump();
        require(end->connection->next_timeout() != due || due > now_);  // a timer that never goes off the list
      }
    pump();
  }

  void arrive(const transit& packet) {
    const side to = other(packet.from);
    if (to == side::b && b.connection == nullptr) {
      if (packet.header.destination_connection != 0) return;  // nobody there
      make_b();
      b.connection->answer(now_, packet.header);
      return;
    }
    const xns_address source =
        to == side::a ? xns_address{address_b.network, address_b.host, answer_socket} : address_a;
    static_cast<void>((*this)[to].on_packet(now_, source, {packet.header, packet.body.view()}, packet.body));
  }

  void pump() {
    for (const side from : {side::a, side::b}) {
      pair_end& end = at(from);
      if (end.connection == nullptr) continue;
      do {
        while (auto packet = end.connection->poll_transmit(now_)) transmit(from, *packet);
      } while (look_at_notices(end));
    }
  }

  // True: the application did something, so that packets may have become due.
  static bool look_at_notices(pair_end& end) {
    bool did = false;
    while (const auto notice = end.connection->poll_notice()) {
      did = true;
      end.told.push_back(notice_names.at(static_cast<std::size_t>(*notice)));
      while (const auto value = end.connection->take_attention()) end.attentions.push_back(*value);
      if (!end.reading) continue;
      while (auto record = end.connection->take_record()) end.records.push_back(std::move(*record));
    }
    return did;
  }

  void transmit(side from, const outgoing_packet& packet) {
    const std::uint64_t ordinal = ++at(from).sent;
    fate becomes;
    if (const auto found = fates_.find({from, ordinal}); found != fates_.end()) becomes = found->second;
    else if (weather) becomes = weather(from, ordinal, packet.header);
    std::string line = describe(from, packet);
    if (becomes.lost) line += "; lost";
    if (becomes.twice) line += "; twice";
    if (becomes.held > duration{}) line += "; held";
    if (becomes.edit) line += "; edited";
    if (story_.size() < 100'000) story_ += line + "\n";
    if (becomes.lost) return;
    transit travelling{from, packet.header, packet.body};
    if (becomes.edit) becomes.edit(travelling.header);
    const instant arrival = now_ + delay + becomes.held;
    if (becomes.twice) path_.emplace(std::pair{arrival + becomes.copy_held, order_++}, travelling);
    path_.emplace(std::pair{arrival, order_++}, std::move(travelling));
  }

  std::string describe(side from, const outgoing_packet& packet) const {
    const spp_header& header = packet.header;
    std::string text = std::to_string(now_.nanoseconds / 1'000'000);
    text.insert(0, text.size() < 5 ? 5 - text.size() : 0, ' ');
    text += from == side::a ? " a: " : " b: ";
    if (header.system) text += header.send_acknowledgement ? "system?" : "system";
    else if (header.attention) text += "attention";
    else if (header.datastream_type >= close_request_type) text += header.datastream_type == 254 ? "254" : "255";
    else text += "data";
    text += ' ' + std::to_string(header.sequence) + " ack " + std::to_string(header.acknowledge) + " alo " +
            std::to_string(static_cast<std::int16_t>(header.allocation));
    if (!header.system && header.datastream_type < close_request_type) {
      text += " octets " + std::to_string(packet.body.size());
      if (header.datastream_type != 0) text += " type " + std::to_string(header.datastream_type);
      if (header.end_of_message) text += " end";
    }
    const bool usual = from == side::a ? header.source_connection == id_a && header.destination_connection == id_b
                                       : header.source_connection == id_b && header.destination_connection == id_a;
    if (!usual)
      text += " (" + std::to_string(header.source_connection) + " -> " + std::to_string(header.destination_connection) +
              ")";
    return text;
  }

  std::array<spp_config, 2> configs_;
  instant now_{};
  std::map<std::pair<instant, std::uint64_t>, transit> path_;  // by arrival, then by order of sending
  std::map<std::pair<side, std::uint64_t>, fate> fates_;
  std::string story_;
  std::uint64_t order_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace seqwire::test
