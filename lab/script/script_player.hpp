// Plays a script: one host of the engine in virtual time, the script's program on its sockets, the script as its only
// peer. Exact: a packet leaves at the instant that a line says, or the script has failed.
#pragma once

#include "lab/script/script.hpp"

namespace seqwire {

/// The first line that did not hold.
struct script_failure {
  script_place at;                   // of that line
  std::string line;                  // as it is written
  std::string actual;                // what came instead, in the words of the script
  std::vector<std::string> details;  // field by field
};

/// A packet that was sent or injected, for the capture.
struct script_frame {
  instant at{};         // from the script's start
  bool out = false;     // the host sent it
  octets contents;      // IDP packet, without link header
  std::string comment;  // for the capture; empty: none
};

/// What one playing came to.
struct script_outcome {
  std::uint64_t seed = 1;                 // it was played with
  std::size_t events = 0;                 // that held
  instant end{};                          // when the last event was over
  std::optional<script_failure> failure;  // nothing: every line held
  std::vector<std::string> story;         // what happened, a line each
  std::vector<script_frame> frames;       // in order of time
  // Who they were.
  host_number host = script_host;
  host_number peer = script_peer;
  bool recorded_at_peer = false;  // on the wire nobody else sees the packets
};

/// With this seed: connection ids and all other secrets of the host follow from it. A script whose every line holds is
/// judged by the rules of verify as well.
script_outcome play_script(const script& text, std::uint64_t seed);

/// Several lines for people: what was expected, what came, and what happened before.
std::string render_failure(const script& text, const script_outcome& outcome);

}  // namespace seqwire
