#include "protocol/host/host.hpp"

#include <algorithm>

#include "protocol/spp/fault.hpp"
#include "protocol/wire/checksum.hpp"

namespace seqwire {
namespace {

constexpr std::uint16_t first_ephemeral = 3000;  // as 4.3BSD
constexpr socket_number never_ephemeral{3004};   // Wireshark hands its data to the SMB dissector
constexpr std::size_t maximum_waiting_errors = 64;
constexpr duration error_interval = 250_ms;  // between Errors to one peer host, in the long run
constexpr int error_burst = 4;
constexpr int maximum_id_draws = 64;

}  // namespace

host::host(const host_config& config) : config_(config) { require(!is_group(config.host)); }
host::~host() = default;

void host::on_datagram(instant now, const datagram& arrived) {
  ++statistics_.received;
  const auto accepted = accept(now, arrived);
  if (accepted) {
    ++statistics_.accepted;
    return;
  }
  if (!fault_armed(fault::miscount_drops)) statistics_.drops.count(accepted.error());
  answer_with_error(now, arrived, accepted.error());
}

result<void, drop_reason> host::accept(instant now, const datagram& arrived) {
  const auto policy = fault_armed(fault::accept_bad_checksum) ? checksum_policy::ignore : checksum_policy::enforce;
  const auto idp = parse_idp(arrived.contents.view(), policy);
  if (!idp) return failure(idp.error());
  const idp_header& header = idp->header;
  const bool our_network = header.destination_network == config_.network ||
                           header.destination_network == local_network || header.destination_network == all_networks;
  if (!our_network || (header.destination_host != config_.host && header.destination_host != broadcast_host))
    return failure(drop_reason::not_for_this_host);
  if (is_group(header.source_host)) return failure(drop_reason::source_is_group);
  if (header.source_host == config_.host) return failure(drop_reason::source_is_self);
  switch (header.packet_type) {
    case packet_type::sequenced_packet: return accept_spp(now, arrived, *idp);
    case packet_type::error: return accept_error(*idp);
    default: break;
  }
  return failure(socket_bound(header.destination_socket) ? drop_reason::unsupported_packet_type
                                                         : drop_reason::no_such_socket);
}

result<void, drop_reason> host::accept_spp(instant now, const datagram& arrived, const idp_packet& idp) {
  const socket_number socket = idp.header.destination_socket;
  if (is_group(idp.header.destination_host) || !socket_bound(socket)) return failure(drop_reason::no_such_socket);
  const auto spp = parse_spp(idp.data);
  if (!spp) return failure(spp.error());
  const std::uint16_t id = spp->header.destination_connection;
  if (id == 0) return accept_opening(now, arrived, idp, *spp);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return failure(drop_reason::no_such_connection);
  const spp_connection& connection = found->second->connection;
  // The opener's peer may answer from another socket of the same host; the connection looks at the rest.
  if (connection.local().socket != socket || connection.peer().host != idp.header.source_host)
    return failure(drop_reason::wrong_connection_id);
  return hand_to(now, *found->second, arrived, idp, *spp);
}

result<void, drop_reason> host::hand_to(instant now, entry& found, const datagram& arrived, const idp_packet& idp,
                                        const spp_packet& spp) {
  const bool half_open = found.connection.state() == connection_state::answering;
  const slice body =
      arrived.contents.part(static_cast<std::size_t>(spp.data.data() - arrived.contents.data()), spp.data.size());
  const auto outcome = found.connection.on_packet(now, idp.header.source(), spp, body);
  if (half_open && found.connection.state() != connection_state::answering && found.listener)
    --listeners_.at(*found.listener).half_open;
  after_change(found);
  return outcome;
}

host::entry* host::find_opening(const xns_address& source, socket_number local, std::uint16_t source_id) {
  // An opening that repeats itself, or meets our own opening to the same address.
  const auto [first, last] = by_peer_.equal_range({local, source.host, source.socket});
  for (auto candidate = first; candidate != last; ++candidate) {
    const spp_connection& connection = candidate->second->connection;
    if (connection.finished() || fault_armed(fault::forget_opening)) continue;
    if (connection.peer_id() == source_id || connection.state() == connection_state::opening) return candidate->second;
  }
  return nullptr;
}

result<void, drop_reason> host::accept_opening(instant now, const datagram& arrived, const idp_packet& idp,
                                               const spp_packet& opening) {
  const xns_address source = idp.header.source();
  const socket_number socket = idp.header.destination_socket;
  if (entry* known = find_opening(source, socket, opening.header.source_connection))
    return hand_to(now, *known, arrived, idp, opening);
  const auto listening = listeners_.find(socket);
  if (listening == listeners_.end()) return failure(drop_reason::no_such_connection);
  if (listening->second.half_open >= config_.maximum_half_open) return failure(drop_reason::listener_full);
  const auto id = fresh_id(now, source);
  if (!id) return failure(drop_reason::listener_full);
  entry& added = add(listening->second.config, address(socket), source, *id);
  added.link = arrived.link;
  added.next_hop = arrived.previous_hop;
  added.listener = socket;
  ++listening->second.half_open;
  added.connection.answer(now, opening.header);
  after_change(added);
  return {};
}

result<void, drop_reason> host::accept_error(const idp_packet& idp) {
  const auto error = parse_error(idp.data);
  if (!error) return failure(error.error());
  // Errors come to any socket; the quoted packet says whose it was.
  const idp_header& quoted = error->quoted;
  if (quoted.packet_type != packet_type::sequenced_packet || quoted.source_host != config_.host ||
      error->quoted_data.size() < spp_layout::octets)
    return failure(drop_reason::error_quotes_nothing_of_ours);
  const std::uint16_t id = spp_layout::decode(error->quoted_data.data()).source_connection;
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return failure(drop_reason::error_quotes_nothing_of_ours);
  entry& quoted_entry = *found->second;
  const spp_connection& connection = quoted_entry.connection;
  if (connection.local().socket != quoted.source_socket || connection.peer().host != quoted.destination_host ||
      connection.peer().socket != quoted.destination_socket)
    return failure(drop_reason::error_quotes_nothing_of_ours);
  const auto outcome = quoted_entry.connection.on_error(error->header.number, error->quoted_data);
  after_change(quoted_entry);
  return outcome;
}

// At most a few Errors to one host, by buckets that an outsider cannot choose: nobody learns from the limit what others
// received, and nobody is drowned.
bool host::error_permitted(instant now, host_number to) {
  octet text[8];
  store_u64(text, static_cast<std::uint64_t>(to));
  instant& busy_until = error_buckets_[keyed_hash(config_.secret, text) % error_buckets_.size()];
  busy_until = std::max(busy_until, now);
  if (busy_until - now > error_interval * (error_burst - 1)) return false;
  busy_until += error_interval;
  return true;
}

void host::answer_with_error(instant now, const datagram& offending, drop_reason why) {
  error_number number;
  switch (why) {
    case drop_reason::no_such_socket:
    case drop_reason::no_such_connection: number = error_number::no_such_socket; break;
    case drop_reason::unsupported_packet_type: number = error_number::invalid_packet_type; break;
    case drop_reason::listener_full: number = error_number::resource_limit; break;
    default: return;  // an attack, an accident or our own recovery: an answer helps nobody
  }
  const auto idp = parse_idp(offending.contents.view());
  if (!idp || is_group(idp->header.destination_host) || idp->header.packet_type == packet_type::error) return;
  if (errors_.size() >= maximum_waiting_errors || !error_permitted(now, idp->header.source_host)) {
    ++statistics_.errors_suppressed;
    return;
  }
  octets body(error_layout::octets);
  error_layout::encode({number, 0}, body.data());
  octets quoted(idp->whole.begin(), idp->whole.end());
  quoted.resize(quoted_octets);
  body.insert(body.end(), quoted.begin(), quoted.end());
  idp_header header{};
  header.packet_type = packet_type::error;
  header.destination_network = idp->header.source_network;
  header.destination_host = idp->header.source_host;
  header.destination_socket = idp->header.source_socket;
  header.source_network = config_.network;
  header.source_host = config_.host;
  header.source_socket = idp->header.destination_socket;
  octets whole;
  append_idp(whole, header, body);
  packet out;
  out.link = offending.link;
  out.next_hop = offending.previous_hop;
  out.body = slice::owning(std::move(whole));
  errors_.push_back(std::move(out));
  ++statistics_.errors_sent;
}

// Drawn until one is free; when nearly all are taken, the next free one after the last draw, so that the work has a
// bound.
std::optional<std::uint16_t> host::fresh_id(instant now, const xns_address& peer) {
  for (; !quarantined_.empty() && quarantined_.front().first <= now; quarantined_.pop_front())
    ids_taken_.reset(quarantined_.front().second);
  if (by_id_.size() + quarantined_.size() >= 65535) return std::nullopt;
  std::uint16_t id = 0;
  for (int draw = 0; id == 0 || ids_taken_[id]; ++draw) {
    if (draw >= maximum_id_draws) {
      ++id;
      continue;
    }
    octet text[24];
    store_u64(text, static_cast<std::uint64_t>(peer.host));
    store_u64(text + 8, static_cast<std::uint64_t>(peer.socket));
    ++ids_drawn_;
    store_u64(text + 16, fault_armed(fault::reuse_connection_id) ? ids_drawn_ % 4 : ids_drawn_);
    id = static_cast<std::uint16_t>(keyed_hash(config_.secret, text));
    if (fault_armed(fault::reuse_connection_id) && id != 0 && !by_id_.contains(id)) break;
  }
  ids_taken_.set(id);
  return id;
}

std::optional<socket_number> host::fresh_socket() {
  for (int tries = 0; tries < 65536; ++tries) {
    const socket_number candidate{next_ephemeral_};
    next_ephemeral_ = next_ephemeral_ == 65535 ? first_ephemeral : static_cast<std::uint16_t>(next_ephemeral_ + 1);
    if (candidate != never_ephemeral && !socket_bound(candidate)) return candidate;
  }
  return std::nullopt;
}

host::entry& host::add(const spp_config& config, const xns_address& local, const xns_address& peer, std::uint16_t id) {
  const connection_handle handle = ++last_handle_;
  auto made = std::make_unique<entry>(handle, config, local, peer, id);
  entry& added = *made;
  entries_.emplace(handle, std::move(made));
  by_id_.emplace(id, &added);
  added.peer_position = by_peer_.emplace(peer_key{local.socket, peer.host, peer.socket}, &added);
  ++socket_uses_[local.socket];
  return added;
}

bool host::listen(socket_number socket, const spp_config& config) {
  if (socket_bound(socket)) return false;
  listeners_.emplace(socket, listener{config});
  return true;
}

std::optional<connection_handle> host::connect(instant now, const xns_address& to, const spp_config& config,
                                               std::optional<socket_number> from) {
  const auto socket = from ? from : fresh_socket();
  if (!socket) return std::nullopt;
  const auto id = fresh_id(now, to);
  if (!id) return std::nullopt;
  entry& added = add(config, address(*socket), to, *id);
  added.next_hop = to.host;
  added.told = true;
  added.connection.open(now);
  after_change(added);
  return added.handle;
}

spp_connection* host::find(connection_handle handle) {
  const auto found = entries_.find(handle);
  if (found == entries_.end()) return nullptr;
  make_ready(*found->second);
  return &found->second->connection;
}

void host::release(connection_handle handle) {
  const auto found = entries_.find(handle);
  if (found == entries_.end()) return;
  found->second->released = true;
  make_ready(*found->second);  // forgotten by the next poll if it is finished
}

std::optional<host_event> host::poll_event() {
  for (; !noticed_.empty(); noticed_.pop_front()) {
    entry* const first = noticed_.front();
    if (first == nullptr) continue;
    if (const auto notice = first->connection.poll_notice()) return host_event{first->handle, *notice, first->listener};
    first->notice_position.reset();
  }
  return std::nullopt;
}

void host::make_ready(entry& changed) {
  if (changed.ready) return;
  changed.ready = true;
  ready_.push_back(&changed);
}

// A connection waits here once, however much it has to tell: an application that never asks costs no memory.
void host::note_notices(entry& changed) {
  changed.told = changed.told || changed.connection.opened();
  if (!changed.told || changed.notice_position || !changed.connection.has_notice()) return;
  changed.notice_position = noticed_.end();
  noticed_.push_back(&changed);
}

void host::after_change(entry& changed) {
  note_notices(changed);
  deadlines_.set(&changed, changed.connection.next_timeout().value_or(instant::never()));
  make_ready(changed);
}

void host::remove(instant now, entry& finished) {
  deadlines_.remove(&finished);
  if (finished.notice_position) noticed_[*finished.notice_position] = nullptr;
  const spp_connection& connection = finished.connection;
  if (finished.listener && !finished.told) --listeners_.at(*finished.listener).half_open;
  quarantined_.emplace_back(now + config_.id_quarantine, connection.local_id());
  by_id_.erase(connection.local_id());
  by_peer_.erase(finished.peer_position);
  const auto uses = socket_uses_.find(connection.local().socket);
  if (--uses->second == 0) socket_uses_.erase(uses);
  entries_.erase(finished.handle);
}

void host::fill(packet& out, const entry& from, const outgoing_packet& what) const {
  const std::size_t length = spp_overhead + what.body.size();
  const spp_connection& connection = from.connection;
  const idp_header header{.checksum = 0,
                          .length = static_cast<std::uint16_t>(length),
                          .transport_control = 0,
                          .packet_type = packet_type::sequenced_packet,
                          .destination_network = connection.peer().network,
                          .destination_host = connection.peer().host,
                          .destination_socket = connection.peer().socket,
                          .source_network = connection.local().network,
                          .source_host = connection.local().host,
                          .source_socket = connection.local().socket};
  out.link = from.link;
  out.next_hop = from.next_hop;
  out.mark = congestion_mark::not_capable;
  out.garbage_octet = length % 2 != 0;
  out.head_size = spp_overhead;
  idp_layout::encode(header, out.head.data());
  spp_layout::encode(what.header, out.head.data() + idp_layout::octets);
  out.body = what.body;
  const octets_view headers(out.head.data() + 2, spp_overhead - 2);
  const std::uint16_t sum =
      add_contributions(checksum_contribution(headers, (what.body.size() + 1) / 2), what.body_checksum);
  const bool wrong = fault_armed(fault::send_bad_checksum) && what.header.sequence % 7 == 3;
  store_u16(out.head.data(), checksum_from_sum(wrong ? static_cast<std::uint16_t>(~sum) : sum));
}

std::size_t host::poll_transmit(instant now, std::span<packet> out) {
  std::size_t filled = 0;
  while (filled < out.size() && !errors_.empty()) {
    out[filled++] = std::move(errors_.front());
    errors_.pop_front();
  }
  while (filled < out.size() && !ready_.empty()) {
    entry& next = *ready_.front();
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
  statistics_.sent += filled;
  return filled;
}

std::optional<instant> host::next_timeout() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.earliest();
}

void host::on_timeout(instant now) {
  while (!deadlines_.empty() && deadlines_.earliest() <= now) {
    entry& due = *deadlines_.front();
    due.connection.on_timeout(now);
    deadlines_.remove(&due);  // set again below or, with what it has to send, by poll_transmit
    after_change(due);
    if (due.deadline_position != deadline_queue_absent && deadlines_.earliest() <= now) break;
  }
}

}  // namespace seqwire
