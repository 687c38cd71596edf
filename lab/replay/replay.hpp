// One end of a captured connection played by our engine, in virtual time: what arrived there arrives again at the times
// of the capture, the application says what it said when the captured end first sent it, and what our engine sends is
// laid beside what the captured end sent. What arrives does not depend on what ours sends: after the first difference
// later ones may follow from it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "lab/replay/answer_comparison.hpp"
#include "lab/replay/recorded_end.hpp"
#include "protocol/spp/config.hpp"

namespace seqwire {

/// How our engine plays.
struct replay_settings {
  spp_config spp;            // of its connection
  duration tolerance{};      // of times that count as the same
  duration reaction{};       // what leaves so soon after an arrival was its application's answer to it
  bool everything = false;   // tell of each difference, not only of the first 20
  std::string configured{};  // where the configuration is from, for people
};

/// What came of it.
struct replay_outcome {
  std::string file;            // the capture
  recorded_end played;         // by our engine; without its packets
  replay_settings settings;    // with which
  std::uint64_t heard = 0;     // packets that arrived
  answer_comparison answers;   // captured and ours
  std::string ended;           // how our end's connection ended; empty: it has not
  std::uint64_t not_said = 0;  // octets of the application that our engine never took
  std::uint64_t others = 0;    // packets of other types that our host sent

  /// 0: answers as captured; 3: differently; 4: cannot be repeated, or the capture has holes.
  int exit_code() const;
};

/// Plays it; nothing is played where the end is unrepeatable.
replay_outcome replay(recorded_end end, const replay_settings& settings);

/// For people: who played, the first difference, counts, and the list.
std::string render_text(const replay_outcome& of);
nlohmann::json to_json(const replay_outcome& of);  // schema seqwire.replay/1

}  // namespace seqwire
