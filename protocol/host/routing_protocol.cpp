#include "protocol/host/routing_protocol.hpp"

#include <algorithm>

#include "protocol/host/idp_output.hpp"

namespace seqwire {
namespace {

constexpr std::size_t maximum_waiting = 256;  // packets
// A question for all networks may come in somebody else's name, and the answer may be 180 times as long. So one asker
// gets up to three times the octets it sent, as often as it asks, but three longer answers at once and then one in 15
// s: about as much again as the updates that everybody on the link gets. Who has to wait hears the next update.
constexpr std::size_t octets_for_each_asked = 3;
constexpr duration long_answer_cost = 15_s;
constexpr duration long_answer_budget = 30_s;

std::size_t octets_of_packets(std::size_t entries) {
  const std::size_t packets =
      std::max<std::size_t>((entries + maximum_routing_entries - 1) / maximum_routing_entries, 1);
  return packets * (idp_layout::octets + routing_layout::octets) + entries * routing_entry_layout::octets;
}

}  // namespace

routing_protocol::routing_protocol(const host_config& config) : config_(config), own_(config) {
  for (const given_route& each : config.routes) given_[each.network] = {each.link, each.next_hop};
}

// --- what comes in ---

result<void, drop_reason> routing_protocol::on_packet(instant now, const datagram& arrived, const idp_packet& idp) {
  if (idp.header.destination_socket != routing_socket) return failure(drop_reason::no_such_socket);
  const auto packet = parse_routing(idp.data);
  if (!packet) return failure(packet.error());
  const network_number from = idp.header.source_network;
  const network_number ours = config_.on(arrived.link).network;  // 0: we do not know it
  if (from != local_network && ours != local_network && from != ours)
    return failure(drop_reason::routing_not_from_link);
  if (packet->header.operation == routing_operation::request) {
    if (!tells()) return {};
    // Only those who hear our updates: nobody beyond the link is to draw anything.
    if (idp.header.transport_control != 0) return failure(drop_reason::routing_not_from_link);
    return answer(now, arrived, idp.header.source(), *packet);
  }
  if (idp.header.source_socket != routing_socket || idp.header.transport_control != 0)
    return failure(drop_reason::routing_not_from_link);
  return on_response(now, arrived, *packet);
}

// That nobody listens at a router's socket needs no repair.
result<void, drop_reason> routing_protocol::on_error(instant, const error_packet&) {
  return failure(drop_reason::error_quotes_nothing_of_ours);
}

result<void, drop_reason> routing_protocol::on_response(instant now, const datagram& from,
                                                        const routing_packet& packet) {
  const std::uint64_t before = version_;
  bool all_known = true;
  for (const routing_entry& each : packet.entries) all_known = learn(now, from, each) && all_known;
  age(now);
  if (version_ != before) changed(now);
  if (!all_known) return failure(drop_reason::routing_table_full);
  return {};
}

// False: there is no room for it.
bool routing_protocol::learn(instant now, const datagram& from, const routing_entry& entry) {
  if (entry.network == local_network || entry.network == all_networks || entry.metric == 0) return true;
  if (own_.link_on(entry.network) || given_.contains(entry.network)) return true;
  const std::uint16_t metric = std::min(entry.metric, infinite_metric);
  const auto found = learned_.find(entry.network);
  if (found == learned_.end()) {
    if (metric == infinite_metric) return true;
    if (learned_.size() >= maximum_routes) return false;
    learned_[entry.network] = {metric, from.link, from.previous_hop, now};
    ++version_;
    return true;
  }
  learned& known = found->second;
  const bool same_router = known.link == from.link && known.next_hop == from.previous_hop;
  // An equal way replaces one that has not been heard of for long (RFC 1058, section 3.4.2).
  const bool better =
      metric < known.metric || (metric == known.metric && metric != infinite_metric && now - known.heard >= expiry / 2);
  if (!same_router && !better) return true;
  if (metric != known.metric || !same_router) ++version_;
  // From then on it ages towards being forgotten; bad news told again does not keep it.
  if (metric != infinite_metric) known.heard = now;
  else if (known.metric != infinite_metric) known.heard = now - expiry;
  known.metric = metric;
  known.link = from.link;
  known.next_hop = from.previous_hop;
  return true;
}

result<void, drop_reason> routing_protocol::answer(instant now, const datagram& from, const xns_address& asker,
                                                   const routing_packet& request) {
  const std::vector<routing_entry> told = told_on(from.link);
  const auto wants_all = [](const routing_entry& each) { return each.network == all_networks; };
  if (std::any_of(request.entries.begin(), request.entries.end(), wants_all)) {
    const std::size_t asked =
        idp_layout::octets + routing_layout::octets + request.entries.size() * routing_entry_layout::octets;
    const bool is_short = octets_of_packets(told.size()) <= octets_for_each_asked * asked;
    if (!is_short && !long_answer_permitted(now, from.link, asker.host))
      return failure(drop_reason::routing_not_answered);
    tell(from.link, asker, from.previous_hop, told);
    return {};
  }
  routing_packet answered{{routing_operation::response}, request.entries};
  for (routing_entry& each : answered.entries) {
    const auto known = std::find_if(told.begin(), told.end(),
                                    [&](const routing_entry& candidate) { return candidate.network == each.network; });
    each.metric = known != told.end() ? known->metric : infinite_metric;
  }
  send(from.link, asker, from.previous_hop, answered);
  return {};
}

// Whoever forges askers without number draws no more than all rations together, and spends those of others only as far
// as the hash puts them in the same place, which nobody outside can know.
bool routing_protocol::long_answer_permitted(instant now, link_index link, host_number asker) {
  octet text[16];
  store_u64(text, link);
  store_u64(text + 8, static_cast<std::uint64_t>(asker));
  instant& spent_until = rations_[keyed_hash(config_.secret, text) % rations_.size()];
  spent_until = std::max(spent_until, now);
  if (spent_until - now > long_answer_budget) return false;
  spent_until += long_answer_cost;
  return true;
}

// --- what goes out ---

// What is reached through the link itself is told there as out of reach (poisoned reverse): two routers then never
// send a packet to and fro.
std::vector<routing_entry> routing_protocol::told_on(link_index link) const {
  std::vector<routing_entry> told;
  for (link_index each = 0; each < config_.links(); ++each) told.push_back({config_.on(each).network, 1});
  for (const auto& [network, known] : learned_) {
    const bool poisoned = known.link == link || known.metric >= infinite_metric - 1;
    told.push_back({network, poisoned ? infinite_metric : static_cast<std::uint16_t>(known.metric + 1)});
  }
  return told;
}

void routing_protocol::tell(link_index link, const xns_address& to, host_number next_hop,
                            const std::vector<routing_entry>& entries) {
  for (std::size_t from = 0; from < entries.size(); from += maximum_routing_entries) {
    const std::size_t count = std::min(maximum_routing_entries, entries.size() - from);
    const auto begin = entries.begin() + static_cast<std::ptrdiff_t>(from);
    send(link, to, next_hop, {{routing_operation::response}, {begin, begin + static_cast<std::ptrdiff_t>(count)}});
  }
}

void routing_protocol::send(link_index link, const xns_address& to, host_number next_hop,
                            const routing_packet& packet) {
  if (outgoing_.size() >= maximum_waiting) {
    ++not_sent_;  // the next update says it again
    return;
  }
  const xns_address from = config_.address(routing_socket, link);
  idp_header header{};
  header.packet_type = packet_type::routing_information;
  header.destination_network = to.network;
  header.destination_host = to.host;
  header.destination_socket = to.socket;
  header.source_network = from.network;
  header.source_host = from.host;
  header.source_socket = from.socket;
  outgoing_.push_back(idp_output(header, slice::owning(routing_data(packet)), link, next_hop));
}

void routing_protocol::ask(network_number about) {
  for (link_index link = 0; link < config_.links(); ++link)
    send(link, {config_.on(link).network, broadcast_host, routing_socket}, broadcast_host,
         {{routing_operation::request}, {{about, infinite_metric}}});
}

std::size_t routing_protocol::poll_transmit(instant, std::span<packet> out) {
  std::size_t filled = 0;
  while (filled < out.size() && !outgoing_.empty()) out[filled++] = outgoing_.pop_front();
  return filled;
}

// --- time ---

std::optional<instant> routing_protocol::next_timeout() const {
  const instant next = std::min({tells() ? update_at_ : instant::never(), aging_at_, forgetting_at_});
  if (next == instant::never()) return std::nullopt;
  return next;
}

void routing_protocol::on_timeout(instant now) {
  if (aging_at_ <= now) {
    const std::uint64_t before = version_;
    age(now);
    if (version_ != before) changed(now);
  }
  if (forgetting_at_ <= now) forget_arrivals(now);
  if (!tells() || now < update_at_) return;
  if (update_at_ == instant{}) ask();
  for (link_index link = 0; link < config_.links(); ++link)
    tell(link, {config_.on(link).network, broadcast_host, routing_socket}, broadcast_host, told_on(link));
  update_at_ = now + varied(update_interval - 5_s, 10_s);
}

void routing_protocol::age(instant now) {
  aging_at_ = instant::never();
  for (auto each = learned_.begin(); each != learned_.end();) {
    learned& known = each->second;
    if (now - known.heard >= deletion) {
      each = learned_.erase(each);
      ++version_;
      continue;
    }
    if (now - known.heard >= expiry && known.metric != infinite_metric) {
      known.metric = infinite_metric;
      ++version_;
    }
    aging_at_ = std::min(aging_at_, known.heard + (known.metric == infinite_metric ? deletion : expiry));
    ++each;
  }
}

void routing_protocol::forget_arrivals(instant now) {
  version_ += std::erase_if(arrivals_, [&](const auto& each) { return now - each.second.heard >= expiry; });
  forgetting_at_ = instant::never();
  for (const auto& [network, known] : arrivals_) forgetting_at_ = std::min(forgetting_at_, known.heard + expiry);
}

// Others hear of it soon, but not all of them at once.
void routing_protocol::changed(instant now) {
  if (tells()) update_at_ = std::min(update_at_, now + varied(1_s, 4_s));
}

duration routing_protocol::varied(duration least, duration span) {
  octet text[8];
  store_u64(text, ++draws_);
  const std::uint64_t drawn = keyed_hash(config_.secret, text) % static_cast<std::uint64_t>(span.nanoseconds);
  return least + duration{static_cast<std::int64_t>(drawn)};
}

// --- questions ---

std::optional<way> routing_protocol::way_to(network_number network, host_number host, evidence least) const {
  if (network == local_network || network == all_networks) return way{0, host};
  if (const auto ours = own_.link_on(network)) return way{*ours, host};
  if (const auto given = given_.find(network); given != given_.end()) return given->second;
  const auto found = learned_.find(network);
  if (found != learned_.end() && found->second.metric < infinite_metric)
    return way{found->second.link, found->second.next_hop};
  if (config_.gateway) return way{0, *config_.gateway};
  if (least == evidence::told) return std::nullopt;
  const auto came = arrivals_.find(network);
  if (came == arrivals_.end() || (least == evidence::confirmed && !came->second.confirmed)) return std::nullopt;
  return came->second.back;
}

void routing_protocol::note_arrival(instant now, network_number from, const datagram& arrived) {
  if (told_of(from)) return;
  const way back{arrived.link, arrived.previous_hop};
  arrival& known = arrival_from(from, back);
  if (known.back != back) {
    if (known.confirmed && now - *known.confirmed < expiry) return;
    known = {back};
    ++version_;
  }
  known.heard = now;
  forgetting_at_ = std::min(forgetting_at_, now + expiry);
}

void routing_protocol::confirm(instant now, network_number from, const datagram& arrived) {
  if (told_of(from)) return;
  const way back{arrived.link, arrived.previous_hop};
  arrival& known = arrival_from(from, back);
  if (known.back != back || !known.confirmed) ++version_;
  known = {back, now, now};
  forgetting_at_ = std::min(forgetting_at_, now + expiry);
}

// Of the known one or a new one; where there is no room, in the place of the one that was confirmed longest ago, those
// never confirmed before all others: however many networks are forged, they drive out one that was, and each other.
routing_protocol::arrival& routing_protocol::arrival_from(network_number from, way back) {
  const auto found = arrivals_.find(from);
  if (found != arrivals_.end()) return found->second;
  if (arrivals_.size() >= maximum_arrivals)
    arrivals_.erase(std::min_element(arrivals_.begin(), arrivals_.end(), [](const auto& one, const auto& other) {
      return std::pair(one.second.confirmed, one.second.heard) < std::pair(other.second.confirmed, other.second.heard);
    }));
  ++version_;
  return arrivals_[from] = {back};
}

bool routing_protocol::is_direct(network_number network) const {
  return network == local_network || network == all_networks || own_.link_on(network).has_value();
}

std::vector<route> routing_protocol::routes() const {
  std::vector<route> all;
  for (link_index link = 0; link < config_.links(); ++link) all.push_back({config_.on(link).network, 0, link, {}});
  for (const auto& [network, known] : learned_) all.push_back({network, known.metric, known.link, known.next_hop});
  return all;
}

}  // namespace seqwire
