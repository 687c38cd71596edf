// Connections found in a capture: which packets belong together, and to which vantage point of which end each sighting
// goes. A connection is the pair of its two ends (host, socket, connection id); an opening packet, which knows only one
// id, is kept until the answer names the other. Judges what needs several connections at once: ids (connection match,
// agreement on open). Packets with a wrong checksum are kept away from here when they arrive.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "dissector/analysis/endpoint_view.hpp"
#include "dissector/analysis/path_view.hpp"

namespace seqwire {

/// What a vantage point is to one packet.
enum class vantage : std::uint8_t { path, own_emission, own_arrival };

struct connection_facts {
  struct end_view {
    std::size_t interface;
    std::size_t side;
    std::unique_ptr<endpoint_view> view;
  };
  struct passing_view {
    std::size_t interface;
    std::unique_ptr<path_view> view;
  };

  speaker sides[2];
  std::vector<end_view> ends;
  std::vector<passing_view> passing;
  bool heard[2] = {false, false};  // a packet with both ids was seen from this side
  bool closing = false;            // a close request or reply was seen

  /// The view at the side's own vantage point that saw the connection open, or nullptr.
  const endpoint_view* own_view(std::size_t side) const;
};

class tracker {
 public:
  tracker(docket& charges, bool hash_records) : docket_(charges), hash_records_(hash_records) {}

  /// Returns the absolute number if the packet is a data packet emitted at its sender's own vantage point.
  std::optional<absolute_number> see(const packet_facts& packet, vantage where);

  const std::vector<std::unique_ptr<connection_facts>>& connections() const { return connections_; }
  /// The connection between these two ends and the side of the first, or nothing.
  std::optional<std::pair<const connection_facts*, std::size_t>> find(const speaker& own, const speaker& peer) const;
  bool seen_leaving(const speaker& end) const;
  std::uint64_t openings() const { return openings_.size(); }
  std::uint64_t strays() const { return strays_; }

 private:
  struct mixed {
    template <class Key>
    std::size_t operator()(const Key& key) const;
  };
  struct pair_key {
    speaker low;
    speaker high;
    bool operator==(const pair_key&) const = default;
  };
  struct end_key {
    speaker end;
    host_number peer;
    bool operator==(const end_key&) const = default;
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
    bool reopened = false;  // seen again after its connection closed
  };

  void see_opening(const packet_facts& packet, vantage where);
  bool ids_match(const packet_facts& packet, vantage where);
  connection_facts& create(const packet_facts& packet);
  std::optional<absolute_number> deliver(connection_facts& connection, const packet_facts& packet, vantage where);
  endpoint_view& end_view_of(connection_facts& connection, std::size_t interface, std::size_t side);
  void replay_openings(connection_facts& connection, std::size_t interface, std::size_t side, endpoint_view& view);

  docket& docket_;
  bool hash_records_;
  std::vector<std::unique_ptr<connection_facts>> connections_;
  std::unordered_map<pair_key, connection_facts*, mixed> by_pair_;
  std::unordered_map<end_key, connection_facts*, mixed> by_end_;  // the latest connection of an end with a host
  std::unordered_map<end_key, opening, mixed> openings_;
  std::uint64_t ordinal_ = 0;
  std::uint64_t strays_ = 0;  // packets of no connection, with ids that contradict one
};

}  // namespace seqwire
