// Why a packet was refused. Every refused packet bumps exactly one of these, at the host and at the connection that
// refused it; what a host received is the sum of what it accepted and of these (reliability rule "counters add up").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace seqwire {

/// Why a packet was refused; the first check that fails names it (protocol sheet 3, reliability rule I37).
enum class drop_reason : std::uint8_t {
  // IDP, in the order in which they are checked
  frame_too_short,   // fewer octets than an IDP header
  length_too_small,  // the length field is below 30
  frame_shorter_than_length,
  bad_checksum,
  not_for_this_host,  // neither ours, nor broadcast, nor a group that a socket has joined
  source_is_group,    // a broadcast or multicast source
  source_is_self,     // our own address as source
  no_such_socket,
  unsupported_packet_type,
  receive_buffer_full,  // a datagram for a socket whose application does not read
  // SPP header
  spp_header_too_short,
  source_connection_zero,
  system_packet_with_data,
  attention_not_one_octet,
  close_with_data,  // datastream type 254 or 255 with data
  // SPP connection
  no_such_connection,   // unknown connection, not an opening packet
  wrong_connection_id,  // right addresses, wrong source or destination connection id
  duplicate,            // already received
  beyond_allocation,    // numbered past what we allocated
  not_acceptable_in_state,
  listener_full,
  record_too_long,
  receive_memory_full,  // the connections of a host hold too much together
  // Error packets
  error_too_short,
  error_quotes_nothing_of_ours,
  // Echo packets
  echo_malformed,     // too short, or neither request nor reply
  echo_not_answered,  // from or to a group, or too many at once
  // Routing packets
  routing_malformed,      // too short, an unknown operation, or no whole number of entries
  routing_not_from_link,  // from another network or socket than a router of this link has
  routing_table_full,
  routing_not_answered,  // the asker's ration of long answers is spent
  // Forwarding
  source_network_unknown,  // 0: nobody beyond its network could answer
  too_many_hops,
  network_unreachable,
  too_big_for_link,
  forwarding_queue_full,
};

/// For tables by reason.
inline constexpr std::size_t drop_reason_count = static_cast<std::size_t>(drop_reason::forwarding_queue_full) + 1;

/// The name as it stands in tables, JSON and captures: "bad checksum".
std::string_view name_of(drop_reason reason);

/// One counter for each reason.
class drop_counters {
 public:
  /// Exactly once for each packet refused.
  void count(drop_reason reason) { ++counts_[static_cast<std::size_t>(reason)]; }
  // Packets refused since the host began.
  std::uint64_t operator[](drop_reason reason) const { return counts_[static_cast<std::size_t>(reason)]; }
  // Packets refused since the host began, for whatever reason.
  std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (std::uint64_t count : counts_) sum += count;
    return sum;
  }
  /// What was refused since an earlier moment of the same host.
  drop_counters& operator-=(const drop_counters& earlier) {
    for (std::size_t i = 0; i < drop_reason_count; ++i) counts_[i] -= earlier.counts_[i];
    return *this;
  }

 private:
  std::array<std::uint64_t, drop_reason_count> counts_{};
};

}  // namespace seqwire
