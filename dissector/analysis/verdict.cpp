#include "dissector/analysis/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

namespace seqwire {
namespace {

using output = std::back_insert_iterator<std::string>;

constexpr std::size_t shown_findings = 5;

std::string place(const verdict& of, const finding& what) {
  std::string text;
  for (const frame_reference& frame : what.frames) {
    if (frame.number == 0) continue;
    text += text.empty() ? "" : ", ";
    text += to_string(of, frame);
  }
  return text.empty() ? "journals" : text;
}

void list(output to, const verdict& of, const std::vector<finding>& findings, std::uint64_t total,
          std::string_view word) {
  for (std::size_t i = 0; i < findings.size() && i < shown_findings; ++i)
    fmt::format_to(to, "       {} {}: {}\n", word, place(of, findings[i]), findings[i].sentence);
  if (total > shown_findings) fmt::format_to(to, "       ... and {} more\n", total - shown_findings);
}

std::string in_one_line(const verdict& of) {
  std::size_t held = 0;
  std::string violated;
  for (const rule_verdict& rule : of.rules) {
    held += rule.outcome == rule_outcome::held ? 1 : 0;
    if (rule.outcome == rule_outcome::violated)
      violated +=
          fmt::format("{}{} {}", violated.empty() ? "" : ", ", row_of(rule.rule).number, row_of(rule.rule).name);
  }
  switch (of.overall) {
    case conclusion::holds: return fmt::format("holds: {} rules applied and none broken", held);
    case conclusion::violated: return fmt::format("violated: {}", violated);
    case conclusion::inconclusive: break;
  }
  if (!of.holes.empty()) return fmt::format("inconclusive: {}; {} rules held on what is there", of.holes.front(), held);
  for (const rule_verdict& rule : of.rules)
    if (!rule.doubts.empty()) return fmt::format("inconclusive: {}: {}", row_of(rule.rule).name, rule.reason);
  return "inconclusive: no rule about a connection could be applied";
}

nlohmann::json findings_json(const verdict& of, const std::vector<finding>& findings, bool with_rule) {
  nlohmann::json array = nlohmann::json::array();
  for (const finding& each : findings) {
    nlohmann::json frames = nlohmann::json::array();
    for (const frame_reference& frame : each.frames)
      if (frame.number != 0) frames.push_back({{"file", of.files.at(frame.file)}, {"frame", frame.number}});
    nlohmann::json entry{{"name", each.name}, {"frames", std::move(frames)}, {"sentence", each.sentence}};
    if (with_rule) entry["rule"] = row_of(each.rule).number;
    array.push_back(std::move(entry));
  }
  return array;
}

}  // namespace

std::string_view name_of(rule_outcome outcome) {
  switch (outcome) {
    case rule_outcome::held: return "held";
    case rule_outcome::violated: return "violated";
    case rule_outcome::not_decidable: return "not decidable";
  }
  return "";
}

std::string_view name_of(conclusion overall) {
  switch (overall) {
    case conclusion::holds: return "holds";
    case conclusion::violated: return "violated";
    case conclusion::inconclusive: return "inconclusive";
  }
  return "";
}

const rule_verdict* verdict::row(std::string_view number_or_name) const {
  for (const rule_verdict& rule : rules)
    if (row_of(rule.rule).number == number_or_name || row_of(rule.rule).name == number_or_name) return &rule;
  return nullptr;
}

int verdict::exit_code() const {
  switch (overall) {
    case conclusion::holds: return 0;
    case conclusion::violated: return 3;
    case conclusion::inconclusive: break;
  }
  return 4;
}

std::string to_string(const verdict& of, const frame_reference& frame) {
  return fmt::format("{} frame {}", frame.file < of.files.size() ? of.files[frame.file] : "capture", frame.number);
}

std::string render_text(const verdict& of) {
  std::string text;
  const output to(text);
  const verdict_counts& counts = of.counts;
  fmt::format_to(to,
                 "frames {}, IDP packets {}, sequenced packets {}, connections {}, retransmissions {}, journals {}\n",
                 counts.frames, counts.idp_packets, counts.sequenced_packets, counts.connections,
                 counts.retransmissions ? std::to_string(*counts.retransmissions) : "unknown", counts.journals);
  for (const std::string& limit : of.limits) fmt::format_to(to, "{}\n", limit);
  fmt::format_to(to, "\nrule   {:<36} {:<14} {:>10}\n", "name", "outcome", "checks");
  std::string undecided;
  for (const rule_verdict& rule : of.rules) {
    const rule_row& row = row_of(rule.rule);
    if (rule.outcome == rule_outcome::not_decidable && rule.doubts.empty()) {
      undecided += fmt::format("  {}    {:<36} {}\n", row.number, row.name, rule.reason);
      continue;
    }
    fmt::format_to(to, "{}    {:<36} {:<14} {:>10}\n", row.number, row.name, name_of(rule.outcome), rule.checks);
    list(to, of, rule.first, rule.violations, "violated at");
    list(to, of, rule.doubts, rule.doubts.size(), "in doubt at");
  }
  if (!undecided.empty()) fmt::format_to(to, "\nnot decidable from what was given:\n{}", undecided);
  if (!of.findings.empty()) {
    text += "\nfindings:\n";
    for (std::size_t i = 0; i < of.findings.size() && i < 2 * shown_findings; ++i)
      fmt::format_to(to, "  {} at {}: {}\n", of.findings[i].name, place(of, of.findings[i]), of.findings[i].sentence);
    if (of.findings.size() > 2 * shown_findings)
      fmt::format_to(to, "  ... and {} more\n", of.findings.size() - 2 * shown_findings);
  }
  if (!of.deviations.empty()) {
    fmt::format_to(to, "\ndeviations, no violations ({}):\n", of.deviations.size());
    for (std::size_t i = 0; i < of.deviations.size() && i < 2 * shown_findings; ++i)
      fmt::format_to(to, "  {} at {}: {}\n", row_of(of.deviations[i].rule).number, place(of, of.deviations[i]),
                     of.deviations[i].sentence);
  }
  if (!of.holes.empty()) {
    text += "\nthe capture itself has holes:\n";
    for (std::size_t i = 0; i < of.holes.size() && i < 2 * shown_findings; ++i)
      fmt::format_to(to, "  {}\n", of.holes[i]);
    if (of.holes.size() > 2 * shown_findings)
      fmt::format_to(to, "  ... and {} more\n", of.holes.size() - 2 * shown_findings);
  }
  fmt::format_to(to, "\n{}\n", in_one_line(of));
  // File names are the user's own, but even these do not move the cursor.
  std::replace_if(
      text.begin(), text.end(), [](char each) { return (each >= 0 && each < 0x20 && each != '\n') || each == 0x7f; },
      '?');
  return text;
}

nlohmann::json to_json(const verdict& of) {
  nlohmann::json rules = nlohmann::json::array();
  for (const rule_verdict& rule : of.rules) {
    const rule_row& row = row_of(rule.rule);
    nlohmann::json entry{{"number", row.number},
                         {"name", row.name},
                         {"statement", row.statement},
                         {"evidence", name_of(row.evidence)},
                         {"outcome", name_of(rule.outcome)},
                         {"checks", rule.checks},
                         {"violation_count", rule.violations},
                         {"violations", findings_json(of, rule.first, true)},
                         {"doubts", findings_json(of, rule.doubts, true)}};
    if (!rule.reason.empty()) entry["reason"] = rule.reason;
    rules.push_back(std::move(entry));
  }
  const verdict_counts& counts = of.counts;
  return {{"schema", "seqwire.verdict/1"},
          {"conclusion", name_of(of.overall)},
          {"exit_code", of.exit_code()},
          {"summary", in_one_line(of)},
          {"files", of.files},
          {"rules", std::move(rules)},
          {"findings", findings_json(of, of.findings, false)},
          {"deviations", findings_json(of, of.deviations, true)},
          {"holes", of.holes},
          {"limits", of.limits},
          {"counts",
           {{"frames", counts.frames},
            {"idp_packets", counts.idp_packets},
            {"sequenced_packets", counts.sequenced_packets},
            {"wrong_checksums", counts.wrong_checksums},
            {"connections", counts.connections},
            {"openings", counts.openings},
            {"retransmissions", counts.retransmissions ? nlohmann::json(*counts.retransmissions) : nlohmann::json()},
            {"strays", counts.strays},
            {"journals", counts.journals}}}};
}

}  // namespace seqwire
