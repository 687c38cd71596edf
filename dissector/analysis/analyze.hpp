// analyze: packets in, what happened out: for each connection and each vantage point a summary of both directions, and
// between two vantage points what the network did to packets on the way. Takes packets one by one in file order and
// keeps a window of numbers for each connection; what a capture holds beyond the limits is said. Judges nothing. Works
// by the roles of headers, whosever header it is.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dissector/analysis/capture_walk.hpp"
#include "dissector/analysis/connection_view.hpp"
#include "dissector/analysis/crossing.hpp"

namespace seqwire {

/// A connection at one vantage point.
struct view_summary {
  std::string name;            // of the interface; printable
  std::uint32_t file = 0;      // index into analysis::files
  direction_summary sides[2];  // by who sends
};

/// What a connection's packets met between two vantage points: sides[0] on the way from `first` to `second`, sides[1]
/// on the way back. Nothing where a side's packets were not seen at both.
struct crossing_summary {
  std::size_t first = 0;               // index into connection_summary::views
  std::size_t second = 0;              // as `first`
  bool one_clock = true;               // both in one file; else delays tell the difference of the clocks, too
  std::optional<crossing> sides[2]{};  // by who sends
};

/// A connection as all vantage points see it.
struct connection_summary {
  speaker sides[2];                 // the first is the one that opened, where that was seen
  bool opening_seen = false;        // a packet without the peer's id
  std::vector<view_summary> views;  // in the order in which they first saw it
  // Between neighbours, in order of the way from the first side to the second; of more than two vantage points the
  // outermost ones come last.
  std::vector<crossing_summary> crossings;
  /// "closed", "close not answered" or "open", by all that any vantage point saw.
  std::string_view ending() const;
};

/// What a set of captures tells.
struct analysis {
  std::vector<std::string> files;               // what frame_reference::file indexes
  std::uint64_t frames = 0;                     // of all captures
  std::uint64_t sequenced_packets = 0;          // of types whose header has the roles of one, checksum right
  std::uint64_t wrong_checksums = 0;            // on arrival: not counted in any connection
  std::uint64_t malformed = 0;                  // too short, or against the rules of form
  std::uint64_t unanswered_openings = 0;        // openings of which no connection came
  std::vector<connection_summary> connections;  // in the order in which they were seen
  std::vector<std::string> holes;               // what the captures lost, and what was beyond the limits
};

/// Analyses captures, from packets in order.
class analyzer {
 public:
  /// `listener` is told of every event as it is found; it may be empty.
  explicit analyzer(event_listener listener = {}) : listener_(std::move(listener)) {}

  /// Frames count from 1 and interfaces anew from here on.
  void begin_capture(std::string name);
  /// `seen_at` is the packet's own interface.
  void on_packet(const captured_packet& packet, const capture_interface& seen_at);
  /// A line for analysis::holes: the capture ends early.
  void on_hole(std::string what) { result_.holes.push_back(std::move(what)); }
  /// What was found. Call once, at the end.
  analysis finish();

  // Bounds of what is kept, whatever a capture holds.
  static constexpr std::size_t most_connections = 65536;
  static constexpr std::size_t most_views = 8;  // of one connection
  static constexpr std::size_t most_openings = 65536;
  static constexpr std::size_t most_sightings = 8;  // of one opening
  static constexpr std::size_t most_numbers = 1 << 19;
  static constexpr std::size_t most_passages = 1 << 20;

 private:
  struct end_key {
    speaker end;
    host_number peer;
    auto operator<=>(const end_key&) const = default;
  };
  struct known_view {
    std::size_t interface = 0;
    std::uint32_t file = 0;
    connection_view numbers{};
    std::vector<passage> passages[2]{};  // of each side
    absolute_number highest[2]{};        // of these
  };
  struct known_connection {
    connection_summary summary;
    std::vector<known_view> views;
  };
  struct seen_packet {
    packet_facts facts;
    vantage where = vantage::path;
    bool lost = false;
  };

  void see(const seen_packet& packet);
  known_connection* connection_of(const packet_facts& facts);
  known_connection* create(const packet_facts& facts);
  void deliver(known_connection& to, const seen_packet& packet);
  void keep_passage(known_view& at, const packet_facts& facts, std::size_t sender);
  void keep_opening(const seen_packet& packet);
  static std::vector<crossing_summary> crossings_of(const known_connection& of);
  void forget_when_full();

  event_listener listener_;
  analysis result_;
  std::vector<std::string> interfaces_;  // names, of all captures
  std::vector<std::uint64_t> dropped_;   // by interface, of all captures
  std::size_t first_interface_ = 0;      // of the current capture
  std::uint64_t frame_number_ = 0;
  std::uint64_t cut_frames_ = 0;
  std::uint64_t beyond_limits_ = 0;
  std::uint64_t passages_beyond_ = 0;
  std::size_t passages_kept_ = 0;
  std::size_t numbers_kept_ = 0;
  bool forgot_ = false;
  std::vector<known_connection> connections_;
  std::map<std::pair<speaker, speaker>, std::size_t> by_pair_;  // the lower one first
  std::map<end_key, std::size_t> by_end_;                       // the latest connection of an end
  std::map<end_key, std::vector<seen_packet>> openings_;
};

/// Analyses whole files. The error is one line for the user: a file that cannot be read or is malformed, or is given
/// twice.
result<analysis, std::string> analyze_files(std::span<const std::string> captures, event_listener listener = {},
                                            const capture_reading& how = {});

/// A table for each connection, for people.
std::string render_text(const analysis& of);
nlohmann::json to_json(const analysis& of);  // schema seqwire.analysis/1

}  // namespace seqwire
