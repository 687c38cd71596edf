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

/// One observation that speaks against a rule, and what it is worth.
struct charge {
  std::vector<frame_reference> frames;           // the offending one last
  std::string sentence;                          // for people, without the frames
  std::optional<packet_key> rests_on{};          // worth nothing if the network corrupted this packet
  std::optional<speaker> unless_seen_leaving{};  // worth nothing if this speaker's own vantage point was captured
  std::optional<speaker> convention_of{};        // only our convention: a deviation unless this speaker wrote a journal
  bool doubtful = false;                         // the vantage point leaves another explanation
  bool by_journals = false;                      // no hole of the capture could explain it
  bool needs_whole_capture = false;              // any hole could, whatever the rule
};

/// All charges of a verification, by rule, until they are weighed.
class docket {
 public:
  /// Charges kept for each rule and of each kind; more are only counted.
  static constexpr std::size_t kept_charges = 256;

  /// The rule was applied to that many cases, whether it held or not.
  void applied(rule_id rule, std::uint64_t times = 1) { checks_[static_cast<std::size_t>(rule)] += times; }

  /// Beside applied(), which counts the cases. Kept as far as kept_charges goes, and counted in any case.
  void accuse(rule_id rule, charge accusation) {
    const auto place = static_cast<std::size_t>(rule);
    // Kept apart, so that those which may turn out to be nothing never crowd out the others.
    const bool excusable = accusation.rests_on || accusation.unless_seen_leaving;
    std::uint64_t& count = (accusation.convention_of ? conventional_ : excusable ? excusable_ : plain_)[place];
    if (count++ < kept_charges) charges_[place].push_back(std::move(accusation));
  }

  /// The evidence does not cover all that the rule is about: it may be broken but is not held. The first reason stays.
  void lacks(rule_id rule, std::string reason) {
    auto& kept = lacking_[static_cast<std::size_t>(rule)];
    if (kept.empty()) kept = std::move(reason);
  }

  /// How often it was applied.
  std::uint64_t checks(rule_id rule) const { return checks_[static_cast<std::size_t>(rule)]; }
  /// Those that were kept, in order.
  const std::vector<charge>& charges(rule_id rule) const { return charges_[static_cast<std::size_t>(rule)]; }
  /// Charges that nothing excuses and that were not kept.
  std::uint64_t surplus(rule_id rule) const { return beyond_kept(plain_[static_cast<std::size_t>(rule)]); }
  /// Charges that something may excuse and that were not kept: nobody knows. Those about conventions are worth nothing
  /// where nobody has promised to keep them.
  std::uint64_t unweighed(rule_id rule, bool with_conventions) const {
    const auto place = static_cast<std::size_t>(rule);
    return beyond_kept(excusable_[place]) + (with_conventions ? beyond_kept(conventional_[place]) : 0);
  }
  /// The reason given to lacks(); empty: none.
  const std::string& lacking(rule_id rule) const { return lacking_[static_cast<std::size_t>(rule)]; }

 private:
  static std::uint64_t beyond_kept(std::uint64_t count) { return count > kept_charges ? count - kept_charges : 0; }

  std::array<std::uint64_t, rule_count> checks_{};
  std::array<std::vector<charge>, rule_count> charges_{};
  std::array<std::uint64_t, rule_count> plain_{};
  std::array<std::uint64_t, rule_count> excusable_{};
  std::array<std::uint64_t, rule_count> conventional_{};
  std::array<std::string, rule_count> lacking_;
};

}  // namespace seqwire
