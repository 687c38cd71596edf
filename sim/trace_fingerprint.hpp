// One number for everything that moved in a simulated world: when each packet left and arrived, its id, its size and
// its first octets, where both headers and the checksum over the rest stand. Two runs with the same number took the
// same course; it costs some nanoseconds a packet. No protection against anybody who wants two runs to have the same.
#pragma once

#include <cstdint>

#include "protocol/base/bytes.hpp"
#include "protocol/base/time.hpp"

namespace seqwire {

class trace_fingerprint {  // of one run
 public:
  /// Octets of each packet that count.
  static constexpr std::size_t head = 64;

  /// A packet that leaves a host or arrives at one.
  void note(instant now, std::uint64_t packet_id, bool arrived, octets_view contents) {
    mix(static_cast<std::uint64_t>(now.nanoseconds));
    mix(packet_id << 1 | (arrived ? 1 : 0));
    mix(contents.size());
    octets_view rest = contents.first(contents.size() < head ? contents.size() : head);
    for (; rest.size() >= 8; rest = rest.subspan(8)) mix(load_u64(rest.data()));
    std::uint64_t last = 0;
    for (const octet each : rest) last = last << 8 | each;
    mix(last);
  }

  std::uint64_t value() const { return state_ ^ state_ >> 29; }  // of everything noted so far

 private:
  // Multiplying by an odd number loses nothing; the shift brings high bits down to where the next ones enter.
  void mix(std::uint64_t word) {
    state_ = (state_ ^ word) * 0xd6e8feb86659fd93;
    state_ ^= state_ >> 32;
  }

  std::uint64_t state_ = 1;
};

}  // namespace seqwire
