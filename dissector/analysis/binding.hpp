// What binds captures and journals to one run: the connections that they tell of, each named by both ends' addresses
// and connection ids. Files that do not belong together are refused, because a verdict on them would say nothing; what
// only part of the files tells of is said to be undecided. Judges no packet. Reliability section 3, last paragraph.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dissector/analysis/docket.hpp"
#include "dissector/analysis/tracker.hpp"
#include "rawio/capture/journal.hpp"

namespace seqwire {

/// A journal and the name of the file that it came from.
struct named_journal {
  std::string name;  // for messages
  journal told;      // as read
};

/// One line for the user if two journals tell of the same end of a connection; nothing when all is well.
std::optional<std::string> told_twice(std::span<const named_journal> journals);

/// One line if the captures show no connection in common, or one vantage point twice. `files`: the captures' names.
std::optional<std::string> captures_contradict(const tracker& connections, std::span<const std::string> files);

/// One line if the captures show connections, and none of those that a journal tells of.
std::optional<std::string> journal_of_another_run(std::span<const named_journal> journals, const tracker& connections);

/// Connections of a journal that the captures do not show, a line for each journal that has some.
std::vector<std::string> not_captured(std::span<const named_journal> journals, const tracker& connections);

/// Marks what journals leave open: connections that carried data and were not told of by both ends, and connections
/// that a journal does not see end.
void mark_untold(docket& charges, std::span<const named_journal> journals, const tracker& connections);

}  // namespace seqwire
