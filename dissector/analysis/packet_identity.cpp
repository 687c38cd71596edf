#include "dissector/analysis/packet_identity.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace seqwire {

void packet_identity::seen(const sighting& what) {
  identity* const packet = identity_of(what.key);
  if (packet == nullptr) {
    unheard_ = true;
    return;
  }
  packet->marked_corrupted = packet->marked_corrupted || what.marked_corrupted;
  if (what.direction == capture_direction::out) emitted(*packet, what);
  else if (packet->frame_number != 0) compare(*packet, what);
  else wait(what);
}

packet_identity::identity* packet_identity::find(const packet_key& key) {
  recent_place& place = recent(key);
  if (place.at == nullptr || place.key != key) {
    const auto found = packets_.find(key);
    if (found == packets_.end()) return nullptr;
    place = {key, &found->second};
  }
  return place.at;
}

// Nothing: it may have been seen and forgotten.
packet_identity::identity* packet_identity::identity_of(const packet_key& key) {
  if (const recent_place& place = recent(key); place.at != nullptr && place.key == key) return place.at;
  if (forgotten_ && key <= *forgotten_) return nullptr;
  const auto place = packets_.try_emplace(packets_.end(), key);
  if (packets_.size() > most_packets) {
    const auto lowest = packets_.begin();
    forgotten_ = lowest->first;
    const bool itself = lowest == place;
    if (recent(lowest->first).key == lowest->first) recent(lowest->first).at = nullptr;
    packets_.erase(lowest);
    if (itself) return nullptr;
  }
  recent(key) = {key, &place->second};
  return &place->second;
}

void packet_identity::wait(const sighting& arrival) {
  waiting_[arrival.key].push_back(arrival);
  if (++waiting_count_ <= most_waiting) return;
  waiting_count_ -= waiting_.begin()->second.size();
  waiting_.erase(waiting_.begin());
  unheard_ = true;
}

void packet_identity::emitted(identity& packet, const sighting& what) {
  docket_.applied(rule_id::capture_truth);
  if (packet.frame_number != 0 && packet.interface == what.interface) {
    docket_.accuse(rule_id::capture_truth,
                   {.frames = {{what.key.file, packet.frame_number}, what.frame},
                    .sentence = fmt::format("packet id {} leaves the same vantage point twice", what.key.id)});
    return;
  }
  if (packet.frame_number != 0) {  // forwarded: it leaves another host
    compare(packet, what);
    return;
  }
  packet.octets_hash = what.octets_hash;
  packet.frame_number = what.frame.number;
  packet.interface = static_cast<std::uint32_t>(what.interface);
  packet.checksum = what.checksum;
  packet.hop_count = what.hop_count;
  packet.judged = what.judged;
  if (what.source) {
    if (emitting_hosts_.size() < most_hosts) emitting_hosts_.insert(static_cast<std::uint64_t>(*what.source));
    else unheard_ = true;
  }
  const auto early = waiting_.find(what.key);
  if (early == waiting_.end()) return;
  for (const sighting& arrival : early->second) compare(packet, arrival);
  waiting_count_ -= early->second.size();
  waiting_.erase(early);
}

void packet_identity::compare(identity& packet, const sighting& arrival) {
  docket_.applied(rule_id::conservation);
  docket_.applied(rule_id::same_packet_same_octets);
  const bool forwarded = packet.hop_count != arrival.hop_count;
  const bool same = packet.judged == arrival.judged && packet.octets_hash == arrival.octets_hash &&
                    (forwarded ? arrival.checksum_right : packet.checksum == arrival.checksum);
  if (same) return;
  if (arrival.judged && arrival.checksum_right) {
    if (blind_.size() < most_corruptions) {
      blind_.push_back({arrival.frame, arrival.checksummed, arrival.destination});
      corrupted_.insert(arrival.key);
    } else {
      overflow_ = true;
    }
  }
  if (!packet.marked_corrupted)
    docket_.accuse(rule_id::same_packet_same_octets,
                   {.frames = {{arrival.key.file, packet.frame_number}, arrival.frame},
                    .sentence = fmt::format(
                        "packet id {} has other octets here, and nothing says that it was corrupted", arrival.key.id)});
}

void packet_identity::tell_number(const packet_key& key, absolute_number number) {
  if (identity* const found = find(key)) found->number = number;
}

std::optional<absolute_number> packet_identity::number_of(const packet_key& key) {
  const identity* const found = find(key);
  if (found == nullptr || found->number == unknown_number) return std::nullopt;
  return found->number;
}

bool packet_identity::corrupted(const packet_key& key) const { return corrupted_.contains(key); }

void packet_identity::finish() {
  if (unheard_ && docket_.checks(rule_id::conservation) != 0)
    for (const rule_id rule : {rule_id::conservation, rule_id::same_packet_same_octets})
      docket_.lacks(rule, "more packet ids than are kept at once, and not all were compared");
  std::vector<const sighting*> orphans;
  for (const auto& [key, arrivals] : waiting_)
    for (const sighting& arrival : arrivals)
      if (arrival.judged && arrival.checksum_right && arrival.source && arrival.direction == capture_direction::in &&
          emitting_hosts_.contains(static_cast<std::uint64_t>(*arrival.source)))
        orphans.push_back(&arrival);
  std::sort(orphans.begin(), orphans.end(), [](const auto* a, const auto* b) { return a->frame < b->frame; });
  for (const sighting* arrival : orphans) {
    docket_.applied(rule_id::conservation);
    docket_.accuse(rule_id::conservation,
                   {.frames = {arrival->frame},
                    .sentence = fmt::format("packet id {} arrives and was never emitted", arrival->key.id)});
  }
}

}  // namespace seqwire
