#include "protocol/host/spp_protocol.hpp"

#include <algorithm>

#include "protocol/host/connection_id.hpp"
#include "protocol/host/idp_output.hpp"
#include "protocol/spp/fault.hpp"

namespace seqwire {
namespace {
constexpr int maximum_id_draws = 64;
// A host that fills its share of a listener's places waits as long as this before its own oldest opening is forgotten:
// many honest openings at once are told to come again, but nobody keeps a host out by openings in its name.
constexpr duration time_to_confirm = 1_s;
// Between two connections that are ended because memory is needed.
constexpr duration room_interval = 1_s;
constexpr std::size_t classic_packet_data = 534;  // of an IDP packet of 576 octets

slice body_of(const datagram& arrived, const spp_packet& spp) {
  return arrived.contents.part(static_cast<std::size_t>(spp.data.data() - arrived.contents.data()), spp.data.size());
}

}  // namespace

spp_protocol::spp_protocol(const host_config& config, port_table& ports, routing_protocol& routing,
                           const spp_profile& profile)
    : config_(config),
      ports_(ports),
      routing_(routing),
      profile_(profile),
      sending_{.most = config.send_memory},
      memory_(std::make_shared<receive_memory>(config.receive_memory)) {
  require(idp_layout::octets + profile.octets <= packet::head_capacity && profile.octets % 2 == 0);
}
spp_protocol::~spp_protocol() = default;

result<void, drop_reason> spp_protocol::on_packet(instant now, const datagram& arrived, const idp_packet& idp) {
  const socket_number socket = idp.header.destination_socket;
  if (is_group(idp.header.destination_host)) return failure(drop_reason::no_such_socket);
  const auto spp = parse_spp(idp.data, profile_);
  const std::uint16_t id = spp ? spp->header.destination_connection : std::uint16_t{0};
  // By the id first, which nearly every packet has: that takes as long whatever else is open. None of ours is 0.
  const auto found = by_id_.find(id);
  if (found != by_id_.end()) {
    const spp_connection& connection = found->second->connection;
    // The opener's peer may answer from another socket of the same host; the connection looks at the rest.
    if (connection.local().socket == socket && connection.peer().host == idp.header.source_host)
      return hand_to(now, *found->second, arrived, idp, *spp);
  }
  if (!ports_.used(socket)) return failure(drop_reason::no_such_socket);
  if (!spp) return failure(spp.error());
  if (id == 0) return on_opening(now, arrived, idp, *spp);
  // Others than its peer are told the same whether somebody has the id or not: nobody can ask which ids are in use.
  return failure(drop_reason::no_such_connection);
}

result<void, drop_reason> spp_protocol::hand_to(instant now, entry& found, const datagram& arrived,
                                                const idp_packet& idp, const spp_packet& spp) {
  const bool half_open = found.listener && found.connection.state() == connection_state::answering;
  if (half_open && spp.header.destination_connection != 0) {
    const auto listening = listeners_.find(*found.listener);
    if (listening != listeners_.end() && listening->second.full()) return failure(drop_reason::listener_full);
  }
  const auto outcome = found.connection.on_packet(now, idp.header.source(), spp, body_of(arrived, spp));
  if (half_open && found.connection.state() != connection_state::answering) no_longer_half_open(found);
  // Its ids show that the peer got ours.
  if (outcome && found.connection.opened()) routing_.confirm(now, idp.header.source_network, arrived);
  after_change(found);
  if (!outcome && outcome.error() == drop_reason::receive_memory_full) make_room(now, *found.memory);
  return outcome;
}

// One connection at a time, and no other than one whose peer keeps it waiting inside a record.
void spp_protocol::make_room(instant now, receive_memory& in) {
  if (now - in.room_made_at < room_interval) return;
  in.room_made_at = now;
  entry* largest = nullptr;
  std::pair<std::size_t, connection_handle> most{};
  for (const auto& [handle, each] : entries_) {
    const std::pair candidate{each->connection.stalled_octets(now), handle};
    if (candidate.first == 0 || candidate <= most || each->memory.get() != &in) continue;
    most = candidate;
    largest = each.get();
  }
  if (largest == nullptr) return;
  largest->connection.give_up();
  after_change(*largest);
}

spp_protocol::entry* spp_protocol::find_opening(const xns_address& source, socket_number local,
                                                std::uint16_t source_id) {
  // An opening that repeats itself, or meets our own opening to the same address.
  const auto [first, last] = ports_.with_peer(local, {source.host, source.socket});
  for (auto candidate = first; candidate != last; ++candidate) {
    if (candidate->second->what != port_user::kind::sequenced) continue;
    entry& known = static_cast<entry&>(*candidate->second);  // listeners have no peer
    if (&known.of != this) continue;
    if (known.connection.finished() || fault_armed(fault::forget_opening)) continue;
    if (known.connection.peer_id() == source_id || known.connection.learns_peer()) return &known;
  }
  return nullptr;
}

result<void, drop_reason> spp_protocol::on_opening(instant now, const datagram& arrived, const idp_packet& idp,
                                                   const spp_packet& opening) {
  const xns_address source = idp.header.source();
  const socket_number socket = idp.header.destination_socket;
  if (entry* known = find_opening(source, socket, opening.header.source_connection))
    return hand_to(now, *known, arrived, idp, opening);
  const auto listening = listeners_.find(socket);
  if (listening == listeners_.end() || !listening->second.accepting) return failure(drop_reason::no_such_connection);
  if (!make_place(now, listening->second, source.host)) return failure(drop_reason::listener_full);
  const auto id = fresh_id(now, source);
  if (!id) return failure(drop_reason::listener_full);
  entry& added =
      add(*listening->second.config, config_.address(socket, arrived.link), source, *id, listening->second.memory);
  added.onward = {arrived.link, arrived.previous_hop};
  added.routes_seen = routing_.version();
  added.listener = socket;
  added.answered_at = now;
  listening->second.add_half_open(source.host, added.handle);
  added.connection.answer(now, opening.header, body_of(arrived, opening));
  after_change(added);
  return {};
}

// Who opens may not exist, and then its place is lost until it is forgotten. Everybody has a place but whoever has
// many.
bool spp_protocol::make_place(instant now, listener& at, host_number opener) {
  if (at.full()) return false;
  const auto own = at.half_open_by_host.find(opener);
  const std::size_t of_opener = own == at.half_open_by_host.end() ? 0 : own->second.size();
  const bool crowded = at.half_open.size() + at.waiting >= at.backlog;
  if (of_opener >= std::max<std::size_t>(config_.maximum_half_open / 2, 1) || (of_opener > 0 && crowded)) {
    const connection_handle oldest = *own->second.begin();
    if (now - entries_.at(oldest)->answered_at < time_to_confirm) return false;
    forget_half_open(at, oldest);
  } else if (at.half_open.size() >= config_.maximum_half_open) {
    forget_half_open(at, *at.half_open.begin());
  }
  return true;
}

void spp_protocol::forget_half_open(listener& at, connection_handle oldest) {
  entry& forgotten = *entries_.at(oldest);
  at.remove_half_open(forgotten.connection.peer().host, oldest);
  forgotten.connection.abort();
  make_ready(forgotten);  // gone with the next poll
}

void spp_protocol::listener::add_half_open(host_number peer, connection_handle handle) {
  half_open.insert(handle);
  half_open_by_host[peer].insert(handle);
}

bool spp_protocol::listener::remove_half_open(host_number peer, connection_handle handle) {
  if (half_open.erase(handle) == 0) return false;
  const auto of_peer = half_open_by_host.find(peer);
  of_peer->second.erase(handle);
  if (of_peer->second.empty()) half_open_by_host.erase(of_peer);
  return true;
}

result<void, drop_reason> spp_protocol::on_error(instant, const error_packet& error) {
  if (error.quoted_data.size() < profile_.octets) return failure(drop_reason::error_quotes_nothing_of_ours);
  const spp_header header = profile_.decode(error.quoted_data.data());
  const auto found = by_id_.find(header.source_connection);
  if (found == by_id_.end()) return failure(drop_reason::error_quotes_nothing_of_ours);
  entry& quoted = *found->second;
  const spp_connection& connection = quoted.connection;
  if (connection.local().socket != error.quoted.source_socket ||
      connection.peer().host != error.quoted.destination_host ||
      connection.peer().socket != error.quoted.destination_socket)
    return failure(drop_reason::error_quotes_nothing_of_ours);
  const auto outcome = quoted.connection.on_error(error.header.number, header);
  after_change(quoted);
  return outcome;
}

// Drawn until one is free; when nearly all are taken, the next free one after the last draw, so that the work has a
// bound.
std::optional<std::uint16_t> spp_protocol::fresh_id(instant now, const xns_address& peer) {
  for (; !quarantined_.empty() && quarantined_.front().first <= now; quarantined_.pop_front())
    ids_taken_.reset(quarantined_.front().second);
  if (by_id_.size() + quarantined_.size() >= 65535) return std::nullopt;
  std::uint16_t id = 0;
  for (int draw = 0; id == 0 || ids_taken_[id]; ++draw) {
    if (draw >= maximum_id_draws) {
      ++id;
      continue;
    }
    ++ids_drawn_;
    id = drawn_connection_id(config_.secret, peer,
                             fault_armed(fault::reuse_connection_id) ? ids_drawn_ % 4 : ids_drawn_);
    if (fault_armed(fault::reuse_connection_id) && id != 0 && !by_id_.contains(id)) break;
  }
  ids_taken_.set(id);
  return id;
}

// Who asks for longer records than there would be room for gets that room, and nobody else does.
std::shared_ptr<spp_protocol::receive_memory> spp_protocol::memory_for(const spp_config& config) const {
  if (config.maximum_record <= std::max(spp_config{}.maximum_record, memory_->most)) return memory_;
  return std::make_shared<receive_memory>(config.maximum_record);
}

spp_protocol::entry& spp_protocol::add(spp_config config, const xns_address& local, const xns_address& peer,
                                       std::uint16_t id, std::shared_ptr<receive_memory> memory) {
  const std::size_t mtu = config_.on(routing_.own().link_on(local.network).value_or(0)).mtu;
  const std::size_t room = (mtu - idp_layout::octets - profile_.octets) / 2 * 2;
  if (config.packet_data == 0) {
    config.packet_data = room;
    if (!routing_.is_direct(peer.network)) config.packet_data = std::min(room, classic_packet_data);
  }
  config.packet_data = std::min(config.packet_data, room);
  const connection_handle handle = ++last_handle_;
  auto made = std::make_unique<entry>(*this, handle, config, local, peer, id, std::move(memory), sending_);
  entry& added = *made;
  entries_.emplace(handle, std::move(made));
  by_id_.emplace(id, &added);
  added.port = ports_.add(local.socket, {peer.host, peer.socket}, added);
  return added;
}

bool spp_protocol::bind(socket_number socket) {
  if (ports_.taken(socket)) return false;
  listener& added = listeners_.try_emplace(socket).first->second;
  added.port = ports_.add(socket, {}, added);
  return true;
}

bool spp_protocol::listen(socket_number socket, const spp_config& config, std::size_t backlog) {
  auto found = listeners_.find(socket);
  if (found != listeners_.end() && found->second.accepting) return false;
  if (found == listeners_.end()) {
    if (!bind(socket)) return false;
    found = listeners_.find(socket);
  }
  found->second.accepting = true;
  found->second.backlog = backlog;
  if (!listened_with_ || *listened_with_ != config) listened_with_ = std::make_shared<const spp_config>(config);
  found->second.config = listened_with_;
  found->second.memory = memory_for(config);
  return true;
}

void spp_protocol::set_backlog(socket_number socket, std::size_t backlog) { listeners_.at(socket).backlog = backlog; }

void spp_protocol::accepted(socket_number socket) {
  const auto found = listeners_.find(socket);
  if (found != listeners_.end() && found->second.waiting > 0) --found->second.waiting;
}

void spp_protocol::unbind(socket_number socket) {
  const auto found = listeners_.find(socket);
  if (found == listeners_.end()) return;
  for (const connection_handle handle : found->second.half_open) {
    entry& abandoned = *entries_.at(handle);
    abandoned.connection.abort();
    make_ready(abandoned);  // forgotten by the next poll
  }
  ports_.remove(found->second.port);
  listeners_.erase(found);
}

std::optional<connection_handle> spp_protocol::connect(instant now, const xns_address& to, const spp_config& config,
                                                       std::optional<socket_number> from) {
  const auto onward = routing_.way_to(to.network, to.host);
  const auto socket = from ? from : ports_.fresh();
  if (!socket || !onward) return std::nullopt;
  const auto id = fresh_id(now, to);
  if (!id) return std::nullopt;
  entry& added = add(config, config_.address(*socket, onward->link), to, *id, memory_for(config));
  added.onward = *onward;
  added.routes_seen = routing_.version();
  added.told = true;
  added.connection.open(now);
  after_change(added);
  return added.handle;
}

spp_connection* spp_protocol::find(connection_handle handle) {
  const auto found = entries_.find(handle);
  if (found == entries_.end()) return nullptr;
  make_ready(*found->second);
  return &found->second->connection;
}

const spp_connection* spp_protocol::find(connection_handle handle) const {
  const auto found = entries_.find(handle);
  return found == entries_.end() ? nullptr : &found->second->connection;
}

std::vector<connection_handle> spp_protocol::handles() const {
  std::vector<connection_handle> all;
  all.reserve(entries_.size());
  for (const auto& [handle, each] : entries_) all.push_back(handle);
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<spp_protocol::accepting_number> spp_protocol::accepting() const {
  std::vector<accepting_number> all;
  for (const auto& [number, each] : listeners_)
    if (each.accepting) all.push_back({number, each.backlog, each.waiting, each.half_open.size()});
  return all;
}

send_status spp_protocol::send_record(connection_handle on, slice contents, std::uint8_t datastream_type) {
  return find(on)->send(std::move(contents), datastream_type);
}
std::optional<received_record> spp_protocol::take_record(connection_handle on) { return find(on)->take_record(); }
void spp_protocol::close(connection_handle which) { find(which)->close(); }
void spp_protocol::abort(connection_handle which) { find(which)->abort(); }
connection_identity spp_protocol::identity(connection_handle of) const {
  const spp_connection& found = entries_.at(of)->connection;
  return {found.local(), found.peer(), found.local_id(), found.peer_id()};
}
end_status spp_protocol::status(connection_handle of) const { return entries_.at(of)->connection.status(); }
spp_statistics spp_protocol::statistics(connection_handle of) const { return entries_.at(of)->connection.statistics(); }
connection_information spp_protocol::information(connection_handle of) const {
  return entries_.at(of)->connection.information();
}

void spp_protocol::release(connection_handle handle) {
  const auto found = entries_.find(handle);
  if (found == entries_.end()) return;
  entry& released = *found->second;
  released.released = true;
  released.connection.abandon();
  if (released.notice_position) noticed_[*std::exchange(released.notice_position, std::nullopt)] = nullptr;
  released.connection.set_delivery(record_delivery::packets);
  discard_input(released);
  make_ready(released);  // forgotten by the next poll if it is finished
}

std::optional<host_event> spp_protocol::poll_event() {
  for (; !noticed_.empty(); noticed_.pop_front()) {
    entry* const first = noticed_.front();
    if (first == nullptr) continue;
    if (const auto notice = first->connection.poll_notice()) return host_event{first->handle, *notice, first->listener};
    first->notice_position.reset();
  }
  return std::nullopt;
}

void spp_protocol::make_ready(entry& changed) {
  if (changed.ready) return;
  changed.ready = true;
  ready_.push_back(&changed);
}

// A connection waits here once, however much it has to tell: an application that never asks costs no memory.
void spp_protocol::note_notices(entry& changed) {
  changed.told = changed.told || changed.connection.opened();
  if (changed.released) return discard_input(changed);
  if (!changed.told || changed.notice_position || !changed.connection.has_notice()) return;
  changed.notice_position = noticed_.end();
  noticed_.push_back(&changed);
}

// Nobody reads it any more, and a peer whose data found no room could never finish.
void spp_protocol::discard_input(entry& released) {
  while (released.connection.take_record()) continue;
  while (released.connection.take_attention()) continue;
}

void spp_protocol::after_change(entry& changed) {
  note_notices(changed);
  deadlines_.set(&changed, changed.connection.next_timeout().value_or(instant::never()));
  make_ready(changed);
}

void spp_protocol::no_longer_half_open(const entry& changed) {
  const auto listening = listeners_.find(*changed.listener);
  if (listening == listeners_.end()) return;
  if (!listening->second.remove_half_open(changed.connection.peer().host, changed.handle)) return;
  if (changed.connection.opened()) ++listening->second.waiting;
}

void spp_protocol::remove(instant now, entry& finished) {
  deadlines_.remove(&finished);
  if (finished.notice_position) noticed_[*finished.notice_position] = nullptr;
  if (finished.listener) no_longer_half_open(finished);
  // An id that was only ever offered rests by nobody: openings that nobody confirms would use all of them up.
  const bool offered_only = finished.listener && !finished.connection.opened();
  if (offered_only) ids_taken_.reset(finished.connection.local_id());
  else quarantined_.emplace_back(now + config_.id_quarantine, finished.connection.local_id());
  by_id_.erase(finished.connection.local_id());
  ports_.remove(finished.port);
  entries_.erase(finished.handle);
}

void spp_protocol::fill(packet& out, const entry& from, const outgoing_packet& what) const {
  const spp_connection& connection = from.connection;
  const idp_header header{.checksum = 0,
                          .length = 0,
                          .transport_control = 0,
                          .packet_type = profile_.packet_type,
                          .destination_network = connection.peer().network,
                          .destination_host = connection.peer().host,
                          .destination_socket = connection.peer().socket,
                          .source_network = connection.local().network,
                          .source_host = connection.local().host,
                          .source_socket = connection.local().socket};
  out.link = from.onward.link;
  out.next_hop = from.onward.next_hop;
  out.mark = congestion_mark::not_capable;
  out.head_size = static_cast<std::uint8_t>(idp_layout::octets + profile_.octets);
  profile_.encode(what.header, out.head.data() + idp_layout::octets);
  out.body = what.body;
  const bool wrong = fault_armed(fault::send_bad_checksum) && what.header.sequence % 7 == 3;
  complete_idp(out, header, wrong ? static_cast<std::uint16_t>(what.body_checksum + 1) : what.body_checksum);
}

// To a network beyond routers goes whatever way they told us last; while nobody knows one, the last one known.
void spp_protocol::follow_routes(entry& sends) const {
  sends.routes_seen = routing_.version();
  const xns_address& peer = sends.connection.peer();
  if (routing_.is_direct(peer.network)) return;
  // An arrival that nobody confirmed turns no connection.
  if (const auto onward = routing_.way_to(peer.network, peer.host, evidence::confirmed)) sends.onward = *onward;
}

std::size_t spp_protocol::poll_transmit(instant now, std::span<packet> out) {
  std::size_t filled = 0;
  while (filled < out.size() && !ready_.empty()) {
    entry& next = *ready_.front();
    if (next.routes_seen != routing_.version()) follow_routes(next);
    while (filled < out.size()) {
      const auto produced = next.connection.poll_transmit(now);
      if (!produced) break;
      fill(out[filled++], next, *produced);
    }
    note_notices(next);
    if (filled == out.size()) break;  // it may have more; it stays first
    ready_.pop_front();
    next.ready = false;
    deadlines_.set(&next, next.connection.next_timeout().value_or(instant::never()));
    if (next.connection.finished() && (next.released || !next.told) && !fault_armed(fault::keep_finished_connections))
      remove(now, next);
  }
  return filled;
}

std::optional<instant> spp_protocol::next_timeout() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.earliest();
}

void spp_protocol::on_timeout(instant now) {
  while (!deadlines_.empty() && deadlines_.earliest() <= now) {
    entry& due = *deadlines_.front();
    due.connection.on_timeout(now);
    deadlines_.remove(&due);  // set again below or, with what it has to send, by poll_transmit
    after_change(due);
    if (due.deadline_position != deadline_queue_absent && deadlines_.earliest() <= now) break;
  }
}

}  // namespace seqwire
