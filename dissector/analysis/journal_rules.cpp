#include "dissector/analysis/journal_rules.hpp"

#include <fmt/format.h>

#include <algorithm>

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

std::vector<account> accounts_in(const std::vector<journal>& journals) {
  std::vector<account> all;
  for (const journal& each : journals)
    for (const journal_connection& connection : each.connections) all.push_back({&each, &connection});
  return all;
}

bool mirrors(const account& a, const account& b) {
  return a.of != b.of && a.local() == b.peer() && a.peer() == b.local();
}

bool failed(const journal_connection& connection) {
  return !connection.status.empty() && connection.status != graceful;
}

// Whether an earlier connection between the same hosts and sockets submitted this record.
bool submitted_earlier(const std::vector<account>& all, const account& sender, const record_account& record) {
  for (const account& other : all) {
    if (other.connection == sender.connection) return false;
    if (other.of != sender.of || other.connection->local != sender.connection->local ||
        other.connection->peer != sender.connection->peer)
      continue;
    for (const journal_record& submitted : other.connection->submitted)
      if (submitted.octets == record.octets && submitted.sha256 == record.sha256) return true;
  }
  return false;
}

bool has_earlier(const std::vector<account>& all, const account& sender) {
  for (const account& other : all) {
    if (other.connection == sender.connection) return false;
    if (other.of == sender.of && other.connection->local == sender.connection->local &&
        other.connection->peer == sender.connection->peer)
      return true;
  }
  return false;
}

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
    if (each.sha256 == delivered.sha256) {
      charges.accuse(rule_id::attention,
                     {.frames = {},
                      .sentence = fmt::format("{}: record {} is attention {} of {}, delivered as a record",
                                              receiver.name(), delivered.number, each.number, sender.name()),
                      .by_journals = true});
      return;
    }
}

void judge_delivery(docket& charges, const std::vector<account>& all, const account& sender, const account& receiver) {
  const auto submitted = accounts_of(sender.connection->submitted, false);
  const auto delivered = accounts_of(receiver.connection->delivered, false);
  const bool fails = failed(*sender.connection) || failed(*receiver.connection);
  const bool later = has_earlier(all, sender);
  for (const rule_id rule : {rule_id::no_invention, rule_id::prefix, rule_id::boundary_integrity})
    charges.applied(rule, delivered.size());
  if (fails) charges.applied(rule_id::no_partial_on_failure);
  if (later) charges.applied(rule_id::incarnation, delivered.size());
  const auto mismatch = compare_records(submitted, delivered, sender.connection->status.empty());
  if (mismatch) {
    const std::string sentence =
        fmt::format("{}: delivered {} of those that {} submitted", receiver.name(), mismatch->what, sender.name());
    const bool stale = mismatch->rule != rule_id::prefix && later &&
                       submitted_earlier(all, sender, delivered[static_cast<std::size_t>(mismatch->index)]);
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
  const auto seen = accounts_of(view.sent().records());
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
  const auto arrived = accounts_of(view.received().records());
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

std::set<speaker> journaled_ends(const std::vector<journal>& journals) {
  std::set<speaker> ends;
  for (const account& each : accounts_in(journals)) ends.insert(each.local());
  return ends;
}

void judge_journals(docket& charges, const std::vector<journal>& journals) {
  const std::vector<account> all = accounts_in(journals);
  for (const account& mine : all) {
    if (!mine.connection->status.empty()) charges.applied(rule_id::one_terminal_event);
    const auto other = std::find_if(all.begin(), all.end(), [&](const account& b) { return mirrors(mine, b); });
    if (other != all.end()) judge_delivery(charges, all, mine, *other);
  }
}

void judge_journals_by_captures(docket& charges, const std::vector<journal>& journals, const tracker& connections,
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
      const auto sent = accounts_of(sender->sent().records());
      const auto received = accounts_of(receiver->received().records());
      charges.applied(rule_id::boundary_integrity, received.size());
      if (const auto mismatch = compare_records(sent, received, capture_ends_early))
        charges.accuse(rule_id::boundary_integrity,
                       {.frames = {mismatch->frame},
                        .sentence = fmt::format("at the receiver {} of those that left the sender", mismatch->what),
                        .doubtful = !identified,
                        .needs_whole_capture = true});
    }
}

}  // namespace seqwire
