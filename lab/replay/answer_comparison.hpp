// What an end was captured to send beside what our engine sent in its place: which packets are the same, and what is
// different about the others. Knows neither captures nor the engine.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "lab/replay/answer.hpp"

namespace seqwire {

/// How a packet differs; the first that fits.
enum class answer_difference_kind : std::uint8_t {
  missing,          // the captured end sent it, ours did not
  extra,            // and the other way round
  contents,         // of the same number: data, datastream type, end of message, attention, or the ids
  acknowledgement,  // and nothing but acknowledgement or allocation
  time,             // nothing but when
};
inline constexpr std::size_t answer_difference_kinds = 5;  // how many there are
std::string_view name_of(answer_difference_kind kind);     // "missing", ...

/// One packet, in both where both sent it.
struct answer_difference {
  answer_difference_kind kind = answer_difference_kind::time;  // how it differs
  std::optional<sent_answer> captured;                         // nothing: extra
  std::optional<sent_answer> ours;                             // nothing: missing
  /// When it left: as captured, or ours where it was not.
  instant at() const { return captured ? captured->at : ours->at; }
};

/// What two lists of packets came to.
struct answer_comparison {
  std::uint64_t captured = 0;                                      // packets
  std::uint64_t ours = 0;                                          // packets
  std::uint64_t same = 0;                                          // in both, and at the same time
  std::array<std::uint64_t, answer_difference_kinds> different{};  // by answer_difference_kind
  duration farthest_apart{};                                       // of what is the same but for the time
  std::vector<answer_difference> differences;                      // in order of time
};

/// Packets that say the same belong together, of several the first to the first; of those that are left data packets by
/// number, and system packets that differ in nothing but acknowledgement and allocation within the tolerance of time.
answer_comparison compare_answers(const std::vector<sent_answer>& captured, const std::vector<sent_answer>& ours,
                                  duration tolerance);

}  // namespace seqwire
