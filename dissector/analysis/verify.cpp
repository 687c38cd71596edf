#include "dissector/analysis/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "dissector/analysis/annotated_copy.hpp"
#include "dissector/analysis/binding.hpp"
#include "dissector/analysis/capture_walk.hpp"
#include "dissector/analysis/journal_rules.hpp"
#include "dissector/analysis/limits.hpp"
#include "dissector/analysis/packet_identity.hpp"
#include "dissector/analysis/tracker.hpp"
#include "protocol/base/keyed_hash.hpp"

namespace seqwire {
namespace {

constexpr std::size_t reported_findings = 16;
constexpr std::size_t hashed_header = 42;

const hash_key contents_key{};

std::uint64_t join(std::uint64_t a, std::uint64_t b) {
  a = (a ^ b) * 0x9e3779b97f4a7c15u;
  return a ^ (a >> 32);
}

// The IDP packet without checksum and hop count; the body's hash is known already.
std::uint64_t octets_hash(octets_view packet, octets_view body, std::uint64_t body_hash) {
  octet head[hashed_header] = {};
  const auto body_at = static_cast<std::size_t>(body.data() - packet.data());
  const std::size_t head_octets = std::min({packet.size(), hashed_header, body_at});
  std::copy_n(packet.begin(), head_octets, head);
  head[0] = head[1] = head[4] = 0;
  const std::size_t after = body_at + body.size();
  const std::uint64_t garbage = after < packet.size() ? packet[after] : 0;
  return join(join(keyed_hash(contents_key, {head, head_octets}), body_hash), (packet.size() << 8) | garbage);
}

bool says_corrupted(const captured_packet& packet) {
  return std::any_of(packet.comments.begin(), packet.comments.end(), [](const std::string& comment) {
    if (comment.starts_with(annotation_prefix)) return false;  // our own words about it
    return comment.find("corrupt") != std::string::npos || comment.find("flipped") != std::string::npos;
  });
}

std::string_view sentence_of(form_fault fault) {
  switch (fault) {
    case form_fault::none: break;
    case form_fault::too_short: return "the transport header is cut short";
    case form_fault::source_connection_zero: return "the source connection id is 0";
    case form_fault::system_with_data: return "a system packet carries data";
    case form_fault::attention_not_one_octet: return "an attention packet does not hold exactly one octet";
    case form_fault::close_with_data: return "a close request or reply carries data";
  }
  return "";
}

rule_id rule_of(form_fault fault) {
  switch (fault) {
    case form_fault::system_with_data: return rule_id::system_packets_consume_no_sequence;
    case form_fault::attention_not_one_octet: return rule_id::attention;
    default: return rule_id::codec_round_trip;
  }
}

// Only at its own vantage point is a packet that is sent again told from the network's copy.
std::optional<std::uint64_t> retransmissions_of(const tracker& connections) {
  std::uint64_t all = 0;
  for (const auto& connection : connections.connections()) {
    bool watched[2] = {};
    for (const auto& end : connection->ends) {
      watched[end.side] = true;
      all += end.view->retransmissions();
    }
    for (std::size_t side = 0; side < 2; ++side)
      if (connection->sent_data[side] && !watched[side]) return std::nullopt;
  }
  return all;
}

struct interface_state {
  std::string name;
  std::optional<instant> latest;
  std::uint64_t dropped = 0;
  std::uint64_t cut = 0;
};

}  // namespace

struct verifier::state {
  docket charges;
  packet_identity identity{charges};
  std::optional<tracker> connections;
  std::vector<named_journal> journals;
  verdict result;
  std::vector<interface_state> interfaces;  // of all captures
  std::size_t first_interface = 0;          // of the current capture
  std::uint64_t frame_number = 0;
  bool truncated = false;
  bool damaged = false;     // a capture lacks something in its middle
  bool identified = false;  // some packet has an id
  bool directed = false;    // some packet was seen at its sender's or receiver's own vantage point

