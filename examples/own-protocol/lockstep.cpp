#include "lockstep.hpp"

#include <algorithm>

#include "protocol/host/idp_output.hpp"

namespace lockstep {
namespace {

constexpr std::uint8_t close_request = 254, close_reply = 255;

// How far `number` lies behind `reference`, in 16 bits that wrap.
int distance(std::uint16_t number, std::uint16_t reference) {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(number - reference));
}

}  // namespace

// --- what arrives ---

result<void, drop_reason> engine::on_packet(instant now, const datagram& arrived, const idp_packet& idp) {
  if (idp.data.size() < layout::octets) return failure(drop_reason::spp_header_too_short);
  const header head = layout::decode(idp.data.data());
  const std::size_t size = idp.data.size() - layout::octets;
  if (head.source == 0) return failure(drop_reason::source_connection_zero);
  if (head.control && size > 0) return failure(drop_reason::system_packet_with_data);
  if (!head.control && head.type >= close_request && size > 0) return failure(drop_reason::close_with_data);

  connection* known = find(head, idp.header);
  if (known == nullptr && head.destination == 0 && head.control) {
    const auto listening = numbers_.find(idp.header.destination_socket);
    if (listening == numbers_.end() || !listening->second.accepts) return failure(drop_reason::no_such_socket);
    known = &add(host_.address(listening->first, arrived.link), idp.header.source(), listening->second.config,
                 {arrived.link, arrived.previous_hop});
    known->who.peer_id = head.source;
    known->listener = listening->first;
    known->control_due = true;
    return {};
  }
  if (known == nullptr) return failure(drop_reason::no_such_connection);
  if (known->finished) return failure(drop_reason::no_such_connection);
  if (head.destination == 0) {  // the opening again: our answer was lost
    known->control_due = true;
    return {};
  }
  if (!known->opened) {
    known->opened = true;
    known->who.peer_id = head.source;
    known->who.peer = idp.header.source();
    known->send_at = known->given_up = instant::never();
    known->attempts = 0;
    known->control_due = !known->listener;  // so that the other side knows, too
    tell(*known, connection_notice::opened);
  }
  ++known->counted.packets_received;
  on_acknowledgement(now, *known, head.expected);
  if (!head.control) on_data(now, *known, head, arrived.contents.part(idp_layout::octets + layout::octets, size));
  else if (head.answer_wanted) known->control_due = true;
  return {};
}

// By our id; an opening, which cannot have it, by the other side's address and id.
engine::connection* engine::find(const header& arrived, const idp_header& idp) {
  for (auto& [handle, each] : connections_) {
    if (each.who.local.socket != idp.destination_socket || each.who.peer.host != idp.source_host) continue;
    const bool ids_fit =
        arrived.destination == each.who.local_id && (!each.opened || arrived.source == each.who.peer_id);
    const bool opens_again = arrived.destination == 0 && each.listener && arrived.source == each.who.peer_id &&
                             idp.source_socket == each.who.peer.socket;
    if (ids_fit || opens_again) return &each;
  }
  return nullptr;
}

void engine::on_acknowledgement(instant now, connection& of, std::uint16_t expected) {
  if (of.queue.empty() || of.attempts == 0 || expected != static_cast<std::uint16_t>(of.number + 1)) return;
  if (of.attempts == 1) of.trip.sample(now - of.first_sent);  // of a repeated packet nobody knows which was answered
  of.trip.reset_backoff();
  const bool replied = of.queue.front().type == close_reply;
  of.queue.pop_front();
  ++of.number;
  of.attempts = 0;
  of.given_up = instant::never();
  if (replied) return end(of, end_status::closed_gracefully);
  tell(of, connection_notice::writable);
  begin_sending(now, of);
}

void engine::on_data(instant now, connection& to, const header& arrived, slice body) {
  to.control_due = true;
  if (distance(arrived.number, to.expected) != 0) return;  // an old one: it is only acknowledged again
  ++to.expected;
  if (arrived.type == close_request) {
    tell(to, connection_notice::peer_closing);
    to.queue.push_back({{}, close_reply, true});
    return begin_sending(now, to);
  }
  if (arrived.type == close_reply) {
    to.linger_until = now + to.config.linger;
    return end(to, end_status::closed_gracefully);
  }
  to.assembling.size += body.size();
  if (to.assembling.size > to.config.maximum_record) return end(to, end_status::record_too_long);
  to.assembling.pieces.push_back(std::move(body));
  ++to.assembling.packets;
  if (!arrived.last) return;
  to.assembling.datastream_type = arrived.type;
  ++to.counted.records_delivered;
  to.counted.octets_delivered += to.assembling.size;
  to.records.push_back(std::exchange(to.assembling, {}));
  tell(to, connection_notice::record);
}

// Nobody is believed: a quotation is easily forged, and silence ends a connection as well.
result<void, drop_reason> engine::on_error(instant, const error_packet&) {
  return failure(drop_reason::error_quotes_nothing_of_ours);
}

// --- time ---

std::optional<instant> engine::next_timeout() const {
  instant next = instant::never();
  for (const auto& [handle, each] : connections_)
    next = std::min({next, each.send_at, each.given_up,
                     each.status == end_status::none || each.finished ? instant::never() : each.linger_until});
  if (next == instant::never()) return std::nullopt;
  return next;
}

void engine::on_timeout(instant now) {
  for (auto each = connections_.begin(); each != connections_.end();) {
    connection& of = each->second;
    if (of.given_up <= now) end(of, end_status::timed_out);
    of.finished = of.status != end_status::none && of.linger_until <= now;
    if (of.finished && of.released) each = connections_.erase(each);
    else ++each;
  }
}

// --- what leaves ---

