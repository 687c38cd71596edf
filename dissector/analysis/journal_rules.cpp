#include "dissector/analysis/journal_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace seqwire {
namespace {

constexpr std::string_view graceful = "closed gracefully";

// One end's account of one connection.
struct account {
  const journal* of;
  const journal_connection* connection;

  speaker local() const { return {connection->local.host, connection->local.socket, connection->local_id}; }
  speaker peer() const { return {connection->peer.host, connection->peer.socket, connection->peer_id}; }
  std::string name() const { return fmt::format("{} connection {}", of->end, connection->connection); }
};

std::vector<account> accounts_in(std::span<const named_journal> journals) {
  std::vector<account> all;
  for (const named_journal& each : journals)
    for (const journal_connection& connection : each.told.connections) all.push_back({&each.told, &connection});
  return all;
}

bool failed(const journal_connection& connection) {
  return !connection.status.empty() && connection.status != graceful;
}

// All accounts, found by what they tell of; a journal may tell of a hundred thousand connections.
class archive {
 public:
  explicit archive(std::span<const named_journal> journals) : all_(accounts_in(journals)) {
    for (const account& each : all_) {
      by_ends_.emplace(std::pair{each.local(), each.peer()}, &each);
      by_addresses_[addresses_of(each)].push_back(&each);
    }
  }

  const std::vector<account>& all() const { return all_; }

  /// The other end's account of the same connection, or nullptr.
  const account* mirror_of(const account& mine) const {
    const auto [first, last] = by_ends_.equal_range({mine.peer(), mine.local()});
    const auto other = std::find_if(first, last, [&](const auto& entry) { return entry.second->of != mine.of; });
    return other == last ? nullptr : other->second;
  }

  bool has_earlier(const account& mine) const {
    return by_addresses_.at(addresses_of(mine)).front()->connection != mine.connection;
  }

  /// Whether one of the latest earlier connections between the same hosts and sockets submitted this record. `mine` is
  /// one of all().
  bool submitted_earlier(const account& mine, const record_account& record) const {
    const std::vector<const account*>& same = by_addresses_.at(addresses_of(mine));
    const auto here = std::lower_bound(same.begin(), same.end(), &mine);
    const auto first = here - std::min<std::ptrdiff_t>(here - same.begin(), remembered_incarnations);
    return std::any_of(first, here, [&](const account* earlier) {
      const auto& submitted = earlier->connection->submitted;
      return std::any_of(submitted.begin(), submitted.end(), [&](const journal_record& each) {
        return !each.attention && each.octets == record.octets && sha256_from_hexadecimal(each.sha256) == record.digest;
      });
    });
  }

 private:
  using addresses = std::tuple<const journal*, speaker, speaker>;  // with ids of 0

  static constexpr std::ptrdiff_t remembered_incarnations = 64;

  static addresses addresses_of(const account& of) {
    return {of.of,
            {of.connection->local.host, of.connection->local.socket, 0},
            {of.connection->peer.host, of.connection->peer.socket, 0}};
  }

