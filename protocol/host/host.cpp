#include "protocol/host/host.hpp"

#include <algorithm>

#include "protocol/host/idp_output.hpp"
#include "protocol/spp/fault.hpp"
#include "protocol/wire/echo.hpp"

namespace seqwire {
namespace {

constexpr std::size_t maximum_waiting_answers = 64;
// Errors to one peer host: four a second in the long run, three or four at once. Each costs a little more or less than
// the last, so that whoever counts those that it draws learns nothing about what others drew.
constexpr duration least_error_cost = 200_ms;
constexpr duration error_cost_span = 100_ms;
constexpr duration error_budget = 750_ms;
constexpr socket_number router_error_socket{3};

idp_header answer_header(packet_type type, const xns_address& from, const xns_address& to) {
  idp_header header{};
  header.packet_type = type;
  header.destination_network = to.network;
  header.destination_host = to.host;
  header.destination_socket = to.socket;
  header.source_network = from.network;
  header.source_host = from.host;
  header.source_socket = from.socket;
  return header;
}

}  // namespace

host::host(const host_config& config)
    : config_(config),
      routing_(config_),
      forwarder_(config_, routing_),
      spp_(config_, ports_, routing_),
      datagrams_(config_, ports_, routing_) {
  for (link_index link = 0; link < config.links(); ++link) require(!is_group(config.on(link).host));
  attach(packet_type::sequenced_packet, spp_);
  attach(packet_type::routing_information, routing_);
}

void host::attach(packet_type type, packet_protocol& protocol) {
  packet_protocol*& place = by_type_[static_cast<std::size_t>(type)];
  require(place == nullptr && type != packet_type::error);
  place = &protocol;
  protocols_.push_back(&protocol);
}

bool host::idle() const {
  return std::all_of(protocols_.begin(), protocols_.end(), [](const packet_protocol* each) { return each->idle(); });
}

std::uint32_t host::unpredictable() const {
  return static_cast<std::uint32_t>(keyed_hash(config_.secret, view_of("unpredictable")));
}

void host::on_datagram(instant now, const datagram& arrived) {
  ++statistics_.received;
  datagrams_.show_raw(arrived);
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
  const bool ours = is_ours(header, arrived.link);
  if (!ours && !config_.forwards) return failure(drop_reason::not_for_this_host);
  if (is_group(header.source_host)) return failure(drop_reason::source_is_group);
  if (routing_.own().has_host_number(header.source_host)) return failure(drop_reason::source_is_self);
  return ours ? accept_ours(now, arrived, *idp) : forwarder_.forward(arrived, *idp);
}

// Network 0 and all networks mean the one on which the packet came.
bool host::is_ours(const idp_header& header, link_index link) const {
  const network_number network = header.destination_network;
  const bool here = network == config_.on(link).network || network == local_network || network == all_networks;
  if (is_group(header.destination_host))
    return here && (header.destination_host == broadcast_host || datagrams_.joined(header.destination_host));
  if (here && header.destination_host == config_.on(link).host) return true;
  return routing_.own().has(network, header.destination_host);
}

result<void, drop_reason> host::accept_ours(instant now, const datagram& arrived, const idp_packet& idp) {
  const idp_header& header = idp.header;
  routing_.note_arrival(now, header.source_network, arrived);
  if (header.packet_type == packet_type::error) return accept_error(now, arrived, idp);
  packet_protocol* const protocol = by_type_[static_cast<std::size_t>(header.packet_type)];
  if (protocol == nullptr) return accept_datagram(arrived, idp);
  if (datagram_socket* const all = datagrams_.all_packets_socket(header.source(), header.destination_socket))
    return datagrams_.deliver(*all, arrived, idp);
  return protocol->on_packet(now, arrived, idp);
}

result<void, drop_reason> host::accept_datagram(const datagram& arrived, const idp_packet& idp) {
  const idp_header& header = idp.header;
  port_user* const user = ports_.find(header.source(), header.destination_socket);
  if (user == nullptr) {
    const bool echo = header.packet_type == packet_type::echo && header.destination_socket == echo_socket;
    return echo ? answer_echo(arrived, idp) : failure(drop_reason::no_such_socket);
  }
  if (user->what != port_user::kind::datagram) return failure(drop_reason::unsupported_packet_type);
  return datagrams_.deliver(static_cast<datagram_socket&>(*user), arrived, idp);
}

// Errors come to any socket; the quoted packet says whose it was.
result<void, drop_reason> host::accept_error(instant now, const datagram& arrived, const idp_packet& idp) {
  if (datagram_socket* const all = datagrams_.all_packets_socket(idp.header.source(), idp.header.destination_socket))
    return datagrams_.deliver(*all, arrived, idp);
  const auto error = parse_error(idp.data);
  if (!error) return failure(error.error());
  if (!routing_.own().has_host_number(error->quoted.source_host))
    return failure(drop_reason::error_quotes_nothing_of_ours);
  packet_protocol* const protocol = by_type_[static_cast<std::size_t>(error->quoted.packet_type)];
  return protocol != nullptr ? protocol->on_error(now, *error) : datagrams_.on_error(*error);
}

// Never to groups: one request to everybody must not draw an answer from each of them.
result<void, drop_reason> host::answer_echo(const datagram& arrived, const idp_packet& idp) {
  const auto echo = parse_echo(idp.data);
  if (!echo) return failure(echo.error());
  if (echo->header.operation != echo_operation::request || is_group(idp.header.destination_host) ||
      answers_.size() >= maximum_waiting_answers)
    return failure(drop_reason::echo_not_answered);
  octets body(echo_layout::octets);
  echo_layout::encode({echo_operation::reply}, body.data());
  body.insert(body.end(), echo->data.begin(), echo->data.end());
  const idp_header header = answer_header(packet_type::echo, address(echo_socket, arrived.link), idp.header.source());
  answers_.push_back(idp_output(header, slice::owning(std::move(body)), arrived.link, arrived.previous_hop));
  ++statistics_.echoes_answered;
  return {};
}

// At most a few Errors to one host, by buckets that an outsider cannot choose: nobody learns from the limit what others
// received, and nobody is drowned.
bool host::error_permitted(instant now, host_number to) {
  octet text[8];
  store_u64(text, static_cast<std::uint64_t>(to));
  instant& busy_until = error_buckets_[keyed_hash(config_.secret, text) % error_buckets_.size()];
  busy_until = std::max(busy_until, now);
  if (busy_until - now > error_budget) return false;
  store_u64(text, ++errors_drawn_);
  const std::uint64_t drawn = keyed_hash(config_.secret, text);
  busy_until += least_error_cost +
                duration{static_cast<std::int64_t>(drawn % static_cast<std::uint64_t>(error_cost_span.nanoseconds))};
  return true;
}

void host::answer_with_error(instant now, const datagram& offending, drop_reason why) {
  error_number number;
  std::uint16_t parameter = 0;
  const auto idp = parse_idp(offending.contents.view());
  if (!idp || is_group(idp->header.destination_host) || idp->header.packet_type == packet_type::error) return;
  switch (why) {
    case drop_reason::no_such_socket:
    case drop_reason::no_such_connection: number = error_number::no_such_socket; break;
    case drop_reason::unsupported_packet_type: number = error_number::invalid_packet_type; break;
    case drop_reason::listener_full: number = error_number::resource_limit; break;
    case drop_reason::network_unreachable: number = error_number::destination_unreachable; break;
    case drop_reason::too_many_hops: number = error_number::too_many_hops; break;
    case drop_reason::too_big_for_link:
      number = error_number::too_big;
      parameter = forwarder_.room_towards(idp->header.destination());
      break;
    case drop_reason::forwarding_queue_full: number = error_number::congestion_discard; break;
    default: return;  // an attack, an accident or our own recovery: an answer helps nobody
  }
  if (answers_.size() >= maximum_waiting_answers || !error_permitted(now, idp->header.source_host)) {
    ++statistics_.errors_suppressed;
    return;
  }
  octets body(error_layout::octets);
  error_layout::encode({number, parameter}, body.data());
  octets quoted(idp->whole.begin(), idp->whole.end());
  // As much as 4.3BSD does; of protocols that are not the family's, their whole header, whatever its size.
  // But never so much that a small packet draws one of more than three times its octets (A05).
  const bool familys = idp->header.packet_type <= packet_type::sequenced_packet;
  quoted.resize(familys ? quoted_octets : std::clamp(quoted.size(), quoted_octets, packet::head_capacity));
  body.insert(body.end(), quoted.begin(), quoted.end());
  // Those of routers come from socket 3 (protocol sheet 1.3).
  const socket_number from =
      is_ours(idp->header, offending.link) ? idp->header.destination_socket : router_error_socket;
  const idp_header header = answer_header(packet_type::error, address(from, offending.link), idp->header.source());
  answers_.push_back(idp_output(header, slice::owning(std::move(body)), offending.link, offending.previous_hop));
  ++statistics_.errors_sent;
}

std::size_t host::poll_transmit(instant now, std::span<packet> out) {
  std::size_t filled = 0;
  while (filled < out.size() && !answers_.empty()) out[filled++] = answers_.pop_front();
  filled += forwarder_.poll_transmit(out.subspan(filled));
  filled += datagrams_.poll_transmit(out.subspan(filled));
  for (packet_protocol* const each : protocols_) filled += each->poll_transmit(now, out.subspan(filled));
  statistics_.sent += filled;
  statistics_.forwarded = forwarder_.forwarded();
  return filled;
}

std::optional<instant> host::next_timeout() const {
  instant next = instant::never();
  for (const packet_protocol* const each : protocols_)
    next = std::min(next, each->next_timeout().value_or(instant::never()));
  if (next == instant::never()) return std::nullopt;
  return next;
}

void host::on_timeout(instant now) {
  for (packet_protocol* const each : protocols_)
    if (each->next_timeout().value_or(instant::never()) <= now) each->on_timeout(now);
}

}  // namespace seqwire