  interface_state& interface_of(std::size_t index, const capture_interface& seen_at);
  bool check_capture(const captured_packet& packet, interface_state& here, const frame_reference& frame,
                     bool knows_directions);
  void judge_frame(const captured_packet& packet, const capture_interface& seen_at, const frame_reference& frame);
  void judge_sequenced(const decoded_frame& decoded, const sequenced_packet_view& view, packet_facts& facts,
                       vantage where);
  bool has_holes() const;
  void tell_holes();
  void weigh(rule_id rule, const std::set<speaker>& ours, bool lossy);
  void conclude();
};

interface_state& verifier::state::interface_of(std::size_t index, const capture_interface& seen_at) {
  const std::size_t place = first_interface + index;
  if (place >= interfaces.size()) interfaces.resize(place + 1);
  if (interfaces[place].name.empty())
    interfaces[place].name = seen_at.name.empty() ? fmt::format("interface {}", index) : printable_name(seen_at.name);
  return interfaces[place];
}

// The capture's own truth. False: the packet is not whole and cannot be judged.
bool verifier::state::check_capture(const captured_packet& packet, interface_state& here, const frame_reference& frame,
                                    bool knows_directions) {
  charges.applied(rule_id::capture_truth);
  const instant at = sane(packet.at);
  if (here.latest && at < *here.latest) {
    charge late{.frames = {frame},
                .sentence = fmt::format("the stamp is {} ns before that of the frame before it at {}",
                                        (*here.latest - at).nanoseconds, here.name)};
    if (!knows_directions) late.convention_of = speaker{};  // a foreign tool's merged queues: not ours to judge
    charges.accuse(rule_id::capture_truth, std::move(late));
  }
  here.latest = std::max(at, here.latest.value_or(at));
  here.dropped += packet.dropped_before;
  if (packet.frame.size() > packet.original_length)
    charges.accuse(rule_id::capture_truth, {.frames = {frame},
                                            .sentence = fmt::format("{} octets were captured of a frame of {}",
                                                                    packet.frame.size(), packet.original_length)});
  if (packet.frame.size() >= packet.original_length) return true;
  ++here.cut;
  return false;
}

void verifier::state::judge_frame(const captured_packet& packet, const capture_interface& seen_at,
                                  const frame_reference& frame) {
  const auto decoded = decode_frame(seen_at.type, packet.frame);
  capture_direction direction = packet.direction;
  packet_facts facts;
  facts.frame = frame;
  facts.interface = first_interface + packet.interface;
  facts.at = sane(packet.at);
  std::optional<sequenced_packet_view> view;
  octets_view body = packet.frame;
  if (decoded) {
    if (direction == capture_direction::unknown) direction = decoded->told_by_link;
    view = decode_sequenced(*decoded);
    body = view && view->fault != form_fault::too_short ? view->body : decoded->data;
    ++result.counts.idp_packets;
  }
  facts.body_hash = keyed_hash(contents_key, body);
  if (packet.packet_id) {
    identified = true;
    facts.packet = packet_key{frame.file, *packet.packet_id};
    sighting seen{.key = *facts.packet,
                  .frame = frame,
                  .interface = facts.interface,
                  .direction = direction,
                  .marked_corrupted = says_corrupted(packet),
                  .judged = decoded.has_value(),
                  .octets_hash = facts.body_hash};
    if (decoded) {
      seen.checksummed = decoded->checksummed;
      seen.checksum_right = decoded->checksum_right;
      seen.octets_hash = octets_hash(decoded->packet, body, facts.body_hash);
      seen.checksum = decoded->header.checksum;
      seen.hop_count = decoded->header.transport_control;
      seen.source = decoded->header.source_host;
      seen.destination = decoded->header.destination_host;
    }
    identity.seen(seen);
    facts.emitted_as = identity.number_of(*facts.packet);
  }
  if (!decoded) return;
  const vantage where = vantage_of(*decoded, direction);
  directed = directed || where != vantage::path;
  if (where == vantage::own_emission) {
    charges.applied(rule_id::codec_round_trip);
    if (!decoded->checksum_right)
      charges.accuse(rule_id::codec_round_trip,
                     {.frames = {frame}, .sentence = "a packet leaves its sender with a wrong checksum"});
  } else if (!decoded->checksum_right) {
    ++result.counts.wrong_checksums;  // the network's doing: nothing in it is the sender's word
    return;
  }
  if (view) judge_sequenced(*decoded, *view, facts, where);
}

void verifier::state::judge_sequenced(const decoded_frame& decoded, const sequenced_packet_view& view,
                                      packet_facts& facts, vantage where) {
  ++result.counts.sequenced_packets;
  facts.take(decoded, view);
  if (view.header.attention && !view.header.system && where == vantage::own_emission)
    charges.applied(rule_id::attention);
  if (view.fault != form_fault::none) {
    charge malformed{
        .frames = {facts.frame}, .sentence = std::string(sentence_of(view.fault)), .rests_on = facts.packet};
    if (where != vantage::own_emission) malformed.convention_of = speaker{};
    charges.accuse(rule_of(view.fault), std::move(malformed));
    return;
  }
  const auto number = connections->see(facts, where);
  if (number && facts.packet) identity.tell_number(*facts.packet, *number);
}

bool verifier::state::has_holes() const {
  const bool lossy = std::any_of(interfaces.begin(), interfaces.end(),
                                 [](const interface_state& each) { return each.dropped + each.cut != 0; });
  return lossy || truncated || !result.holes.empty() || (connections && connections->overflow());
}

void verifier::state::tell_holes() {
  if (identity.overflow())
    result.holes.push_back(fmt::format("more than {} corrupted packets that no checksum betrays: the rest is not known",
                                       packet_identity::most_corruptions));
  if (const auto from = connections->overflow())
    result.holes.push_back(fmt::format(
        "more than {} connections, {} views of them, or {} of one: from {} on new ones were not judged",
        tracker::most_connections, tracker::most_views, tracker::most_views_of_one, to_string(result, *from)));
  if (!result.files.empty())
    for (std::string& line : not_captured(journals, *connections)) result.holes.push_back(std::move(line));
  for (const interface_state& each : interfaces) {
    if (each.dropped != 0)
      result.holes.push_back(fmt::format("{}: {} packets were lost by the capture", each.name, each.dropped));
    if (each.cut != 0)
      result.holes.push_back(fmt::format("{}: {} frames were cut by the capture", each.name, each.cut));
  }
}

void verifier::state::weigh(rule_id rule, const std::set<speaker>& ours, bool lossy) {
  rule_verdict& row = result.rules[static_cast<std::size_t>(rule)];
  row.rule = rule;
  row.checks = charges.checks(rule);
  const rule_row& about = row_of(rule);
  for (const charge& each : charges.charges(rule)) {
    if (each.rests_on && identity.corrupted(*each.rests_on)) continue;
    if (each.unless_seen_leaving && connections->seen_leaving(*each.unless_seen_leaving)) continue;
    const bool hole_could_explain = each.needs_whole_capture || (about.hole_sensitive && !each.by_journals);
    finding found{rule, std::string(about.name), each.frames, each.sentence};
    if (each.convention_of && !ours.contains(*each.convention_of)) {
      result.deviations.push_back(std::move(found));
    } else if (each.doubtful || (lossy && hole_could_explain)) {
      row.doubts.push_back(std::move(found));
    } else {
      if (row.first.size() < reported_findings) row.first.push_back(std::move(found));
      ++row.violations;
    }
  }
  if (row.violations != 0) row.violations += charges.surplus(rule);
  const std::uint64_t unweighed = charges.unweighed(rule, !ours.empty());
  if (unweighed != 0)
    row.doubts.push_back(
        {rule, std::string(about.name), {}, fmt::format("{} more charges were not weighed", unweighed)});
  const std::string& lacking = charges.lacking(rule);
  if (row.violations != 0) row.outcome = rule_outcome::violated;
  else if (row.checks != 0 && row.doubts.empty() && lacking.empty()) row.outcome = rule_outcome::held;
  if (row.outcome != rule_outcome::not_decidable) return;
  const bool at_hand = about.evidence == rule_evidence::capture ||
                       (directed && (about.evidence == rule_evidence::senders_vantage ||
                                     about.evidence == rule_evidence::receivers_vantage)) ||
                       (identified && about.evidence == rule_evidence::packet_ids) ||
                       (!journals.empty() && about.evidence == rule_evidence::journals);
  if (unweighed != 0) row.reason = "more charges than are weighed one by one";
  else if (lossy && !row.doubts.empty()) row.reason = "packets that the capture lost could explain it";
  else if (!row.doubts.empty()) row.reason = "another path than the one watched could explain it";
  else if (!lacking.empty()) row.reason = lacking;
  else if (at_hand) row.reason = "nothing here to apply it to";
  else row.reason = fmt::format("needs {}", name_of(about.evidence));
}

void verifier::state::conclude() {
  bool violated = false;
  bool doubtful = !result.holes.empty() || truncated;
  bool anything = false;
  for (const rule_verdict& row : result.rules) {
    violated = violated || row.outcome == rule_outcome::violated;
    doubtful = doubtful || !row.doubts.empty();
    // Rules about the capture itself and the network say nothing about a connection.
    const bool about_connections =
        row.rule < rule_id::memory_bound || row.rule == rule_id::output_bound || row.rule == rule_id::no_storm;
    anything = anything || (about_connections && row.outcome == rule_outcome::held);
  }
  result.overall = violated                ? conclusion::violated
                   : doubtful || !anything ? conclusion::inconclusive
                                           : conclusion::holds;
}

verifier::verifier() : state_(std::make_unique<state>()) {}
verifier::~verifier() = default;
verifier::verifier(verifier&&) noexcept = default;
verifier& verifier::operator=(verifier&&) noexcept = default;

void verifier::add_journal(journal told, std::string name) {
  told.end = printable_name(told.end);
  state_->journals.push_back({std::move(name), std::move(told)});
}

void verifier::begin_capture(std::string name) {
  state_->result.files.push_back(std::move(name));
  state_->first_interface = state_->interfaces.size();
  state_->frame_number = 0;
}

void verifier::on_packet(const captured_packet& packet, const capture_interface& seen_at) {
  state& s = *state_;
  if (s.result.files.empty()) begin_capture("capture");
  if (!s.connections) s.connections.emplace(s.charges, !s.journals.empty());
  const frame_reference frame{static_cast<std::uint32_t>(s.result.files.size() - 1), ++s.frame_number};
  ++s.result.counts.frames;
  interface_state& here = s.interface_of(packet.interface, seen_at);
  if (s.check_capture(packet, here, frame, packet.direction != capture_direction::unknown))
    s.judge_frame(packet, seen_at, frame);
}

void verifier::on_statistics(std::size_t interface, const capture_interface& seen_at,
                             const interface_statistics& statistics) {
  if (statistics.dropped == 0) return;
  // The same losses may have been told packet by packet; the larger count is the truth.
  interface_state& here = state_->interface_of(interface, seen_at);
  here.dropped = std::max(here.dropped, statistics.dropped);
}

void verifier::on_truncation(const std::string& what) {
  state_->truncated = true;
  state_->result.holes.push_back(what);
}

void verifier::on_damage(const std::string& what) {
  state_->damaged = true;
  on_truncation(what);
}

std::optional<std::string> verifier::contradiction() const {
  const state& s = *state_;
  if (auto what = told_twice(s.journals)) return what;
  if (!s.connections) return std::nullopt;
  if (auto what = captures_contradict(*s.connections, s.result.files)) return what;
  return s.has_holes() ? std::nullopt : journal_of_another_run(s.journals, *s.connections);
}

verdict verifier::finish() {
  state& s = *state_;
  if (!s.connections) s.connections.emplace(s.charges, false);
  s.identity.finish();
  judge_journals(s.charges, s.journals);
  judge_journals_by_captures(s.charges, s.journals, *s.connections, s.truncated);
  std::set<host_number> deceived;
  for (const blind_corruption& each : s.identity.blind())
    if (each.receiver) deceived.insert(*each.receiver);
  mark_untold(s.charges, s.journals, *s.connections);
  judge_records_between_vantages(s.charges, *s.connections, s.truncated, s.identified, deceived);
  s.tell_holes();
  const bool lossy = s.damaged || s.identity.overflow() || s.connections->overflow() ||
                     std::any_of(s.interfaces.begin(), s.interfaces.end(),
                                 [](const interface_state& each) { return each.dropped + each.cut != 0; });
  s.result.rules.resize(rule_count);
  const std::set<speaker> ours = journaled_ends(s.journals);
  for (const rule_row& each : rules()) s.weigh(each.id, ours, lossy);
  s.result.limits = limits_of(s.result, *s.connections, !s.journals.empty());
  for (const blind_corruption& each : s.identity.blind())
    s.result.findings.push_back({rule_id::same_packet_same_octets,
                                 "checksum-blind",
                                 {each.frame},
                                 each.checksummed ? "the network changed this packet and its checksum still matches"
                                                  : "the network changed this packet and it has no checksum"});
  s.result.counts.retransmissions = retransmissions_of(*s.connections);
  s.result.counts.connections = s.connections->connections().size();
  s.result.counts.openings = s.connections->openings();
  s.result.counts.strays = s.connections->strays();
  s.result.counts.journals = s.journals.size();
  s.conclude();
  return std::move(s.result);
}

result<verdict, std::string> verify_files(std::span<const std::string> captures, std::span<const std::string> journals,
                                          const capture_reading& how) {
  for (const std::span<const std::string> paths : {captures, journals})
    if (auto what = given_twice(paths)) return failure(std::move(*what));
  verifier judge;
  for (const std::string& path : journals) {
    auto told = read_journal(path);
    if (!told) return failure(fmt::format("{}:{}: {}", told.error().file, told.error().line, told.error().what));
    judge.add_journal(std::move(*told), path);
  }
  if (auto what = judge.contradiction()) return failure(std::move(*what));
  for (const std::string& path : captures) {
    judge.begin_capture(path);
    const auto walked = walk_capture(
        path,
        [&](const captured_packet& packet, const capture_interface& seen_at) { judge.on_packet(packet, seen_at); },
        how);
    if (!walked) return failure(walked.error());
    if (walked->cut_short) judge.on_truncation(*walked->cut_short);
    for (const std::string& each : walked->left_out) judge.on_damage(each);
    for (std::size_t i = 0; i < walked->interfaces.size() && i < walked->statistics.size(); ++i)
      judge.on_statistics(i, walked->interfaces[i], walked->statistics[i]);
  }
  if (auto what = judge.contradiction()) return failure(std::move(*what));
  return judge.finish();
}

}  // namespace seqwire
