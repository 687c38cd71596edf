// Connections found in a capture: which packets belong together, and to which vantage point of which end each sighting
// goes. A connection is the pair of its two ends (host, socket, connection id); an opening packet, which knows only one
// id, is kept until the answer names the other. Judges what needs several connections at once: ids (connection match,
// agreement on open). Packets with a wrong checksum are kept away from here when they arrive. Bounded whatever a
// capture holds: so many connections and views, so many openings, and numbers are forgotten when a connection is silent
// for long.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "dissector/analysis/endpoint_view.hpp"
#include "dissector/analysis/path_view.hpp"

namespace seqwire {

/// One connection, and every view of it.
struct connection_facts {
  /// At an interface of one of its ends.
  struct end_view {
    // Which interface, counted over all captures, of which of them; `side` is the end's index into `sides`.
    std::size_t interface;
    std::uint32_t file;
    std::size_t side;
    std::unique_ptr<endpoint_view> view;
  };
  /// At an interface between its ends.
  struct passing_view {
    // Which interface, counted over all captures.
    std::size_t interface;
    std::unique_ptr<path_view> view;
  };

  speaker sides[2];  // in their own order, whichever of them opened
  // One for each interface that saw it.
  std::vector<end_view> ends;
  std::vector<passing_view> passing;
  bool heard[2] = {false, false};      // a packet with both ids was seen from this side
  bool closing = false;                // a close request or reply was seen
  bool carried_data = false;           // or at least tried to
  bool sent_data[2] = {false, false};  // data, or a close, was seen from this side
  std::vector<std::uint32_t> files{};  // captures that show it, in order
  std::uint64_t latest_ordinal = 0;    // of the packet that was seen last

  /// The view at the side's own vantage point that saw the connection open, or nullptr.
  endpoint_view* own_view(std::size_t side) const;
};

/// All connections of a verification.
class tracker {
 public:
  /// The docket outlives it.
  tracker(docket& charges, bool hash_records) : docket_(charges), hash_records_(hash_records) {}

  /// Returns the absolute number if the packet is a data packet emitted at its sender's own vantage point.
  std::optional<absolute_number> see(const packet_facts& packet, vantage where);

  /// In the order in which they were seen.
  const std::vector<std::unique_ptr<connection_facts>>& connections() const { return connections_; }
  /// The connection between these two ends and the side of the first, or nothing.
  std::optional<std::pair<const connection_facts*, std::size_t>> find(const speaker& own, const speaker& peer) const;
  /// A packet of this end was seen at its own vantage point.
  bool seen_leaving(const speaker& end) const;
  /// Calls visit(files) with the captures that show an opening, for each opening.
  template <class Visit>
  void for_each_opening(Visit visit) const {
    for (const auto& [key, attempt] : openings_) visit(attempt.files);
  }
  std::uint64_t openings() const { return opened_; }  // openings, each once however often it was repeated
  std::uint64_t strays() const { return strays_; }    // packets whose ids contradict every connection
  /// The first packet that was not judged because there were too many connections; nothing when there was none.
  std::optional<frame_reference> overflow() const { return overflow_; }

  // Bounds of what is kept, whatever a capture holds.
  static constexpr std::size_t most_connections = 65536;
  static constexpr std::size_t most_views = 2 * most_connections;
  static constexpr std::size_t most_views_of_one = 64;  // connection
  static constexpr std::size_t most_openings = 65536;
  static constexpr std::uint64_t long_silence = 1 << 20;  // packets

 private:
  struct pair_key {
    speaker low;
    speaker high;
    auto operator<=>(const pair_key&) const = default;
  };
  struct end_key {
    speaker end;
    host_number peer;
    auto operator<=>(const end_key&) const = default;
  };
  struct opening_sighting {
    packet_facts packet;
    octets body;
    vantage where;
    std::uint64_t ordinal;
  };
  struct opening {
    std::vector<opening_sighting> sightings;
    std::vector<connection_facts*> answered_by;
    std::vector<std::uint32_t> files;
    bool reopened = false;  // seen again after its connection closed
  };

  void see_opening(const packet_facts& packet, vantage where);
  opening& opening_of(const end_key& key);
  void keep_sighting(opening& attempt, const packet_facts& packet, vantage where);
  bool ids_match(const packet_facts& packet, vantage where);
  connection_facts* create(const packet_facts& packet);
  std::optional<absolute_number> deliver(connection_facts& connection, const packet_facts& packet, vantage where);
  endpoint_view* end_view_of(connection_facts& connection, const packet_facts& packet, std::size_t side);
  path_view* passing_view_of(connection_facts& connection, const packet_facts& packet);
  bool room_for_a_view(const connection_facts& connection, const packet_facts& packet);
  void forget_the_silent();
  void replay_openings(connection_facts& connection, std::size_t interface, std::size_t side, endpoint_view& view);

  docket& docket_;
  bool hash_records_;
  std::vector<std::unique_ptr<connection_facts>> connections_;
  // Ordered, because the keys come from outside: nobody can make these slow.
  std::map<pair_key, connection_facts*> by_pair_;
  std::map<end_key, connection_facts*> by_end_;  // the latest connection of an end with a host
  std::map<end_key, opening> openings_;
  std::deque<end_key> opening_order_;  // the oldest first
  std::size_t kept_sightings_ = 0;
  std::size_t views_ = 0;
  std::uint64_t opened_ = 0;
  std::optional<frame_reference> overflow_;
  std::uint64_t ordinal_ = 0;
  std::uint64_t strays_ = 0;  // packets of no connection, with ids that contradict one
};

}  // namespace seqwire
