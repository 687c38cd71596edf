#include "dissector/analysis/tracker.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/wire/spp.hpp"

namespace seqwire {
namespace {

constexpr std::size_t kept_opening_sightings = 256;  // of one opening
constexpr std::size_t kept_sightings_of_all = 65536;
constexpr std::size_t kept_opening_data = 64;  // octets; an opening packet should carry none

bool same_sockets(const speaker& a, const speaker& b) { return a.host == b.host && a.socket == b.socket; }

void note_file(std::vector<std::uint32_t>& files, std::uint32_t file) {
  if (files.empty() || files.back() != file) files.push_back(file);
}

}  // namespace

endpoint_view* connection_facts::own_view(std::size_t side) const {
  for (const end_view& end : ends)
    if (end.side == side && end.view->from_start()) return end.view.get();
  return nullptr;
}

std::optional<absolute_number> tracker::see(const packet_facts& packet, vantage where) {
  if (++ordinal_ % long_silence == 0) forget_the_silent();
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
  connection_facts* const made = create(packet);
  return made == nullptr ? std::nullopt : deliver(*made, packet, where);
}

void tracker::see_opening(const packet_facts& packet, vantage where) {
  opening& attempt = opening_of({packet.from, packet.to.host});
  note_file(attempt.files, packet.frame.file);
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
      kept_sightings_ -= attempt.sightings.size();
      attempt = {};
      note_file(attempt.files, packet.frame.file);
    }
  }
  if (!attempt.answered_by.empty()) {
    deliver(*attempt.answered_by.back(), packet, where);
    return;
  }
  keep_sighting(attempt, packet, where);
}

// Of more openings than can be kept the oldest unanswered ones go: when they are answered after all, their connection
// is judged like one that began before the capture.
tracker::opening& tracker::opening_of(const end_key& key) {
  const auto [place, fresh] = openings_.try_emplace(key);
  if (!fresh) return place->second;
  ++opened_;
  opening_order_.push_back(key);
  while (opening_order_.size() > most_openings) {
    const auto oldest = openings_.find(opening_order_.front());
    opening_order_.pop_front();
    if (oldest == openings_.end() || !oldest->second.answered_by.empty()) continue;
    kept_sightings_ -= oldest->second.sightings.size();
    openings_.erase(oldest);
  }
  return place->second;
}

void tracker::keep_sighting(opening& attempt, const packet_facts& packet, vantage where) {
  if (attempt.sightings.size() >= kept_opening_sightings || kept_sightings_ >= kept_sightings_of_all) return;
  const octets_view body = packet.body.first(std::min(packet.body.size(), kept_opening_data));
  attempt.sightings.push_back({packet, octets(body.begin(), body.end()), where, ordinal_});
  ++kept_sightings_;
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

connection_facts* tracker::create(const packet_facts& packet) {
  if (connections_.size() >= most_connections) {
    if (!overflow_) overflow_ = packet.frame;
    return nullptr;
  }
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
  return &connection;
}

std::optional<absolute_number> tracker::deliver(connection_facts& connection, const packet_facts& packet,
                                                vantage where) {
  const std::size_t from_side = connection.sides[0] == packet.from ? 0 : 1;
  const bool heard_both = connection.heard[0] && connection.heard[1];
  if (packet.to.id != 0) connection.heard[from_side] = true;
  if (!heard_both && connection.heard[0] && connection.heard[1]) docket_.applied(rule_id::agreement_on_open);
  const bool closes = packet.header.datastream_type >= close_request_type;
  if (!packet.header.system) {
    (closes ? connection.closing : connection.carried_data) = true;
    connection.sent_data[from_side] = true;
  }
  note_file(connection.files, packet.frame.file);
  connection.latest_ordinal = ordinal_;
  if (where == vantage::path) {
    if (path_view* const view = passing_view_of(connection, packet)) view->passed(packet, from_side);
    return std::nullopt;
  }
  const bool leaves = where == vantage::own_emission;
  endpoint_view* const view = end_view_of(connection, packet, leaves ? from_side : 1 - from_side);
  if (view == nullptr) return std::nullopt;
  if (!leaves) {
    view->arrived(packet);
    // Without journals nobody else asks for records.
    endpoint_view* const sender = hash_records_ ? nullptr : connection.own_view(from_side);
    if (sender != nullptr && connection.own_view(1 - from_side) == view) sender->let_go_of_records_at(*view);
    return std::nullopt;
  }
  view->emitted(packet);
  return view->last_emitted_number();
}

bool tracker::room_for_a_view(const connection_facts& connection, const packet_facts& packet) {
  const std::size_t its_own = connection.ends.size() + connection.passing.size();
  if (views_ < most_views && its_own < most_views_of_one) return ++views_, true;
  if (!overflow_) overflow_ = packet.frame;
  return false;
}

path_view* tracker::passing_view_of(connection_facts& connection, const packet_facts& packet) {
  for (auto& each : connection.passing)
    if (each.interface == packet.interface) return each.view.get();
  if (!room_for_a_view(connection, packet)) return nullptr;
  connection.passing.push_back(
      {packet.interface, std::make_unique<path_view>(docket_, connection.sides[0], connection.sides[1])});
  return connection.passing.back().view.get();
}

endpoint_view* tracker::end_view_of(connection_facts& connection, const packet_facts& packet, std::size_t side) {
  for (auto& end : connection.ends)
    if (end.interface == packet.interface && end.side == side) return end.view.get();
  if (!room_for_a_view(connection, packet)) return nullptr;
  connection.ends.push_back(
      {packet.interface, packet.frame.file, side,
       std::make_unique<endpoint_view>(docket_, connection.sides[side], connection.sides[1 - side], hash_records_)});
  endpoint_view& view = *connection.ends.back().view;
  replay_openings(connection, packet.interface, side, view);
  return &view;
}

// What a silent connection sends again after so long is taken as it is: the numbers of the living are what counts.
void tracker::forget_the_silent() {
  for (const auto& connection : connections_) {
    if (ordinal_ - connection->latest_ordinal < long_silence) continue;
    for (auto& end : connection->ends) end.view->forget_numbers();
    for (auto& each : connection->passing) each.view->forget_numbers();
  }
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
