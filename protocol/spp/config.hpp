// What can be set on a connection, with defaults for a local network, and what a connection counts.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/base/sequence.hpp"
#include "protocol/base/time.hpp"

namespace seqwire {

/// What a receiver hands over: whole records, or as soon as it is in order each packet, attentions in their place
/// included, or the octets of each, where an attention leaves a mark only.
enum class record_delivery : std::uint8_t { records, packets, stream };

/// What one connection is told when it is made.
struct spp_config {
  // Sender
  std::string sender = "fixed";       // policy/registry.hpp
  packet_count window = 64;           // its window, or initial slow start threshold
  packet_count initial_window = 1;    // where slow start begins
  std::size_t packet_data = 534;      // octets of data in a full packet (534 is the classic maximum)
  std::size_t send_buffer = 4 << 20;  // octets queued before send() says would-block; one record always fits
  // Retransmission timer (Jacobson & Karels 1988): minimum 1 s and maximum 64 s are 4.3BSD's
  // Bounds of the retransmission timeout, and its first value before a round trip was measured (RFC 6298 2).
  duration minimum_timeout = 200_ms;
  duration initial_timeout = 1_s;
  duration maximum_timeout = 4_s;
  // Receiver
  std::string acknowledgement = "immediate";  // policy/registry.hpp
  duration acknowledgement_delay = 40_ms;     // at most, where acknowledgements wait
  packet_count allocation = 64;               // packets the receiver holds for the application and for reordering
  record_delivery delivery = record_delivery::records;  // may change while the connection is open
  std::size_t maximum_record = std::size_t{256} << 20;  // octets; a longer one ends the connection
  // Lifetime
  duration open_timeout = 75_s;     // 4.3BSD
  duration give_up = 120_s;         // without any progress
  duration keepalive{};             // asks a peer that is silent for so long; silent for give_up: ended. 0: never
  duration linger = 10_s;           // at most; ends as soon as both ends are known to be done
  duration packet_life = 100_ms;    // no copy of a packet arrives later than this
  bool enforce_packet_life = true;  // false: for showing what then goes wrong
  bool operator==(const spp_config&) const = default;
};

/// Largest window: signed 16-bit comparison must stay unambiguous (xns sheet, section 4.2).
inline constexpr packet_count maximum_window = 32767;

/// Of one connection since it began; of packets unless the name says otherwise.
struct spp_statistics {
  std::uint64_t packets_sent = 0;          // of any kind
  std::uint64_t data_packets_sent = 0;     // retransmissions included
  std::uint64_t retransmissions = 0;       // attentions and closes included
  std::uint64_t fast_retransmissions = 0;  // of these, in repair of a loss that acknowledgements showed, not a timeout
  std::uint64_t timeouts = 0;              // of the retransmission timer
  std::uint64_t probes = 0;                // for a closed window
  std::uint64_t keepalives = 0;            // asked of a silent peer
  std::uint64_t packets_received = 0;      // accepted ones, of any kind
  std::uint64_t records_sent = 0;          // accepted from the application
  std::uint64_t records_delivered = 0;     // handed to it
  std::uint64_t octets_sent = 0;           // of records, each counted once
  std::uint64_t octets_delivered = 0;      // of records, handed to the application
  std::uint64_t out_of_order = 0;          // arrived before a lower number
  std::uint64_t duplicate_acknowledgements = 0;  // same acknowledgement and allocation, data outstanding
  std::uint64_t excess_acknowledgements = 0;     // of packets never sent: ignored
  std::uint64_t reserved_bits = 0;               // packets that carried some: ignored
  std::uint64_t round_trip_samples = 0;          // never of anything sent twice (Karn's rule)
  // 0 before the first sample.
  duration round_trip_total{};  // of all samples
  duration round_trip_minimum{};
  duration round_trip_maximum{};
  duration round_trip_smoothed{};
};

}  // namespace seqwire
