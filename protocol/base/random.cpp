#include "protocol/base/random.hpp"

#include <Random123/philox.h>

namespace seqwire {
namespace {

r123::Philox4x32::ctr_type philox(std::uint64_t key, std::uint64_t index, std::uint32_t lane, std::uint32_t domain) {
  const r123::Philox4x32::ctr_type counter = {
      {static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), lane, domain}};
  const r123::Philox4x32::key_type philox_key = {
      {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)}};
  return r123::Philox4x32{}(counter, philox_key);
}

std::uint64_t low_half(const r123::Philox4x32::ctr_type& block) { return (std::uint64_t{block[1]} << 32) | block[0]; }

// Domains keep draws and key derivations of one key apart.
constexpr std::uint32_t draw_domain = 0;
constexpr std::uint32_t fork_domain = 1;

}  // namespace

random_stream random_stream::fork(std::string_view name) const {
  std::uint64_t key = key_;
  std::uint32_t position = 0;
  for (const char letter : name)
    key = low_half(philox(key, static_cast<unsigned char>(letter), position++, fork_domain));
  return random_stream(low_half(philox(key, name.size(), position, fork_domain)));
}

random_stream random_stream::fork(std::uint64_t number) const {
  return random_stream(low_half(philox(key_, number, 0xffffffff, fork_domain)));
}

std::uint64_t random_stream::bits(std::uint64_t index, std::uint32_t lane) const {
  return low_half(philox(key_, index, lane, draw_domain));
}

double random_stream::uniform(std::uint64_t index, std::uint32_t lane) const {
  return static_cast<double>(bits(index, lane) >> 11) * 0x1.0p-53;
}

std::uint64_t random_stream::below(std::uint64_t bound, std::uint64_t index, std::uint32_t lane) const {
  __extension__ using wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<wide>(bits(index, lane)) * bound) >> 64);
}

}  // namespace seqwire
