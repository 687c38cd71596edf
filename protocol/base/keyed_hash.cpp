#include "protocol/base/keyed_hash.hpp"

#include <sodium/crypto_shorthash.h>

namespace seqwire {

std::uint64_t keyed_hash(const hash_key& key, octets_view message) {
  static_assert(sizeof key.octets == crypto_shorthash_KEYBYTES);
  std::array<octet, crypto_shorthash_BYTES> digest;
  crypto_shorthash(digest.data(), message.data(), message.size(), key.octets.data());
  return load_u64(digest.data());
}

}  // namespace seqwire
