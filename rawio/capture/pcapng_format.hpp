// The numbers of pcapng: blocks, options, limits, and little-endian stores (our writer always writes little-endian, so
// that the same run gives the same octets on every machine). Shared by writer and reader; knows nothing of files.
// draft-ietf-opsawg-pcapng sections 3.1 (blocks), 3.5 (options) and 4.1 to 4.6.
#pragma once

#include <cstdint>

#include "protocol/base/bytes.hpp"

namespace seqwire::pcapng {

/// Block types that are read or written (draft section 11.1); others are passed over.
enum class block_type : std::uint32_t {
  interface_description = 1,
  obsolete_packet = 2,  // appendix A: still found in old files, never written
  simple_packet = 3,
  interface_statistics = 5,
  enhanced_packet = 6,
  section_header = 0x0a0d0d0a,  // reads the same in both byte orders
};

/// Options of every block.
inline constexpr std::uint16_t opt_endofopt = 0;
inline constexpr std::uint16_t opt_comment = 1;  // UTF-8; may be repeated
/// Section header block.
inline constexpr std::uint16_t shb_userappl = 4;
/// Interface description block.
inline constexpr std::uint16_t if_name = 2;
inline constexpr std::uint16_t if_description = 3;  // UTF-8
inline constexpr std::uint16_t if_tsresol = 9;      // one octet: a negative power of 10 or, high bit set, of 2
inline constexpr std::uint16_t if_tsoffset = 14;    // 8 octets: seconds to add to each time
/// Enhanced packet block. The obsolete packet block's pack_flags has the number of epb_flags.
inline constexpr std::uint16_t epb_flags = 2;
inline constexpr std::uint16_t epb_dropcount = 4;  // 8 octets: packets lost since the one before
inline constexpr std::uint16_t epb_packetid = 5;   // 8 octets
/// Interface statistics block.
inline constexpr std::uint16_t isb_ifrecv = 4;
inline constexpr std::uint16_t isb_ifdrop = 5;  // 8 octets, as isb_ifrecv

inline constexpr std::uint32_t byte_order_magic = 0x1a2b3c4d;  // as the section's writer wrote it
// Of the section header that is written; 1.2 is read like it (draft section 4.1).
inline constexpr std::uint16_t version_major = 1;
inline constexpr std::uint16_t version_minor = 0;
inline constexpr std::uint64_t section_length_unknown = ~std::uint64_t{0};

/// Type, length, length again.
inline constexpr std::size_t smallest_block = 12;
/// Ours, as other readers have one: a longer block is taken for a broken length.
inline constexpr std::size_t largest_block = std::size_t{16} << 20;
/// An option's length has 16 bits.
inline constexpr std::size_t largest_option = 65535;
/// Leaves room for the fixed part and two full options in the largest block.
inline constexpr std::size_t largest_frame = largest_block - (std::size_t{256} << 10);

/// Contents are padded to 32 bits.
constexpr std::size_t padded(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

/// Octets of the integer, the lowest first; the room is the caller's.
template <class Integer>
void store_little(octet* to, Integer value) {
  for (std::size_t i = 0; i < sizeof value; ++i) to[i] = static_cast<octet>(value >> (8 * i));
}

/// No bounds are checked.
inline std::uint32_t load_little_u32(const octet* from) { return detail::byteswap(load_u32(from)); }

}  // namespace seqwire::pcapng
