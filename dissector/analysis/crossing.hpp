// What a connection's packets met between two vantage points, in one direction: which were lost and doubled, how long
// they took, which came out of order, and what link would do the like. A packet is the same at both by its packet id
// where both are ends of one link in one file; else by its number and its acknowledgement, allocation and flags. Exact
// where that names one packet; of several equal ones that were sent an arrival is taken for the one whose delay is
// nearest to the median.
#pragma once

#include <optional>
#include <span>

#include "dissector/analysis/distribution.hpp"
#include "dissector/analysis/facts.hpp"
#include "dissector/analysis/loss_model.hpp"

namespace seqwire {

/// One packet of one direction at one vantage point.
struct passage {
  absolute_number number = 0;         // of a system packet the next one's
  std::uint64_t variable = 0;         // what two sendings of one number may differ in
  std::optional<std::uint64_t> id{};  // in its own file
  instant at{};                       // by the clock of this vantage point
  std::uint32_t octets = 0;           // of the IDP packet

  /// `number`: absolute, as counted at this vantage point.
  static passage of(const packet_facts& packet, absolute_number number);
};

/// What two vantage points tell of the way between them, in one direction.
struct crossing {
  std::uint64_t sent = 0;        // seen at the first
  std::uint64_t arrived = 0;     // of these, seen at the second
  std::uint64_t copied = 0;      // seen there once more
  std::uint64_t unexpected = 0;  // seen at the second only
  // One way, in nanoseconds. From two files they tell the difference of the clocks, too, and may be below 0.
  std::int64_t least_delay = 0;
  distribution delay_above_least;
  std::int64_t longest_copy_delay = 0;   // of a copy, after the packet
  distribution late_by;                  // RFC 4737: arrived after others that were sent later; by how many places
  std::int64_t longest_late_delay = 0;   // of these, above the least
  std::optional<std::uint64_t> rate{};   // bits per second, where packets that were sent together arrive evenly apart
  std::int64_t least_delay_of_rate = 0;  // the least delay less the packet's own time at that rate
  loss_model losses;

  std::uint64_t lost() const { return sent - arrived; }  // of those sent
};

/// What two vantage points have in common.
enum class common_ground : std::uint8_t {
  ids,     // one file has both, and a packet has one id at both
  clock,   // one file has both, but packets get new ids on the way, as from a router
  nothing  // two files
};

/// Both in the order of their captures. What one of two files shows outside the time of the other is left out.
crossing measure_crossing(std::span<const passage> first, std::span<const passage> second, common_ground by);

/// The least delay from the first to the second, which may be below 0; nothing: they have no packet in common.
std::optional<std::int64_t> least_delay(std::span<const passage> first, std::span<const passage> second,
                                        common_ground by);

}  // namespace seqwire
