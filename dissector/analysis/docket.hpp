// The docket: how often each rule was applied, and every charge against it. Charges are weighed at the end, when it is
// known which packets the network corrupted, which ends wrote a journal and whether the capture has holes.
// Knows no protocol.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "dissector/analysis/facts.hpp"
#include "dissector/analysis/rules.hpp"

namespace seqwire {

struct charge {
  std::vector<frame_reference> frames;  // the offending one last
  std::string sentence;
  std::optional<packet_key> rests_on{};          // worth nothing if the network corrupted this packet
  std::optional<speaker> unless_seen_leaving{};  // worth nothing if this speaker's own vantage point was captured
  std::optional<speaker> convention_of{};        // only our convention: a deviation unless this speaker wrote a journal
  bool doubtful = false;                         // the vantage point leaves another explanation
  bool by_journals = false;                      // no hole of the capture could explain it
  bool needs_whole_capture = false;              // any hole could, whatever the rule
};

class docket {
 public:
  /// Charges kept for each rule; more are only counted.
  static constexpr std::size_t kept_charges = 256;

  void applied(rule_id rule, std::uint64_t times = 1) { checks_[static_cast<std::size_t>(rule)] += times; }

  void accuse(rule_id rule, charge accusation) {
    auto& list = charges_[static_cast<std::size_t>(rule)];
    if (list.size() < kept_charges) list.push_back(std::move(accusation));
    else ++surplus_[static_cast<std::size_t>(rule)];
  }

  std::uint64_t checks(rule_id rule) const { return checks_[static_cast<std::size_t>(rule)]; }
  const std::vector<charge>& charges(rule_id rule) const { return charges_[static_cast<std::size_t>(rule)]; }
  std::uint64_t surplus(rule_id rule) const { return surplus_[static_cast<std::size_t>(rule)]; }

 private:
  std::array<std::uint64_t, rule_count> checks_{};
  std::array<std::vector<charge>, rule_count> charges_{};
  std::array<std::uint64_t, rule_count> surplus_{};
};

}  // namespace seqwire
