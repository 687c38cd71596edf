// What a repetition came to, as text and as JSON.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "dissector/analysis/capture_walk.hpp"
#include "lab/replay/replay.hpp"

namespace seqwire {
namespace {

constexpr std::size_t differences_usually_told = 20;  // differences, unless all are asked for
constexpr std::array<std::string_view, answer_difference_kinds> answer_kind_keys{"missing", "extra", "contents",
                                                                                 "acknowledgement", "time"};

std::size_t differences_told(const replay_outcome& of) {
  const std::size_t all = of.answers.differences.size();
  return of.settings.everything ? all : std::min(all, differences_usually_told);
}

std::string seconds_text(instant at) { return fmt::format("{:.9f} s", at.seconds()); }

std::string milliseconds_of(duration span) {
  return fmt::format("{:.6f} ms", static_cast<double>(span.nanoseconds) / 1e6);
}

// "frame 40 at 0.120000000 s: data 17, ..."
std::string captured_text(const sent_answer& of) {
  return fmt::format("frame {} at {}: {}", of.frame, seconds_text(of.at), to_string(of));
}

std::string answer_difference_text(const answer_difference& of) {
  if (!of.ours) return fmt::format("{}: {}", name_of(of.kind), captured_text(*of.captured));
  if (!of.captured)
    return fmt::format("{}: at {}: {}", name_of(of.kind), seconds_text(of.ours->at), to_string(*of.ours));
  std::string text = fmt::format("{}: {}; ours", name_of(of.kind), captured_text(*of.captured));
  if (of.ours->at > of.captured->at) text += fmt::format(" {} later", milliseconds_of(of.ours->at - of.captured->at));
  if (of.ours->at < of.captured->at) text += fmt::format(" {} earlier", milliseconds_of(of.captured->at - of.ours->at));
  if (of.kind == answer_difference_kind::time) return text;
  const std::string ours = to_string(*of.ours);
  return text + (ours == to_string(*of.captured) ? " with other data" : ": " + ours);
}

std::string end_text(const xns_address& address, std::uint16_t id) {
  return fmt::format("{} id {:#06x}", to_string(address), id);
}

std::string who_text(const replay_outcome& of) {
  const recorded_end& end = of.played;
  return fmt::format("{}: connection {}, end {}: {}, whose peer is {}; seen at {}{}\n", printable_name(of.file),
                     end.connection, end.side == 0 ? "a" : "b", end_text(end.own, end.own_id),
                     end_text(end.peer, end.peer_id), end.seen_at, end.own_vantage ? "" : ", which is not its own");
}

nlohmann::json answer_json(const std::optional<sent_answer>& of) {
  if (!of) return nullptr;
  const sequenced_header& header = of->header;
  return {{"frame", of->frame == 0 ? nlohmann::json(nullptr) : nlohmann::json(of->frame)},
          {"at_ns", of->at.nanoseconds},
          {"system", header.system},
          {"acknowledgement_request", header.acknowledgement_request},
          {"attention", header.attention},
          {"end_of_message", header.end_of_record},
          {"datastream_type", header.datastream_type},
          {"source_connection", header.source_connection},
          {"destination_connection", header.destination_connection},
          {"number", of->number},
          {"acknowledgement", of->acknowledgement},
          {"allocation", of->allocation},
          {"octets", of->octets}};
}

nlohmann::json end_json_of(const xns_address& address, std::uint16_t id) {
  return {{"address", to_string(address)}, {"id", id}};
}

}  // namespace

std::string render_text(const replay_outcome& of) {
  if (!of.played.unrepeatable.empty())
    return fmt::format("{}: connection {} cannot be repeated: {}\n", printable_name(of.file), of.played.connection,
                       of.played.unrepeatable);
  std::string text = who_text(of);
  text += fmt::format("configured by {}\n", of.settings.configured.empty() ? "default" : of.settings.configured);
  text += fmt::format("{} packets arrived; {} left as captured, {} of ours\n", of.heard, of.answers.captured,
                      of.answers.ours);
  const auto& differences = of.answers.differences;
  if (!differences.empty())
    text += fmt::format("\nfirst difference: {}\n\n", answer_difference_text(differences.front()));
  text += fmt::format("  {:<40}{:>12}\n", "the same", of.answers.same);
  for (std::size_t kind = 0; kind < answer_difference_kinds; ++kind)
    if (of.answers.different[kind] != 0)
      text += fmt::format("  {:<40}{:>12}\n", name_of(static_cast<answer_difference_kind>(kind)),
                          of.answers.different[kind]);
  if (of.answers.farthest_apart > duration{})
    text += fmt::format("  {:<40}{:>12}\n", "times, farthest apart", milliseconds_of(of.answers.farthest_apart));
  if (of.others != 0) text += fmt::format("  {:<40}{:>12}\n", "of other types, not compared", of.others);
  if (of.not_said != 0) text += fmt::format("  {:<40}{:>12}\n", "octets that our engine never took", of.not_said);
  if (differences.size() > 1) {
    text += "\n";
    for (std::size_t i = 0; i < differences_told(of); ++i)
      text += fmt::format("  {}\n", answer_difference_text(differences[i]));
    if (differences.size() > differences_told(of))
      text += fmt::format("  and {} more (--all tells of each)\n", differences.size() - differences_told(of));
  }
  for (const std::string& hole : of.played.holes) text += fmt::format("not whole: {}\n", hole);
  if (!differences.empty()) return text + "answers differently\n";
  return text + (of.played.holes.empty() ? "answers as captured\n" : "answers as captured, as far as that goes\n");
}

nlohmann::json to_json(const replay_outcome& of) {
  nlohmann::json counts = {{"captured", of.answers.captured}, {"ours", of.answers.ours}, {"same", of.answers.same}};
  for (std::size_t kind = 0; kind < answer_difference_kinds; ++kind)
    counts[std::string(answer_kind_keys[kind])] = of.answers.different[kind];
  nlohmann::json listed = nlohmann::json::array();
  for (std::size_t i = 0; i < differences_told(of); ++i) {
    const answer_difference& each = of.answers.differences[i];
    listed.push_back({{"kind", answer_kind_keys[static_cast<std::size_t>(each.kind)]},
                      {"captured", answer_json(each.captured)},
                      {"ours", answer_json(each.ours)}});
  }
  return {{"schema", "seqwire.replay/1"},
          {"file", of.file},
          {"connection", of.played.connection},
          {"end", of.played.side == 0 ? "a" : "b"},
          {"own", end_json_of(of.played.own, of.played.own_id)},
          {"peer", end_json_of(of.played.peer, of.played.peer_id)},
          {"seen_at", of.played.seen_at},
          {"own_vantage", of.played.own_vantage},
          {"configured_by", of.settings.configured},
          {"cannot_be_repeated", of.played.unrepeatable},
          {"same", of.played.unrepeatable.empty() && of.answers.differences.empty()},
          {"heard", of.heard},
          {"packets", std::move(counts)},
          {"farthest_apart_ns", of.answers.farthest_apart.nanoseconds},
          {"ended", of.ended},
          {"not_said", of.not_said},
          {"others", of.others},
          {"listed", std::move(listed)},
          {"holes", of.played.holes}};
}

}  // namespace seqwire
