// The same packet at several vantage points, by its packet id: was it emitted before it arrived, are its octets the
// same, and did a corruption slip through the checksum. Also: a packet leaves a vantage point once. Knows frames and
// ids, nothing of connections. Keeps the latest ids only; what that leaves open is said and never guessed.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "dissector/analysis/docket.hpp"

namespace seqwire {

/// A corrupted packet that the checksum does not betray.
struct blind_corruption {
  frame_reference frame;                // where it arrived changed
  bool checksummed;                     // false: the sender had asked not to check
  std::optional<host_number> receiver;  // nothing: a frame that is no IDP packet
};

/// What identifies a sighting. `octets_hash` covers the IDP packet without checksum and hop count.
struct sighting {
  packet_key key;                                            // by which sightings are compared
  frame_reference frame;                                     // which it is
  std::size_t interface = 0;                                 // counted over all captures
  capture_direction direction = capture_direction::unknown;  // of the frame at that interface
  bool marked_corrupted = false;                             // the capture's comment says so
  bool judged = false;  // it decoded as an IDP packet; otherwise the hash covers the whole frame
  // Of an IDP packet; unset where none was decoded.
  bool checksummed = true;
  bool checksum_right = true;
  std::uint64_t octets_hash = 0;
  std::uint16_t checksum = 0;
  std::uint8_t hop_count = 0;
  std::optional<host_number> source{};
  std::optional<host_number> destination{};
};

/// The sightings of a run by packet id.
class packet_identity {
 public:
  explicit packet_identity(docket& charges) : docket_(charges) {}  // it outlives this

  /// Call for every frame that has a packet id.
  void seen(const sighting& what);

  /// The absolute number under which the sender emitted this packet, once told.
  void tell_number(const packet_key& key, absolute_number number);
  /// As told; nothing: never, or forgotten.
  std::optional<absolute_number> number_of(const packet_key& key);

  /// Whether the network changed this packet and the checksum does not betray it, as far as is known by now.
  bool corrupted(const packet_key& key) const;
  const std::vector<blind_corruption>& blind() const { return blind_; }  // in the order in which they were found
  /// More corruptions than are kept: of later packets corrupted() knows nothing.
  bool overflow() const { return overflow_; }

  // Bounds of what is kept, whatever a capture holds.
  static constexpr std::size_t most_packets = 1 << 18;
  static constexpr std::size_t most_waiting = 1 << 16;
  static constexpr std::size_t most_hosts = 1 << 16;
  static constexpr std::size_t most_corruptions = 1 << 16;

  /// Judges what could only be judged at the end: arrivals whose emission never came.
  void finish();

 private:
  static constexpr absolute_number unknown_number = INT64_MIN;
  // Small, because there is one for each packet id of a capture.
  struct identity {
    std::uint64_t octets_hash = 0;
    std::uint64_t frame_number = 0;  // of the emission; 0: not seen yet
    absolute_number number = unknown_number;
    std::uint32_t interface = 0;
    std::uint16_t checksum = 0;
    std::uint8_t hop_count = 0;
    bool judged = false;
    bool marked_corrupted = false;
  };

  // Where one of the latest ids is, found without a walk through the map; what it was last asked for at each place.
  struct recent_place {
    packet_key key;
    identity* at = nullptr;
  };
  static constexpr std::size_t recent_places = 4096;

  recent_place& recent(const packet_key& key) { return recent_[key.id % recent_places]; }
  identity* find(const packet_key& key);
  identity* identity_of(const packet_key& key);
  void wait(const sighting& arrival);
  void emitted(identity& packet, const sighting& what);
  void compare(identity& packet, const sighting& arrival);

  docket& docket_;
  // Ordered by id, which grows with time; and nobody can choose ids that make an ordered map slow.
  std::map<packet_key, identity> packets_;
  std::vector<recent_place> recent_ = std::vector<recent_place>(recent_places);
  std::map<packet_key, std::vector<sighting>> waiting_;  // arrivals read before their emission
  std::size_t waiting_count_ = 0;
  std::optional<packet_key> forgotten_;     // the highest id of those
  bool unheard_ = false;                    // something could not be kept that would have been judged
  std::set<std::uint64_t> emitting_hosts_;  // with packet ids
  std::set<packet_key> corrupted_;
  std::vector<blind_corruption> blind_;
  bool overflow_ = false;
};

}  // namespace seqwire
