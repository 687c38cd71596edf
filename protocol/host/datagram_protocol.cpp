#include "protocol/host/datagram_protocol.hpp"

#include <algorithm>

#include "protocol/host/idp_output.hpp"

namespace seqwire {
namespace {

// What a waiting datagram costs beside its octets: a small one holds the whole buffer that it arrived in.
constexpr std::size_t datagram_cost = 512;
// Octets that may wait for a link that is full.
constexpr std::size_t send_buffer = 1 << 20;

}  // namespace

std::optional<received_datagram> datagram_socket::take() {
  if (received_.empty()) return std::nullopt;
  received_datagram first = received_.pop_front();
  waiting_octets_ -= first.whole.size() + datagram_cost;
  return first;
}

bool datagram_protocol::queue(datagram_socket& to, received_datagram what) {
  const std::size_t cost = what.whole.size() + datagram_cost;
  if (to.waiting_octets_ + cost > to.options.receive_buffer) {
    ++to.missed_;
    return false;
  }
  to.waiting_octets_ += cost;
  ++changes_;
  to.received_.push_back(std::move(what));
  return true;
}

result<void, drop_reason> datagram_protocol::deliver(datagram_socket& to, const datagram& arrived,
                                                     const idp_packet& idp) {
  const host_number destination = idp.header.destination_host;
  if (is_group(destination) && destination != broadcast_host &&
      std::find(to.groups_.begin(), to.groups_.end(), destination) == to.groups_.end())
    return failure(drop_reason::not_for_this_host);
  received_datagram what{idp.header, {}, arrived.contents.part(0, idp.whole.size())};
  what.data = what.whole.part(idp_layout::octets, idp.data.size());
  if (what.header.source_network == local_network) what.header.source_network = config_.on(arrived.link).network;
  if (!queue(to, std::move(what))) return failure(drop_reason::receive_buffer_full);
  return {};
}

void datagram_protocol::show_raw(const datagram& arrived) {
  for (datagram_socket* const raw : raw_) {
    received_datagram what{{}, {}, arrived.contents};
    if (arrived.contents.size() >= idp_layout::octets) {
      what.header = idp_layout::decode(arrived.contents.data());
      const std::size_t length = std::min<std::size_t>(what.header.length, arrived.contents.size());
      if (length >= idp_layout::octets) what.whole = arrived.contents.part(0, length);
      what.data = what.whole.part(idp_layout::octets, what.whole.size() - idp_layout::octets);
    }
    const bool wanted =
        !raw->only_ || (arrived.contents.size() >= idp_layout::octets && what.header.packet_type == *raw->only_);
    if (wanted) queue(*raw, std::move(what));
  }
}

result<void, drop_reason> datagram_protocol::on_error(const error_packet& error) {
  const idp_header& quoted = error.quoted;
  port_user* const user = ports_.find(quoted.destination(), quoted.source_socket);
  if (user == nullptr || user->what != port_user::kind::datagram)
    return failure(drop_reason::error_quotes_nothing_of_ours);
  auto& socket = static_cast<datagram_socket&>(*user);
  const std::size_t known = std::min(socket.sent_, socket.last_sent_.size());
  for (std::size_t i = 0; i < known; ++i) {
    const datagram_socket::sent_packet& sent = socket.last_sent_[i];
    if (sent.destination != quoted.destination() || sent.length != quoted.length) continue;
    if (idp_checksum_after_hops(sent.checksum, quoted.length, quoted.transport_control) != quoted.checksum) continue;
    ++changes_;
    if (!socket.error_) socket.error_ = {error.header.number, error.header.parameter, quoted.destination()};
    return {};
  }
  return failure(drop_reason::error_quotes_nothing_of_ours);
}

std::size_t datagram_protocol::poll_transmit(std::span<packet> out) {
  std::size_t filled = 0;
  for (; filled < out.size() && !outgoing_.empty(); ++filled) {
    out[filled] = outgoing_.pop_front();
    outgoing_octets_ -= out[filled].size();
    ++changes_;
  }
  return filled;
}

datagram_socket* datagram_protocol::all_packets_socket(const xns_address& source, socket_number number) const {
  if (with_all_packets_ == 0) return nullptr;
  port_user* const user = ports_.find(source, number);
  if (user == nullptr || user->what != port_user::kind::datagram) return nullptr;
  auto* const socket = static_cast<datagram_socket*>(user);
  return socket->all_packets_ ? socket : nullptr;
}

datagram_socket* datagram_protocol::open(std::optional<socket_number> number) {
  if (number && ports_.taken(*number)) return nullptr;
  if (!number) number = ports_.fresh();
  if (!number) return nullptr;
  datagram_socket& added = *sockets_.emplace_back(new datagram_socket());
  added.number_ = number;
  added.port_ = ports_.add(*number, {}, added);
  return &added;
}

std::vector<const datagram_socket*> datagram_protocol::sockets() const {
  std::vector<const datagram_socket*> all;
  for (const auto& each : sockets_)
    if (each->number()) all.push_back(each.get());
  return all;
}

datagram_socket& datagram_protocol::open_raw(std::optional<packet_type> only) {
  datagram_socket& added = *sockets_.emplace_back(new datagram_socket());
  added.only_ = only;
  raw_.push_back(&added);
  return added;
}

void datagram_protocol::close(datagram_socket& socket) {
  set_all_packets(socket, false);
  while (!socket.groups_.empty()) leave(socket, socket.groups_.back());
  if (socket.number_) ports_.remove(socket.port_);
  else std::erase(raw_, &socket);
  sockets_.remove_if([&](const auto& each) { return each.get() == &socket; });
}

bool datagram_protocol::connect(datagram_socket& socket, const xns_address& to) {
  if (socket.number_) {
    const port_peer peer{to.host, to.socket};
    const auto [first, last] = ports_.with_peer(*socket.number_, peer);
    if (std::any_of(first, last, [&](const auto& user) { return user.second != &socket; })) return false;
    socket.port_ = ports_.move(socket.port_, peer);
  }
  socket.peer_ = to;
  return true;
}

bool datagram_protocol::disconnect(datagram_socket& socket) {
  if (!socket.peer_) return true;
  if (socket.number_ && ports_.taken(*socket.number_)) return false;
  if (socket.number_) socket.port_ = ports_.move(socket.port_, {});
  socket.peer_.reset();
  return true;
}

void datagram_protocol::set_all_packets(datagram_socket& socket, bool on) {
  if (socket.all_packets_ == on) return;
  socket.all_packets_ = on;
  if (on) ++with_all_packets_;
  else --with_all_packets_;
}

bool datagram_protocol::join(datagram_socket& socket, host_number group) {
  if (std::find(socket.groups_.begin(), socket.groups_.end(), group) != socket.groups_.end()) return true;
  if (socket.groups_.size() >= maximum_groups) return false;
  socket.groups_.push_back(group);
  ++groups_[group];
  return true;
}

void datagram_protocol::leave(datagram_socket& socket, host_number group) {
  if (std::erase(socket.groups_, group) == 0) return;
  const auto found = groups_.find(group);
  if (--found->second == 0) groups_.erase(found);
}

datagram_status datagram_protocol::send(datagram_socket& from, slice data, std::optional<xns_address> to) {
  if (!to) to = from.peer_;
  if (!to || !from.number_) return datagram_status::no_destination;
  idp_header header{};
  header.packet_type = from.options.type;
  header.destination_network = to->network;
  header.destination_host = to->host;
  header.destination_socket = to->socket;
  header.source_socket = *from.number_;
  const auto onward = routing_.way_to(to->network, to->host);
  if (!onward) return datagram_status::unreachable;
  header.source_network = config_.on(onward->link).network;
  header.source_host = config_.on(onward->link).host;
  return send_with_header(from, header, std::move(data));
}

bool datagram_protocol::has_room() const {
  std::size_t largest = config_.mtu;
  for (const host_interface& each : config_.further) largest = std::max(largest, each.mtu);
  return outgoing_octets_ + largest <= send_buffer;
}

datagram_status datagram_protocol::send_with_header(datagram_socket& from, const idp_header& header, slice data) {
  const auto onward = routing_.way_to(header.destination_network, header.destination_host);
  if (!onward) return datagram_status::unreachable;
  const bool everywhere = header.destination_network == all_networks && is_group(header.destination_host);
  const std::size_t size = octets_on_wire(idp_layout::octets + data.size());
  if (size > config_.on(onward->link).mtu) return datagram_status::too_big;
  if (outgoing_octets_ + size > send_buffer) return datagram_status::would_block;
  queue_to_send(from, header, data, *onward);
  for (link_index link = 1; everywhere && link < config_.links(); ++link) {
    idp_header there = header;
    if (there.source_network == config_.network) there.source_network = config_.on(link).network;
    if (there.source_host == config_.host) there.source_host = config_.on(link).host;
    if (size <= config_.on(link).mtu) queue_to_send(from, there, data, {link, header.destination_host});
    else ++too_big_for_links_;
  }
  return datagram_status::sent;
}

void datagram_protocol::queue_to_send(datagram_socket& from, const idp_header& header, const slice& data, way onward) {
  packet out = idp_output(header, data, onward.link, onward.next_hop);
  from.last_sent_[from.sent_++ % from.last_sent_.size()] = {header.destination(), load_u16(&out.head[2]),
                                                            load_u16(out.head.data())};
  outgoing_octets_ += out.size();
  outgoing_.push_back(std::move(out));
}

}  // namespace seqwire
