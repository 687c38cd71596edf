#include "dissector/analysis/binding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

namespace seqwire {
namespace {

using ends = std::pair<speaker, speaker>;  // the teller's own first

ends ends_of(const journal_connection& connection) {
  return {{connection.local.host, connection.local.socket, connection.local_id},
          {connection.peer.host, connection.peer.socket, connection.peer_id}};
}

// Which captures hang together, by a connection or an opening that both show.
class kinship {
 public:
  explicit kinship(std::size_t files) : parents_(files), known_(files, false) {
    std::iota(parents_.begin(), parents_.end(), std::size_t{0});
  }

  void join(const std::vector<std::uint32_t>& files) {
    for (const std::uint32_t file : files) {
      known_[file] = true;
      parents_[root(file)] = root(files.front());
    }
  }

  /// Two files that have nothing to do with each other. Files that show no connection at all are left out.
  std::optional<std::pair<std::size_t, std::size_t>> strangers() {
    const auto first = static_cast<std::size_t>(std::find(known_.begin(), known_.end(), true) - known_.begin());
    for (std::size_t file = first + 1; file < known_.size(); ++file)
      if (known_[file] && root(file) != root(first)) return std::pair{first, file};
    return std::nullopt;
  }

 private:
  std::size_t root(std::size_t file) {
    while (parents_[file] != file) file = parents_[file] = parents_[parents_[file]];
    return file;
  }

  std::vector<std::size_t> parents_;
  std::vector<bool> known_;
};

// Two captures in which the same end opens the same connection.
std::optional<std::string> watched_twice(const connection_facts& connection, std::span<const std::string> files) {
  for (std::size_t side = 0; side < 2; ++side) {
    std::optional<std::uint32_t> before;
    for (const auto& end : connection.ends) {
      if (end.side != side || !end.view->from_start()) continue;
      if (before && *before != end.file)
        return fmt::format(
            "{} and {} both show host {} open the same connection: expected one capture of each vantage point",
            files[*before], files[end.file], to_string(connection.sides[side].host));
      before = end.file;
    }
  }
  return std::nullopt;
}

std::size_t captured(const journal& told, const tracker& connections) {
  return static_cast<std::size_t>(
      std::count_if(told.connections.begin(), told.connections.end(), [&](const journal_connection& each) {
        const auto [local, peer] = ends_of(each);
        return connections.find(local, peer).has_value();
      }));
}

}  // namespace

std::optional<std::string> told_twice(std::span<const named_journal> journals) {
  std::map<ends, const named_journal*> tellers;
  for (const named_journal& each : journals)
    for (const journal_connection& connection : each.told.connections) {
      const auto [place, fresh] = tellers.try_emplace(ends_of(connection), &each);
      if (fresh || place->second == &each) continue;
      return fmt::format(
          "{} tells of the same end of the same connection as {} ({}, id {}): expected one journal of each end",
          each.name, place->second->name, to_string(connection.local), connection.local_id);
    }
  return std::nullopt;
}

std::optional<std::string> captures_contradict(const tracker& connections, std::span<const std::string> files) {
  if (files.size() < 2) return std::nullopt;
  kinship related(files.size());
  connections.for_each_opening([&](const std::vector<std::uint32_t>& shown_by) { related.join(shown_by); });
  for (const auto& connection : connections.connections()) {
    related.join(connection->files);
    if (auto what = watched_twice(*connection, files)) return what;
  }
  if (const auto strangers = related.strangers())
    return fmt::format("{} and {} have no connection in common: expected captures of one run", files[strangers->first],
                       files[strangers->second]);
  return std::nullopt;
}

std::optional<std::string> journal_of_another_run(std::span<const named_journal> journals, const tracker& connections) {
  if (connections.connections().empty()) return std::nullopt;
  for (const named_journal& each : journals)
    if (!each.told.connections.empty() && captured(each.told, connections) == 0)
      return fmt::format("{}: none of its {} connections is in the captures: it tells of another run", each.name,
                         each.told.connections.size());
  return std::nullopt;
}

std::vector<std::string> not_captured(std::span<const named_journal> journals, const tracker& connections) {
  std::vector<std::string> lines;
  for (const named_journal& each : journals) {
    const std::size_t all = each.told.connections.size();
    const std::size_t missing = all - captured(each.told, connections);
    if (missing != 0)
      lines.push_back(fmt::format("{}: {} of its {} connections {} not in the captures", each.name, missing, all,
                                  missing == 1 ? "is" : "are"));
  }
  return lines;
}

void mark_untold(docket& charges, std::span<const named_journal> journals, const tracker& connections) {
  if (journals.empty()) return;
  std::set<ends> told;
  bool endless = false;
  for (const named_journal& each : journals)
    for (const journal_connection& connection : each.told.connections) {
      told.insert(ends_of(connection));
      endless = endless || connection.status.empty();
    }
  std::uint64_t with_data = 0;
  std::uint64_t untold = 0;
  for (const auto& connection : connections.connections()) {
    if (!connection->carried_data) continue;
    ++with_data;
    const auto& [first, second] = connection->sides;
    if (!told.contains({first, second}) || !told.contains({second, first})) ++untold;
  }
  for (const rule_row& row : rules())
    if (row.evidence == rule_evidence::journals && untold != 0)
      charges.lacks(row.id, fmt::format("no journals of both ends for {} of {} connections that carried data", untold,
                                        with_data));
  if (endless) charges.lacks(rule_id::one_terminal_event, "a journal ends before its connection does");
}

}  // namespace seqwire
