#include "rawio/peer_table.hpp"

#include <set>

namespace seqwire {

// Forgets the learned host that was silent longest, unless it was heard after `silent_since`.
bool peer_table::make_room(std::optional<instant> silent_since) {
  if (peers_.size() < capacity_) return true;
  if (learned_.empty()) return false;
  const auto oldest = peers_.find(learned_.front());
  if (silent_since && oldest->second.heard_at > *silent_since) return false;
  peers_.erase(oldest);
  learned_.pop_front();
  return true;
}

bool peer_table::fix(host_number host, const ipv4_endpoint& at) {
  const auto known = peers_.find(host);
  if (known == peers_.end() && !make_room(std::nullopt)) return false;
  if (known != peers_.end() && !known->second.is_fixed) learned_.erase(known->second.place);
  peers_[host] = {.at = at, .is_fixed = true};
  return true;
}

result<void, peer_refusal> peer_table::heard(instant now, host_number host, const ipv4_endpoint& from) {
  const auto known = peers_.find(host);
  if (known == peers_.end()) {
    if (!make_room(now - quiet)) return failure(peer_refusal::table_full);
    peers_[host] = {.at = from, .heard_at = now, .place = learned_.insert(learned_.end(), host)};
    return {};
  }
  peer& of = known->second;
  if (of.at != from && (of.is_fixed || now - of.heard_at < quiet)) return failure(peer_refusal::lives_elsewhere);
  if (of.is_fixed) return {};
  of.at = from;
  of.heard_at = now;
  learned_.splice(learned_.end(), learned_, of.place);
  return {};
}

std::optional<ipv4_endpoint> peer_table::find(host_number host) const {
  const auto known = peers_.find(host);
  if (known == peers_.end()) return std::nullopt;
  return known->second.at;
}

std::vector<ipv4_endpoint> peer_table::everybody() const {
  std::set<ipv4_endpoint> different;
  for (const auto& [host, of] : peers_) different.insert(of.at);
  return {different.begin(), different.end()};
}

std::vector<ipv4_endpoint> peer_table::fixed() const {
  std::vector<ipv4_endpoint> all;
  for (const auto& [host, of] : peers_)
    if (of.is_fixed) all.push_back(of.at);
  return all;
}

}  // namespace seqwire
