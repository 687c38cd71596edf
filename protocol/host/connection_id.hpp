// How a host draws connection ids: by a keyed hash, so that nobody without its secret can guess one, and whoever
// repeats a recorded end can look for a secret that draws what was recorded.
#pragma once

#include "protocol/base/keyed_hash.hpp"
#include "protocol/wire/address.hpp"

namespace seqwire {

/// The n-th id (from 1) that a host with this secret draws, if it draws it for this peer. 0 is no id: it is drawn
/// again.
inline std::uint16_t drawn_connection_id(const hash_key& secret, const xns_address& peer, std::uint64_t n) {
  octet text[24];
  store_u64(text, static_cast<std::uint64_t>(peer.host));
  store_u64(text + 8, static_cast<std::uint64_t>(peer.socket));
  store_u64(text + 16, n);
  return static_cast<std::uint16_t>(keyed_hash(secret, text));
}

}  // namespace seqwire