  std::vector<account> all_;
  std::multimap<std::pair<speaker, speaker>, const account*> by_ends_;
  std::map<addresses, std::vector<const account*>> by_addresses_;
};

void judge_attention(docket& charges, const account& sender, const account& receiver) {
  const auto submitted = accounts_of(sender.connection->submitted, true);
  const auto delivered = accounts_of(receiver.connection->delivered, true);
  charges.applied(rule_id::attention, delivered.size());
  if (const auto mismatch = compare_records(submitted, delivered, sender.connection->status.empty()))
    charges.accuse(rule_id::attention, {.frames = {},
                                        .sentence = fmt::format("{}: attention {}", receiver.name(), mismatch->what),
                                        .by_journals = true});
  for (const record_account& each : delivered)
    if (each.octets != 1)
      charges.accuse(rule_id::attention, {.frames = {},
                                          .sentence = fmt::format("{}: an attention of {} octets was delivered",
                                                                  receiver.name(), each.octets),
                                          .by_journals = true});
}

// An octet out of band that came again as a record of its own.
void judge_attention_as_record(docket& charges, const account& sender, const account& receiver,
                               const record_account& delivered) {
  if (delivered.octets != 1) return;
  for (const record_account& each : accounts_of(sender.connection->submitted, true))
    if (each.digest == delivered.digest) {
      charges.accuse(rule_id::attention,
                     {.frames = {},
                      .sentence = fmt::format("{}: record {} is attention {} of {}, delivered as a record",
                                              receiver.name(), delivered.number, each.number, sender.name()),
                      .by_journals = true});
      return;
    }
}

void judge_delivery(docket& charges, const archive& told, const account& sender, const account& receiver) {
  const auto submitted = accounts_of(sender.connection->submitted, false);
  const auto delivered = accounts_of(receiver.connection->delivered, false);
  const bool fails = failed(*sender.connection) || failed(*receiver.connection);
  const bool later = told.has_earlier(sender);
  // What a journal that ends early says was submitted is no measure for what was delivered beyond its end.
  const std::size_t judged =
      sender.connection->status.empty() ? std::min(delivered.size(), submitted.size()) : delivered.size();
  for (const rule_id rule : {rule_id::no_invention, rule_id::prefix, rule_id::boundary_integrity})
    charges.applied(rule, judged);
  if (fails) charges.applied(rule_id::no_partial_on_failure);
  if (later) charges.applied(rule_id::incarnation, delivered.size());
  const auto mismatch = compare_records(submitted, delivered, sender.connection->status.empty());
  if (mismatch) {
    const std::string sentence =
        fmt::format("{}: delivered {} of those that {} submitted", receiver.name(), mismatch->what, sender.name());
    const bool stale = mismatch->rule != rule_id::prefix && later &&
                       told.submitted_earlier(sender, delivered[static_cast<std::size_t>(mismatch->index)]);
    charges.accuse(stale ? rule_id::incarnation : mismatch->rule,
                   {.frames = {}, .sentence = sentence, .by_journals = true});
    judge_attention_as_record(charges, sender, receiver, delivered[static_cast<std::size_t>(mismatch->index)]);
    if (fails && mismatch->rule == rule_id::boundary_integrity)
      charges.accuse(rule_id::no_partial_on_failure, {.frames = {}, .sentence = sentence, .by_journals = true});
  }
  judge_attention(charges, sender, receiver);
  const bool sender_graceful = sender.connection->status == graceful;
  if (!sender_graceful) return;
  // The sender's close was answered in order, so all that it submitted before has been delivered.
  charges.applied(rule_id::graceful_close);
  const bool both = receiver.connection->status == graceful;
  if (both) charges.applied(rule_id::status_is_true);
  if (delivered.size() >= submitted.size()) return;
  // A peer whose journal ends early may have been given more than it wrote down.
  if (receiver.connection->status.empty()) return;
  charges.accuse(both ? rule_id::status_is_true : rule_id::graceful_close,
                 {.frames = {},
                  .sentence = fmt::format("{} closed gracefully, but {} of its {} records were delivered",
                                          sender.name(), delivered.size(), submitted.size()),
                  .by_journals = true});
}

void judge_sent(docket& charges, const account& mine, const endpoint_view& view) {
  const auto submitted = accounts_of(mine.connection->submitted, false);
  const auto seen = accounts_of(view.sent());
  charges.applied(rule_id::boundary_integrity, seen.size());
  if (const auto mismatch = compare_records(submitted, seen, mine.connection->status.empty()))
    charges.accuse(mismatch->rule,
                   {.frames = {mismatch->frame},
                    .sentence = fmt::format("{}: sent {} of those submitted", mine.name(), mismatch->what),
                    .needs_whole_capture = true});
  if (mine.connection->status != graceful) return;
  charges.applied(rule_id::graceful_close);
  if (view.sent().record_open() && seen.size() < submitted.size())
    charges.accuse(
        rule_id::boundary_integrity,
        {.frames = {},
         .sentence = fmt::format("{}: the record after the first {} was never ended", mine.name(), seen.size()),
         .needs_whole_capture = true});
  else if (seen.size() < submitted.size())
    charges.accuse(rule_id::graceful_close,
                   {.frames = {},
                    .sentence = fmt::format("{} closed gracefully, but {} of its {} records left it", mine.name(),
                                            seen.size(), submitted.size()),
                    .needs_whole_capture = true});
}

void judge_received(docket& charges, const account& mine, const endpoint_view& view, bool capture_ends_early) {
  const auto arrived = accounts_of(view.received());
  const auto delivered = accounts_of(mine.connection->delivered, false);
  for (const rule_id rule : {rule_id::no_invention, rule_id::prefix, rule_id::boundary_integrity})
    charges.applied(rule, delivered.size());
  if (const auto mismatch = compare_records(arrived, delivered, capture_ends_early))
    charges.accuse(mismatch->rule,
                   {.frames = {},
                    .sentence = fmt::format("{}: delivered {} of those that arrived", mine.name(), mismatch->what),
                    .needs_whole_capture = true});
}

}  // namespace

std::set<speaker> journaled_ends(std::span<const named_journal> journals) {
  std::set<speaker> ends;
  for (const account& each : accounts_in(journals)) ends.insert(each.local());
  return ends;
}

void judge_journals(docket& charges, std::span<const named_journal> journals) {
  const archive told(journals);
  for (const account& mine : told.all()) {
    if (!mine.connection->status.empty()) charges.applied(rule_id::one_terminal_event);
    if (const account* const other = told.mirror_of(mine)) judge_delivery(charges, told, mine, *other);
  }
}

void judge_journals_by_captures(docket& charges, std::span<const named_journal> journals, const tracker& connections,
                                bool capture_ends_early) {
  for (const account& mine : accounts_in(journals)) {
    const auto found = connections.find(mine.local(), mine.peer());
    if (!found) continue;
    const endpoint_view* view = found->first->own_view(found->second);
    if (view == nullptr) continue;
    if (!capture_ends_early) judge_sent(charges, mine, *view);
    judge_received(charges, mine, *view, capture_ends_early);
  }
}

void judge_records_between_vantages(docket& charges, const tracker& connections, bool capture_ends_early,
                                    bool identified, const std::set<host_number>& deceived) {
  for (const auto& connection : connections.connections())
    for (std::size_t side = 0; side < 2; ++side) {
      const endpoint_view* sender = connection->own_view(side);
      const endpoint_view* receiver = connection->own_view(1 - side);
      if (sender == nullptr || receiver == nullptr || deceived.contains(connection->sides[1 - side].host)) continue;
      const auto sent = accounts_of(sender->sent());
      const auto received = accounts_of(receiver->received());
      const std::uint64_t first = sender->sent().let_go();
      charges.applied(rule_id::boundary_integrity, first + received.size());
      if (const auto mismatch = compare_records(sent, received, capture_ends_early, first))
        charges.accuse(rule_id::boundary_integrity,
                       {.frames = {mismatch->frame},
                        .sentence = fmt::format("at the receiver {} of those that left the sender", mismatch->what),
                        .doubtful = !identified,
                        .needs_whole_capture = true});
    }
}

}  // namespace seqwire
