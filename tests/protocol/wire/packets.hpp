// The whole packets of the protocol sheet's checksum section (A to F), and hexadecimal for tests. They were written
// down by hand and checked against 4.3BSD's routine; our own encoder had no part in them.
#pragma once

#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include "protocol/base/bytes.hpp"

namespace seqwire::test {

inline octets from_hexadecimal(std::string_view digits) {
  octets result;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    result.push_back(static_cast<octet>(std::stoul(std::string(digits.substr(i, 2)), nullptr, 16)));
  return result;
}

// A: Echo request, length 37, garbage octet. B: A after one hop. C: SPP open. D: SPP data, 5 octets and garbage.
// E: a bare header, all addresses zero. F: the sum is ffff, so 0000 travels.
inline const octets packet_a =
    from_hexadecimal("bdcb002500020000041a1000bb10110100020000041a0800aa0000010bb9000168656c6c6f00");
inline const octets packet_b =
    from_hexadecimal("bfcb002501020000041a1000bb10110100020000041a0800aa0000010bb9000168656c6c6f00");
inline const octets packet_c =
    from_hexadecimal("7146002a00050000041a1000bb10110100050000041a0800aa0000010bbbc00043210000000000000007");
inline const octets packet_d = from_hexadecimal(
    "07c5002f00050000041a1000bb10110100050000041a0800aa0000010bb850004321876500070003000a68656c6c6f00");
inline const octets packet_e = from_hexadecimal("8007001e0000000000000000000000000000000000000000000000000000");
inline const octets packet_f = from_hexadecimal("0000002200020000041a1000bb10110100020000041a0800aa0000010bb90001c2a3");

inline const std::array<const octets*, 6> whole_packets{&packet_a, &packet_b, &packet_c,
                                                        &packet_d, &packet_e, &packet_f};

}  // namespace seqwire::test
