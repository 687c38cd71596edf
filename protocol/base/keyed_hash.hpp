// SipHash-2-4 of octets under a secret key (libsodium's shorthash): connection ids and table hashing that an outsider
// can neither predict nor collide. The key is handed in; nothing here finds entropy.
#pragma once

#include <array>
#include <cstdint>

#include "protocol/base/bytes.hpp"
#include "protocol/base/random.hpp"

namespace seqwire {

/// 128 secret bits, from rawio/entropy.hpp or, in the simulator, from the seed.
struct hash_key {
  std::array<octet, 16> octets{};  // any; SipHash has no weak keys
};

/// A key that a seeded stream determines; in the simulator every secret comes from the seed.
inline hash_key make_hash_key(const random_stream& random) {
  hash_key key;
  store_u64(key.octets.data(), random.bits(0));
  store_u64(key.octets.data() + 8, random.bits(1));
  return key;
}

/// All 64 bits of SipHash-2-4; the same key and octets give the same on every machine.
std::uint64_t keyed_hash(const hash_key& key, octets_view message);

}  // namespace seqwire
