#include "dissector/analysis/tracker.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/wire/spp.hpp"

namespace seqwire {
namespace {

constexpr std::size_t kept_opening_sightings = 256;

std::uint64_t mix(std::uint64_t seed, std::uint64_t value) {
  seed = (seed ^ value) * 0x9e3779b97f4a7c15u;
  return seed ^ (seed >> 31);
}

std::uint64_t mix(std::uint64_t seed, const speaker& end) {
  return mix(mix(seed, static_cast<std::uint64_t>(end.host)),
             (std::uint64_t{static_cast<std::uint16_t>(end.socket)} << 16) | end.id);
}

bool same_sockets(const speaker& a, const speaker& b) { return a.host == b.host && a.socket == b.socket; }

}  // namespace

template <class Key>
std::size_t tracker::mixed::operator()(const Key& key) const {
  if constexpr (std::is_same_v<Key, pair_key>) return static_cast<std::size_t>(mix(mix(0, key.low), key.high));
  else return static_cast<std::size_t>(mix(mix(0, key.end), static_cast<std::uint64_t>(key.peer)));
}

const endpoint_view* connection_facts::own_view(std::size_t side) const {
  for (const end_view& end : ends)
    if (end.side == side && end.view->from_start()) return end.view.get();
  return nullptr;
}

std::optional<absolute_number> tracker::see(const packet_facts& packet, vantage where) {
  ++ordinal_;
  if (packet.to.id == 0) {
    see_opening(packet, where);
    return std::nullopt;
  }
  const auto found = by_pair_.find({std::min(packet.from, packet.to), std::max(packet.from, packet.to)});
  if (found != by_pair_.end()) {
    if (where == vantage::own_emission) docket_.applied(rule_id::connection_match);
    return deliver(*found->second, packet, where);
  }
  if (!ids_match(packet, where)) {
    ++strays_;
    return std::nullopt;
  }
  return deliver(create(packet), packet, where);
}

void tracker::see_opening(const packet_facts& packet, vantage where) {
  opening& attempt = openings_[{packet.from, packet.to.host}];
  const bool closed = !attempt.answered_by.empty() && attempt.answered_by.back()->closing;
  attempt.reopened = closed;  // or a late copy: elsewhere than at the opener there is no telling
  if (where == vantage::own_emission) {
    docket_.applied(rule_id::connection_id_freshness);
    if (closed) {
      docket_.accuse(
          rule_id::connection_id_freshness,
          {.frames = {packet.frame},
           .sentence = fmt::format("connection id {} opens again after its connection closed", packet.from.id),
           .convention_of = packet.from});  // how long a packet lives is not in a capture
      attempt = {};
    }
  }
  if (!attempt.answered_by.empty()) {
    deliver(*attempt.answered_by.back(), packet, where);
    return;
  }
  if (attempt.sightings.size() >= kept_opening_sightings) return;
  attempt.sightings.push_back({packet, octets(packet.body.begin(), packet.body.end()), where, ordinal_});
}

// Called for a pair of ids that has not been seen. An emission that contradicts the connection of one of its ends is a
// violation by its sender; elsewhere the packet may be forged or old, and what the receiver makes of it shows later.
bool tracker::ids_match(const packet_facts& packet, vantage where) {
  const auto answers = openings_.find({packet.to, packet.from.host});
  const auto ours = by_end_.find({packet.from, packet.to.host});
  const auto theirs = by_end_.find({packet.to, packet.from.host});
  const auto awaited = [&](const speaker& opener, host_number peer) {
    const auto attempt = openings_.find({opener, peer});
    return attempt != openings_.end() && (attempt->second.answered_by.empty() || attempt->second.reopened);
  };
  // After a close the same sockets may connect anew; but elsewhere than at its sender, a packet that nobody opened for
  // is a forged or an old one.
  const bool anew =
      where == vantage::own_emission || awaited(packet.from, packet.to.host) || awaited(packet.to, packet.from.host);
  const auto live = [&](const auto& entry, std::size_t of_speaker_side) {
    if (entry == by_end_.end() || (entry->second->closing && anew)) return false;
    const connection_facts& other = *entry->second;
    const speaker& mine = of_speaker_side == 0 ? packet.from : packet.to;
    const speaker& far = of_speaker_side == 0 ? packet.to : packet.from;
    return same_sockets(other.sides[other.sides[0] == mine ? 1 : 0], far);
  };
  const bool wrong_destination = live(ours, 0);
  const bool wrong_source = live(theirs, 1);
  if (!wrong_destination && !wrong_source) return true;
  if (where != vantage::own_emission) return false;
  const bool second_answer = wrong_source && !wrong_destination && answers != openings_.end() && packet.header.system;
  if (second_answer) {
    docket_.applied(rule_id::agreement_on_open);
    docket_.accuse(rule_id::agreement_on_open,
                   {.frames = {packet.frame},
                    .sentence = fmt::format("the opening of connection id {} is answered again, with another id {}",
                                            packet.to.id, packet.from.id),
                    .convention_of = theirs->second->sides[theirs->second->sides[0] == packet.to ? 1 : 0]});
    return true;
  }
  docket_.applied(rule_id::connection_match);
  docket_.accuse(
      rule_id::connection_match,
      {.frames = {packet.frame},
       .sentence = wrong_destination
                       ? fmt::format("is sent to connection id {}, which is not the peer's", packet.to.id)
                       : fmt::format("is sent from connection id {}, which the peer does not know", packet.from.id)});
  return false;
}

connection_facts& tracker::create(const packet_facts& packet) {
  connections_.push_back(std::make_unique<connection_facts>());
  connection_facts& connection = *connections_.back();
  connection.sides[0] = std::min(packet.from, packet.to);
  connection.sides[1] = std::max(packet.from, packet.to);
  by_pair_[{connection.sides[0], connection.sides[1]}] = &connection;
  for (std::size_t side = 0; side < 2; ++side) {
    const end_key key{connection.sides[side], connection.sides[1 - side].host};
    by_end_[key] = &connection;
    if (const auto opened = openings_.find(key); opened != openings_.end())
      opened->second.answered_by.push_back(&connection);
  }
  return connection;
}

std::optional<absolute_number> tracker::deliver(connection_facts& connection, const packet_facts& packet,
                                                vantage where) {
  const std::size_t from_side = connection.sides[0] == packet.from ? 0 : 1;
  const bool heard_both = connection.heard[0] && connection.heard[1];
  if (packet.to.id != 0) connection.heard[from_side] = true;
  if (!heard_both && connection.heard[0] && connection.heard[1]) docket_.applied(rule_id::agreement_on_open);
  if (!packet.header.system && packet.header.datastream_type >= close_request_type) connection.closing = true;
  if (where == vantage::own_emission) {
    endpoint_view& view = end_view_of(connection, packet.interface, from_side);
    view.emitted(packet);
    return view.last_emitted_number();
  }
  if (where == vantage::own_arrival) {
    end_view_of(connection, packet.interface, 1 - from_side).arrived(packet);
    return std::nullopt;
  }
  auto& passing = connection.passing;
  auto place = std::find_if(passing.begin(), passing.end(),
                            [&](const auto& view) { return view.interface == packet.interface; });
  if (place == passing.end())
    place = passing.insert(passing.end(), {packet.interface, std::make_unique<path_view>(docket_, connection.sides[0],
                                                                                         connection.sides[1])});
  place->view->passed(packet, from_side);
  return std::nullopt;
}

endpoint_view& tracker::end_view_of(connection_facts& connection, std::size_t interface, std::size_t side) {
  for (auto& end : connection.ends)
    if (end.interface == interface && end.side == side) return *end.view;
  connection.ends.push_back(
      {interface, side,
       std::make_unique<endpoint_view>(docket_, connection.sides[side], connection.sides[1 - side], hash_records_)});
  endpoint_view& view = *connection.ends.back().view;
  replay_openings(connection, interface, side, view);
  return view;
}

// Openings that were seen here before the answer named the connection, of both sides, in their order.
void tracker::replay_openings(connection_facts& connection, std::size_t interface, std::size_t side,
                              endpoint_view& view) {
  std::vector<opening_sighting*> seen_here;
  for (std::size_t opener = 0; opener < 2; ++opener) {
    const auto opened = openings_.find({connection.sides[opener], connection.sides[1 - opener].host});
    if (opened == openings_.end()) continue;
    const vantage wanted = opener == side ? vantage::own_emission : vantage::own_arrival;
    for (opening_sighting& sighting : opened->second.sightings)
      if (sighting.packet.interface == interface && sighting.where == wanted) seen_here.push_back(&sighting);
  }
  std::sort(seen_here.begin(), seen_here.end(), [](const auto* a, const auto* b) { return a->ordinal < b->ordinal; });
  for (opening_sighting* sighting : seen_here) {
    sighting->packet.body = sighting->body;
    if (sighting->where == vantage::own_emission) view.emitted(sighting->packet);
    else view.arrived(sighting->packet);
  }
}

std::optional<std::pair<const connection_facts*, std::size_t>> tracker::find(const speaker& own,
                                                                             const speaker& peer) const {
  const auto found = by_pair_.find({std::min(own, peer), std::max(own, peer)});
  if (found == by_pair_.end()) return std::nullopt;
  return std::pair{found->second, std::size_t{found->second->sides[0] == own ? 0u : 1u}};
}

bool tracker::seen_leaving(const speaker& end) const {
  for (const auto& connection : connections_)
    for (std::size_t side = 0; side < 2; ++side)
      if (connection->sides[side] == end && connection->own_view(side) != nullptr) return true;
  return false;
}

}  // namespace seqwire
