// What a set of captures shows, kept to be drawn: every sighting of a packet with what the analysis made of it, and the
// lines that belong to each direction of a connection (acknowledged, allowed, round trips, delays, records). Pages,
// figures and xplot files are drawn from a story and read no capture themselves. Bounded: what is beyond is counted
// among the analysis' holes. Judges nothing.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "dissector/analysis/analyze.hpp"

namespace seqwire {

/// A line to draw: what had which value when.
struct story_line {
  std::vector<std::int64_t> at;     // nanoseconds since the story's beginning
  std::vector<std::int64_t> value;  // in the unit of what it tells

  /// One more point, not before the last.
  void add(std::int64_t when, std::int64_t what) {
    at.push_back(when);
    value.push_back(what);
  }
};

/// One packet at one vantage point.
struct sighting {
  std::int64_t at = 0;                         // nanoseconds since the story's beginning
  frame_reference frame{};                     // where it stands
  event_kind what = event_kind::system;        // system, data, resent, copied or repeated
  resend_cause cause = resend_cause::unknown;  // of resent
  std::uint8_t side = 0;                       // who sent it
  bool lost = false;                           // by the word of the link
  // As in its header.
  bool end_of_record = false;
  bool attention = false;
  std::uint8_t datastream_type = 0;
  std::uint16_t acknowledgement = 0;
  std::uint16_t allocation = 0;
  std::uint32_t data_octets = 0;       // behind its header
  absolute_number number = 0;          // of system packets the number that comes next
  std::uint64_t repeats = 0;           // the number of the frame that it repeats; 0: none
  std::optional<packet_key> packet{};  // the same at other vantage points
};

/// What one vantage point saw of a connection.
struct view_story {
  std::vector<sighting> sightings;  // in the order of the capture
  // Of each side's numbers.
  story_line acknowledged[2];  // all below
  story_line allowed[2];       // up to
  story_line round_trip[2];    // nanoseconds, at the acknowledgement
};

/// What both vantage points together tell of one direction; empty where there are not two, or no packet ids.
struct passage_story {
  std::optional<std::size_t> from;  // view at which its packets leave
  std::optional<std::size_t> to;    // view at which they arrive
  story_line delay;                 // nanoseconds on the way, at the arrival, by the clocks of the captures
  story_line latency;  // nanoseconds from a record's first packet to the moment when all of it had come in order
};

/// One connection, as analysis::connections has it at the same index.
struct connection_story {
  std::vector<view_story> views;  // as connection_summary::views
  passage_story passages[2];      // by who sends
};

/// Everything that is drawn.
struct story {
  analysis told;                              // the summaries
  instant begin{};                            // of the first sighting
  std::int64_t length = 0;                    // nanoseconds from there to the last
  std::vector<connection_story> connections;  // as told.connections
};

/// Most sightings that are kept of all captures together.
inline constexpr std::size_t most_sightings_drawn = 2'000'000;

/// Reads captures. The error is one line for the user, and `stopped` as analyze_files() has them.
result<story, std::string> story_of(std::span<const std::string> captures, const std::function<bool()>& stopped = {});

}  // namespace seqwire
