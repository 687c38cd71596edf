// The verdict: one row for each rule, the findings that have a name of their own, the deviations of foreign peers, and
// one conclusion; as text for people and as JSON (schema "seqwire.verdict/1") for programs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "dissector/analysis/facts.hpp"
#include "dissector/analysis/rules.hpp"

namespace seqwire {

/// What a rule's charges come to.
enum class rule_outcome : std::uint8_t {
  held,  // applied at least once, and never broken
  violated,
  not_decidable,  // never applied, or broken only where a hole in the capture or the vantage point may be to blame
};
std::string_view name_of(rule_outcome outcome);  // as in text and JSON

/// Of all rules together: violated if one is, inconclusive if there are doubts or no rule about connections held.
enum class conclusion : std::uint8_t { holds, violated, inconclusive };
std::string_view name_of(conclusion overall);  // as in text and JSON

/// One thing that was found.
struct finding {
  rule_id rule{};                       // of deviations and violations
  std::string name;                     // the rule's name, or the finding's own ("checksum-blind")
  std::vector<frame_reference> frames;  // the offending one last; none when journals alone tell
  std::string sentence;                 // for people
};

/// What became of one rule.
struct rule_verdict {
  // Which rule, and what its charges come to.
  rule_id rule{};
  rule_outcome outcome = rule_outcome::not_decidable;
  std::uint64_t checks = 0;      // how often it was applied
  std::uint64_t violations = 0;  // all of them; `first` lists the first ones
  std::vector<finding> first;    // violations, in order
  std::vector<finding> doubts;   // what would be violations if the capture were whole and the vantage point right
  std::string reason;            // why it is not decidable
};

/// What was looked at, in packets and connections.
struct verdict_counts {
  std::uint64_t frames = 0;                          // of all captures
  std::uint64_t idp_packets = 0;                     // found in these, of any type
  std::uint64_t sequenced_packets = 0;               // of types whose header has the roles of one
  std::uint64_t wrong_checksums = 0;                 // on arrival
  std::uint64_t connections = 0;                     // that were judged
  std::uint64_t openings = 0;                        // each once however often it was repeated
  std::optional<std::uint64_t> retransmissions = 0;  // nothing: an end that sent was not watched at its own interface
  std::uint64_t strays = 0;                          // packets whose ids contradict every connection
  std::uint64_t journals = 0;                        // given
};

/// What verify says.
struct verdict {
  std::vector<std::string> files;                 // what frame_reference::file indexes
  std::vector<rule_verdict> rules;                // all 41, by number
  std::vector<finding> findings;                  // named: "checksum-blind"
  std::vector<finding> deviations;                // differences that are not wrong, of ends without a journal
  std::vector<std::string> holes;                 // what the capture itself lost
  std::vector<std::string> limits;                // what captures and journals like these can never decide, and why
  verdict_counts counts;                          // of everything given
  conclusion overall = conclusion::inconclusive;  // of all rules and findings together

  /// The row of a rule by number ("I09") or name; nullptr when there is none.
  const rule_verdict* row(std::string_view number_or_name) const;
  /// There is one for each rule.
  const rule_verdict& row(rule_id rule) const { return rules[static_cast<std::size_t>(rule)]; }
  /// 0 holds, 3 violated, 4 inconclusive.
  int exit_code() const;
};

/// "a.pcapng frame 12"
std::string to_string(const verdict& of, const frame_reference& frame);

/// A table, then what was found, then one line of conclusion.
std::string render_text(const verdict& of);
nlohmann::json to_json(const verdict& of);  // schema seqwire.verdict/1

}  // namespace seqwire
