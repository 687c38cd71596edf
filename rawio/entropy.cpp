#include "rawio/entropy.hpp"

#include <sys/random.h>

#include <cerrno>

#include "rawio/setup_error.hpp"

namespace seqwire {

std::uint64_t fresh_seed() {
  std::uint64_t seed = 0;
  ssize_t got = 0;
  do got = ::getrandom(&seed, sizeof seed, 0);
  while (got < 0 && errno == EINTR);
  if (got != ssize_t{sizeof seed}) throw_system_error("asking for entropy");  // 8 octets never come in parts
  return seed;
}

}  // namespace seqwire
