// Octets as they stand on the wire: views, and big-endian loads and stores of 16, 32, 48 and 64 bits.
// No bounds are checked here; callers have compared the length once, at the parse (protocol/wire/idp.hpp).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace seqwire {

// Owned octets, and borrowed ones: a view is valid as long as what it looks at.
using octet = std::uint8_t;
using octets = std::vector<octet>;
using octets_view = std::span<const octet>;

namespace detail {
template <class Integer>
Integer load_native(const octet* from) {
  Integer value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
inline std::uint16_t byteswap(std::uint16_t value) { return __builtin_bswap16(value); }
inline std::uint32_t byteswap(std::uint32_t value) { return __builtin_bswap32(value); }
inline std::uint64_t byteswap(std::uint64_t value) { return __builtin_bswap64(value); }
template <class Integer>
Integer big_endian(Integer value) {
  if constexpr (std::endian::native == std::endian::little) return byteswap(value);
  return value;
}
}  // namespace detail

// Big-endian loads and stores of so many bits at any alignment; 48 bits are the low ones of the value. No bounds are
// checked.
inline std::uint16_t load_u16(const octet* from) {
  return detail::big_endian(detail::load_native<std::uint16_t>(from));
}
inline std::uint32_t load_u32(const octet* from) {
  return detail::big_endian(detail::load_native<std::uint32_t>(from));
}
inline std::uint64_t load_u64(const octet* from) {
  return detail::big_endian(detail::load_native<std::uint64_t>(from));
}
inline std::uint64_t load_u48(const octet* from) { return (std::uint64_t{load_u16(from)} << 32) | load_u32(from + 2); }

// As load_u16(); bits above those stored are ignored.
inline void store_u16(octet* to, std::uint16_t value) {
  value = detail::big_endian(value);
  std::memcpy(to, &value, sizeof value);
}
inline void store_u32(octet* to, std::uint32_t value) {
  value = detail::big_endian(value);
  std::memcpy(to, &value, sizeof value);
}
inline void store_u64(octet* to, std::uint64_t value) {
  value = detail::big_endian(value);
  std::memcpy(to, &value, sizeof value);
}
inline void store_u48(octet* to, std::uint64_t value) {
  store_u16(to, static_cast<std::uint16_t>(value >> 32));
  store_u32(to + 2, static_cast<std::uint32_t>(value));
}

/// The text's octets, without a terminating zero; borrowed.
inline octets_view view_of(std::string_view text) { return {reinterpret_cast<const octet*>(text.data()), text.size()}; }

}  // namespace seqwire
