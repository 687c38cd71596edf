#include "dissector/analysis/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace seqwire {
namespace {

// "I07-I09, I12"
template <class Chosen>
std::string numbers_of(Chosen chosen) {
  std::string text;
  for (std::size_t first = 0; first < rule_count; ++first) {
    if (!chosen(rules()[first])) continue;
    std::size_t last = first;
    while (last + 1 < rule_count && chosen(rules()[last + 1])) ++last;
    text += text.empty() ? "" : ", ";
    text += rules()[first].number;
    if (last > first) text += fmt::format("{}{}", last > first + 1 ? "-" : ", ", rules()[last].number);
    first = last;
  }
  return text;
}

// Judged at the vantage point of the end that emits. The acknowledgement of the unsent is not: it shows on arrival.
bool judged_where_emitted(const rule_row& rule) {
  return (rule.evidence == rule_evidence::senders_vantage && rule.id != rule_id::no_acknowledgement_of_the_unsent) ||
         rule.id == rule_id::honest_acknowledgement;
}

bool needs_the_beginning(const rule_row& rule) {
  switch (rule.id) {
    case rule_id::no_acknowledgement_of_the_unsent:
    case rule_id::honest_acknowledgement:
    case rule_id::window_respected:
    case rule_id::system_packets_consume_no_sequence:
    case rule_id::legal_transitions_only:
    case rule_id::agreement_on_open:
    case rule_id::output_bound: return true;
    default: return false;
  }
}

struct coverage {
  std::set<host_number> watched;
  std::set<host_number> unwatched;  // ends seen only from elsewhere
  std::size_t late = 0;             // connections watched at an end, but not from their opening
};

coverage coverage_of(const tracker& connections) {
  coverage result;
  for (const auto& connection : connections.connections()) {
    bool began = false;
    for (const auto& end : connection->ends) began = began || end.view->from_start();
    if (!began && !connection->ends.empty()) ++result.late;
    for (std::size_t side = 0; side < 2; ++side) {
      const bool own = std::any_of(connection->ends.begin(), connection->ends.end(),
                                   [&](const auto& end) { return end.side == side; });
      (own ? result.watched : result.unwatched).insert(connection->sides[side].host);
    }
  }
  return result;
}

}  // namespace

std::vector<std::string> limits_of(const verdict& judged, const tracker& connections, bool with_journals) {
  std::vector<std::string> lines;
  const std::size_t all = connections.connections().size();
  if (all == 0) return lines;
  const coverage seen = coverage_of(connections);
  const auto open = [&](const rule_row& rule) { return judged.row(rule.id).outcome == rule_outcome::not_decidable; };
  const auto by_ids = [&](const rule_row& rule) { return open(rule) && rule.evidence == rule_evidence::packet_ids; };
  if (seen.watched.empty()) {
    lines.push_back(fmt::format(
        "not decidable: {}: nothing says whether a packet left or arrived (a pcap never does), so the order of what "
        "each host did is lost",
        numbers_of([&](const rule_row& rule) {
          return by_ids(rule) || (open(rule) && (rule.evidence == rule_evidence::senders_vantage ||
                                                 rule.evidence == rule_evidence::receivers_vantage));
        })));
  } else if (!seen.unwatched.empty()) {
    const std::string ids = numbers_of(by_ids);
    lines.push_back(fmt::format(
        "not decidable of what {} emits: {}{}: only the other end's vantage point was captured, so what the network "
        "did to its packets is lost",
        seen.unwatched.size() == 1 ? to_string(*seen.unwatched.begin())
                                   : fmt::format("each of {} hosts", seen.unwatched.size()),
        numbers_of(judged_where_emitted), ids.empty() ? "" : fmt::format("; and {} at all", ids)));
  } else if (const std::string ids = numbers_of(by_ids); !ids.empty()) {
    lines.push_back(
        fmt::format("not decidable: {}: no packet ids join the vantage points, so what the network did is lost", ids));
  }
  if (seen.late != 0)
    lines.push_back(fmt::format(
        "not decidable of {} of {} connections: {}: they opened before the capture began, so their first numbers are "
        "lost",
        seen.late, all, numbers_of(needs_the_beginning)));
  if (!with_journals)
    lines.push_back(
        fmt::format("not decidable: {}: no journals, and what applications sent and were given is not in a capture",
                    numbers_of([](const rule_row& rule) { return rule.evidence == rule_evidence::journals; })));
  return lines;
}

}  // namespace seqwire