packet engine::make_packet(const connection& from, bool control) const {
  header head{};
  head.source = from.who.local_id;
  head.destination = from.who.peer_id;
  head.number = from.number;
  if (control && from.opened && from.attempts > 0) ++head.number;  // the next one, behind the one under way
  head.expected = head.permitted = from.expected;
  head.control = control;
  packet out;
  if (control) {
    head.answer_wanted = !from.opened && !from.listener;
  } else {
    const piece& front = from.queue.front();
    head.type = front.type;
    head.last = front.last;
    head.answer_wanted = true;
    out.body = front.contents;
  }
  out.link = from.onward.link;
  out.next_hop = from.onward.next_hop;
  out.head_size = idp_layout::octets + layout::octets;
  layout::encode(head, out.head.data() + idp_layout::octets);
  idp_header idp{};
  idp.packet_type = lockstep::packet_type;
  idp.destination_network = from.who.peer.network;
  idp.destination_host = from.who.peer.host;
  idp.destination_socket = from.who.peer.socket;
  idp.source_network = from.who.local.network;
  idp.source_host = from.who.local.host;
  idp.source_socket = from.who.local.socket;
  complete_idp(out, idp, checksum_contribution(out.body.view(), 0));
  return out;
}

std::size_t engine::poll_transmit(instant now, std::span<packet> out) {
  std::size_t filled = 0;
  for (auto& [handle, each] : connections_) {
    if (filled == out.size()) break;
    if (each.send_at <= now && each.status == end_status::none) {
      out[filled++] = make_packet(each, !each.opened);
      each.control_due = false;  // every packet acknowledges
      if (each.attempts++ == 0) {
        each.first_sent = now;
        each.given_up = now + (each.opened ? each.config.give_up : each.config.open_timeout);
      } else {
        each.trip.back_off();
        each.counted.retransmissions += each.opened;
      }
      each.counted.data_packets_sent += each.opened;
      ++each.counted.packets_sent;
      each.send_at = now + each.trip.timeout();
    } else if (each.control_due) {
      out[filled++] = make_packet(each, true);
      each.control_due = false;
      ++each.counted.packets_sent;
    }
  }
  return filled;
}

// --- records ---

engine::held_number* engine::hold(socket_number number) {
  if (host_.ports().taken(number)) return nullptr;
  held_number& held = numbers_[number];
  host_.ports().add(number, {}, held);
  return &held;
}

bool engine::listen(socket_number socket, const spp_config& config, std::size_t) {
  held_number* const held = hold(socket);
  if (held == nullptr) return false;
  held->accepts = true;
  held->config = config;
  return true;
}

engine::connection& engine::add(const xns_address& local, const xns_address& peer, const spp_config& config,
                                way onward) {
  if (last_id_ == 0) last_id_ = static_cast<std::uint16_t>(host_.unpredictable());
  do ++last_id_;
  while (last_id_ == 0);
  connection& added = connections_[++last_handle_];
  added.handle = last_handle_;
  added.who = {local, peer, last_id_, 0};
  added.config = config;
  added.onward = onward;
  added.trip = round_trip_estimator(config);
  if (config.packet_data == 0) added.config.packet_data = host_.largest_packet_data();
  return added;
}

std::optional<connection_handle> engine::connect(instant now, const xns_address& to, const spp_config& config,
                                                 std::optional<socket_number> from) {
  const auto number = from ? from : host_.fresh_socket();
  const auto onward = host_.routing().way_to(to.network, to.host);
  if (!number || !onward || hold(*number) == nullptr) return std::nullopt;
  connection& added = add(host_.address(*number, onward->link), to, config, *onward);
  added.send_at = now;
  return added.handle;
}

std::optional<host_event> engine::poll_event() {
  while (!events_.empty()) {
    const host_event first = events_.front();
    events_.pop_front();
    const auto found = connections_.find(first.connection);
    if (found != connections_.end() && !found->second.released) return first;
  }
  return std::nullopt;
}

send_status engine::send_record(connection_handle on, slice contents, std::uint8_t type) {
  connection& to = connections_.at(on);
  if (to.close_asked || to.status != end_status::none) return send_status::closed;
  if (contents.size() > to.config.maximum_record) return send_status::too_big;
  if (!to.queue.empty()) return send_status::would_block;  // one record at a time: simple, and slow
  std::size_t from = 0;
  do {
    const std::size_t size = std::min(to.config.packet_data, contents.size() - from);
    to.queue.push_back({contents.part(from, size), type, from + size == contents.size()});
    from += size;
  } while (from < contents.size());
  ++to.counted.records_sent;
  to.counted.octets_sent += contents.size();
  begin_sending(instant{}, to);
  return send_status::accepted;
}

// What is due now leaves with the next poll_transmit(); instant{} lies before every "now".
void engine::begin_sending(instant now, connection& on) {
  on.send_at = on.queue.empty() || !on.opened ? instant::never() : now;
}

std::optional<received_record> engine::take_record(connection_handle on) {
  connection& from = connections_.at(on);
  if (from.records.empty()) return std::nullopt;
  received_record first = std::move(from.records.front());
  from.records.pop_front();
  return first;
}

void engine::close(connection_handle which) {
  connection& closing = connections_.at(which);
  if (std::exchange(closing.close_asked, true) || closing.status != end_status::none) return;
  closing.queue.push_back({{}, close_request, true});
  if (closing.attempts == 0) begin_sending(instant{}, closing);
}

void engine::release(connection_handle which) {
  connections_.at(which).released = true;
  if (connections_.at(which).finished) connections_.erase(which);
}

void engine::end(connection& which, end_status how) {
  if (which.status != end_status::none) return;
  which.status = how;
  which.queue.clear();
  which.send_at = which.given_up = instant::never();
  tell(which, connection_notice::ended);
}

}  // namespace lockstep
