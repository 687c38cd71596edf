// Where two captures differ, as text and as JSON.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "dissector/analysis/capture_diff.hpp"
#include "dissector/analysis/capture_walk.hpp"

namespace seqwire {
namespace {

constexpr std::array<std::string_view, 2> capture_letters{"A", "B"};
constexpr std::array<std::string_view, difference_kinds> kind_keys{"only_in_a", "only_in_b", "contents", "times_sent",
                                                                   "time"};
constexpr std::size_t most_pairs_told = 20;  // in text, unless everything is asked for

std::string ends_text(const std::array<speaker, 2>& ends) {
  return fmt::format("{} to {}", to_string(ends[0]), to_string(ends[1]));
}

std::string number_of_times(std::uint32_t times) {
  return times == 1 ? "once" : times == 2 ? "twice" : fmt::format("{} times", times);
}

std::string words_text(const packet_difference& of) {
  if (!of.system) return fmt::format("packet {}", of.number);
  const system_words& words = *of.system;
  return fmt::format("system packet{} that acknowledges below {} and allows {}, next {}",
                     words.opening                   ? ", opening,"
                     : words.acknowledgement_request ? ", asking,"
                                                     : "",
                     words.acknowledgement, words.allocation, words.next);
}

std::string contents_text(const packet_sight& of) {
  return fmt::format("{} octets, type {}{}{}", of.octets, of.datastream_type,
                     of.end_of_record ? ", end of message" : "", of.attention ? ", attention" : "");
}

std::string place_text(const packet_difference& of, std::size_t capture) {
  const packet_sight& sight = of.sights[capture];
  if (sight.times != 0) return fmt::format("frame {} of {}", sight.frame, capture_letters[capture]);
  if (of.frame_before[capture] == 0) return fmt::format("none before in {}", capture_letters[capture]);
  return fmt::format("the one before is frame {} of {}", of.frame_before[capture], capture_letters[capture]);
}

std::string milliseconds_text(duration span) {
  return fmt::format("{:.6f} ms", static_cast<double>(span.nanoseconds) / 1e6);
}

std::string how_text(const capture_diff& all, const packet_difference& of) {
  const auto& [one, other] = of.sights;
  switch (of.kind) {
    case difference_kind::only_in_first:
    case difference_kind::only_in_second: {
      const packet_sight& there = one.times != 0 ? one : other;
      return fmt::format("{}{}", name_of(of.kind), of.system ? "" : fmt::format(" ({})", contents_text(there)));
    }
    case difference_kind::contents:
      return contents_text(one) == contents_text(other)
                 ? fmt::format("other data ({})", contents_text(one))
                 : fmt::format("{} in A, {} in B", contents_text(one), contents_text(other));
    case difference_kind::times_sent:
      return fmt::format("{} in A, {} in B", number_of_times(one.times), number_of_times(other.times));
    case difference_kind::time: {
      const auto& starts = all.connections[of.pair].starts;
      const duration later = (other.at - starts[1]) - (one.at - starts[0]);
      return later < duration{} ? fmt::format("{} earlier in B", milliseconds_text(duration{} - later))
                                : fmt::format("{} later in B", milliseconds_text(later));
    }
  }
  return "unknown";
}

std::string difference_text(const capture_diff& all, const packet_difference& of) {
  return fmt::format("{} {}, after {}: {}: {} ({}, {})", of.pair,
                     of.direction == 0 ? "first to second" : "second to first", milliseconds_text(of.offset),
                     words_text(of), how_text(all, of), place_text(of, 0), place_text(of, 1));
}

void add_count(std::string& to, std::string_view name, std::uint64_t data, std::uint64_t system) {
  to += fmt::format("    {:<24}{:>16}{:>16}\n", name, data, system);
}

void add_direction(std::string& to, const connection_diff& of, std::size_t direction) {
  const auto& [data, system] = of.counts[direction];
  const auto& [one, other] = of.seen_at[direction];
  to += fmt::format("  {}: A {}, B {}{}\n", direction == 0 ? "first to second" : "second to first",
                    one.empty() ? "not seen" : one, other.empty() ? "not seen" : other,
                    of.which.elsewhere(direction) ? ": not the same place, so what the network did differs, too" : "");
  to += fmt::format("    {:<24}{:>16}{:>16}\n", "", "data packets", "system packets");
  add_count(to, "the same", data.same, system.same);
  for (std::size_t kind = 0; kind < difference_kinds; ++kind) {
    if (data.different[kind] + system.different[kind] == 0) continue;
    if (static_cast<difference_kind>(kind) != difference_kind::times_sent) {
      add_count(to, name_of(static_cast<difference_kind>(kind)), data.different[kind], system.different[kind]);
      continue;
    }
    add_count(to, "sent more often in A", data.sent_more[0], system.sent_more[0]);
    add_count(to, "sent more often in B", data.sent_more[1], system.sent_more[1]);
  }
}

nlohmann::json end_json(const speaker& end) {
  return {{"host", to_string(end.host)}, {"socket", static_cast<unsigned>(end.socket)}, {"id", end.id}};
}

nlohmann::json counts_json(const direction_counts& of) {
  nlohmann::json object = {{"same", of.same}, {"sent_more_in_a", of.sent_more[0]}, {"sent_more_in_b", of.sent_more[1]}};
  for (std::size_t kind = 0; kind < difference_kinds; ++kind) object[std::string(kind_keys[kind])] = of.different[kind];
  return object;
}

nlohmann::json sight_json(const packet_sight& of, std::uint64_t frame_before) {
  if (of.times == 0)
    return {{"times", 0}, {"frame_before", frame_before == 0 ? nlohmann::json(nullptr) : nlohmann::json(frame_before)}};
  return {{"times", of.times},
          {"frame", of.frame},
          {"at_ns", of.at.nanoseconds},
          {"octets", of.octets},
          {"datastream_type", of.datastream_type},
          {"attention", of.attention},
          {"end_of_message", of.end_of_record}};
}

nlohmann::json difference_json(const packet_difference& of) {
  nlohmann::json object = {{"connection", of.pair},
                           {"direction", of.direction == 0 ? "first_to_second" : "second_to_first"},
                           {"kind", kind_keys[static_cast<std::size_t>(of.kind)]},
                           {"offset_ns", of.offset.nanoseconds},
                           {"a", sight_json(of.sights[0], of.frame_before[0])},
                           {"b", sight_json(of.sights[1], of.frame_before[1])}};
  if (of.system)
    object["system"] = {{"acknowledgement", of.system->acknowledgement},
                        {"allocation", of.system->allocation},
                        {"next", of.system->next},
                        {"acknowledgement_request", of.system->acknowledgement_request},
                        {"opening", of.system->opening}};
  else object["number"] = of.number;
  return object;
}

nlohmann::json connection_json(const connection_diff& of) {
  nlohmann::json object = {{"a", of.which.connection[0]}, {"b", of.which.connection[1]}, {"differs", of.differs()}};
  for (std::size_t capture = 0; capture < 2; ++capture)
    object[capture == 0 ? "ends_in_a" : "ends_in_b"] = {end_json(of.ends[capture][0]), end_json(of.ends[capture][1])};
  for (std::size_t direction = 0; direction < 2; ++direction) {
    const auto seen = [&](std::size_t capture) {
      const std::string& at = of.seen_at[direction][capture];
      return at.empty() ? nlohmann::json(nullptr) : nlohmann::json(at);
    };
    object[direction == 0 ? "first_to_second" : "second_to_first"] = {{"seen_in_a", seen(0)},
                                                                      {"seen_in_b", seen(1)},
                                                                      {"same_place", !of.which.elsewhere(direction)},
                                                                      {"data", counts_json(of.counts[direction][0])},
                                                                      {"system", counts_json(of.counts[direction][1])}};
  }
  return object;
}

}  // namespace

std::string render_text(const capture_diff& of) {
  std::string text;
  for (std::size_t capture = 0; capture < 2; ++capture)
    text += fmt::format("{}  {}: {} frames\n", capture_letters[capture], printable_name(of.files[capture]),
                        of.frames[capture]);
  if (!of.listed.empty())
    text += fmt::format("\nfirst difference: connection {}\n", difference_text(of, of.listed.front()));
  std::size_t same = 0;
  std::size_t told = 0;
  for (std::size_t i = 0; i < of.connections.size(); ++i) {
    const connection_diff& each = of.connections[i];
    if (!each.differs()) {
      ++same;
      continue;
    }
    if (++told > most_pairs_told && !of.everything) continue;
    text += fmt::format("\nconnection {}: A's {}: {}\n", i, each.which.connection[0], ends_text(each.ends[0]));
    text += fmt::format("{:>{}}B's {}: {}\n", "", fmt::formatted_size("connection {}: ", i), each.which.connection[1],
                        ends_text(each.ends[1]));
    for (std::size_t direction = 0; direction < 2; ++direction) add_direction(text, each, direction);
  }
  if (told > most_pairs_told && !of.everything)
    text += fmt::format("\nand {} more connections that differ (--all tells of each)\n", told - most_pairs_told);
  text += fmt::format("\nconnections: {} the same, {} different", same, told);
  std::size_t lonely = 0;
  for (const lonely_connection& each : of.lonely) {
    if (++lonely > most_pairs_told && !of.everything) continue;
    text += fmt::format("\nonly in {}: its connection {}: {}, {} packets", capture_letters[each.capture],
                        each.connection, ends_text(each.ends), each.packets);
  }
  if (lonely > most_pairs_told && !of.everything)
    text += fmt::format("\nand {} more without partner", lonely - most_pairs_told);
  text += '\n';
  if (of.unanswered_openings[0] != of.unanswered_openings[1])
    text += fmt::format("openings without answer: {} in A, {} in B\n", of.unanswered_openings[0],
                        of.unanswered_openings[1]);
  if (of.listed.size() > 1) {
    text += "\ndifferences, the earliest first:\n";
    for (const packet_difference& each : of.listed) text += fmt::format("  connection {}\n", difference_text(of, each));
    if (of.differences > of.listed.size())
      text += fmt::format("  and {} more (--all tells of each)\n", of.differences - of.listed.size());
  }
  for (const std::string& hole : of.holes) text += fmt::format("not whole: {}\n", hole);
  return text +
         (of.same() ? of.holes.empty() ? "the same\n" : "the same as far as could be compared\n" : "different\n");
}

nlohmann::json to_json(const capture_diff& of) {
  nlohmann::json connections = nlohmann::json::array();
  for (const connection_diff& each : of.connections) connections.push_back(connection_json(each));
  nlohmann::json lonely = nlohmann::json::array();
  for (const lonely_connection& each : of.lonely)
    lonely.push_back({{"only_in", each.capture == 0 ? "a" : "b"},
                      {"connection", each.connection},
                      {"ends", {end_json(each.ends[0]), end_json(each.ends[1])}},
                      {"packets", each.packets}});
  nlohmann::json listed = nlohmann::json::array();
  for (const packet_difference& each : of.listed) listed.push_back(difference_json(each));
  return {{"schema", "seqwire.diff/1"},
          {"same", of.same()},
          {"a", {{"file", of.files[0]}, {"frames", of.frames[0]}, {"unanswered_openings", of.unanswered_openings[0]}}},
          {"b", {{"file", of.files[1]}, {"frames", of.frames[1]}, {"unanswered_openings", of.unanswered_openings[1]}}},
          {"connections", std::move(connections)},
          {"without_partner", std::move(lonely)},
          {"differences", of.differences},
          {"listed", std::move(listed)},
          {"holes", of.holes}};
}

}  // namespace seqwire
