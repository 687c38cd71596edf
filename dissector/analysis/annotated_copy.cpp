#include "dissector/analysis/annotated_copy.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <system_error>

namespace seqwire {
namespace {

using frame_comments = std::map<std::uint64_t, std::vector<std::string>>;  // by frame number

class comments_of_file {
 public:
  comments_of_file(const verdict& of, std::size_t file) : of_(of), file_(file) {
    for (const rule_verdict& row : of.rules) {
      for (const finding& each : row.first) add("violated", row.rule, each);
      for (const finding& each : row.doubts) add("perhaps violated", row.rule, each);
    }
    for (const finding& each : of.deviations) add("deviation", each.rule, each);
    for (const finding& each : of.findings) add_words(each.name, each);
  }

  frame_comments take() { return std::move(by_frame_); }

 private:
  void add(std::string_view how, rule_id rule, const finding& what) {
    const rule_row& about = row_of(rule);
    add_words(fmt::format("{} {} {}", how, about.number, about.name), what);
  }
  // The offending frame comes last.
  void add_words(const std::string& subject, const finding& what) {
    for (std::size_t i = 0; i < what.frames.size(); ++i) {
      const frame_reference& frame = what.frames[i];
      if (frame.file != file_) continue;
      const bool offending = i + 1 == what.frames.size();
      by_frame_[frame.number].push_back(
          offending ? fmt::format("{}{}: {}", annotation_prefix, subject, what.sentence)
                    : fmt::format("{}see {}: {}", annotation_prefix, to_string(of_, what.frames.back()), subject));
    }
  }

  const verdict& of_;
  std::size_t file_;
  frame_comments by_frame_;
};

// The error is one line.
result<void, std::string> copy(capture_reader& from, capture_writer& to, const frame_comments& comments) {
  std::size_t described = 0;
  std::vector<std::string> all;
  instant latest{};
  for (std::uint64_t number = 1;; ++number) {
    const auto next = from.next();
    if (!next && !next.error().truncated) return failure(to_string(next.error()));
    for (; described < from.interfaces().size(); ++described) to.add_interface(from.interfaces()[described]);
    if (!next || *next == nullptr) break;
    const captured_packet& packet = **next;
    all = packet.comments;
    if (const auto found = comments.find(number); found != comments.end())
      all.insert(all.end(), found->second.begin(), found->second.end());
    latest = sane(packet.at);
    to.write({.interface = packet.interface,
              .at = latest,
              .direction = packet.direction,
              .packet_id = packet.packet_id,
              .dropped_before = packet.dropped_before,
              .more_comments = all,
              .original_length = packet.original_length},
             packet.frame);
    if (to.error()) break;
  }
  for (std::size_t i = 0; i < described; ++i)
    if (from.statistics()[i].received + from.statistics()[i].dropped > 0)
      to.write_statistics(i, latest, from.statistics()[i]);
  to.close();
  if (to.error()) return failure(*to.error());
  return {};
}

}  // namespace

result<std::size_t, std::string> write_annotated_copy(const verdict& of, std::size_t file, const std::string& from,
                                                      const std::string& to, damage_handling damaged) {
  const frame_comments comments = comments_of_file(of, file).take();
  auto reader = capture_reader::open(from, damaged);
  if (!reader) return failure(to_string(reader.error()));
  try {
    capture_writer writer(
        to, {.application = "seqwire verify", .comment = fmt::format("{}{}", annotation_prefix, name_of(of.overall))});
    auto copied = copy(*reader, writer, comments);
    if (copied) return comments.size();
    std::error_code stays;
    std::filesystem::remove(to, stays);
    return failure(std::move(copied.error()));
  } catch (const std::system_error& refused) {
    return failure(std::string(refused.what()));
  }
}

}  // namespace seqwire
