#include "dissector/analysis/capture_walk.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace seqwire {

result<walked_capture, std::string> walk_capture(
    const std::string& path, const std::function<void(const captured_packet&, const capture_interface&)>& visit,
    const capture_reading& how) {
  auto reader = capture_reader::open(path, how.damaged, how.grows);
  if (!reader) return failure(to_string(reader.error()));
  walked_capture walked;
  for (;;) {
    if (how.stopped && how.stopped()) {
      if (how.grows) break;
      return failure("stopped");
    }
    const auto next = reader->next();
    if (!next && !next.error().truncated) return failure(to_string(next.error()));
    if (!next) walked.cut_short = to_string(next.error());
    if (!next || *next == nullptr) break;
    visit(**next, reader->interfaces()[(*next)->interface]);
  }
  for (const capture_error& each : reader->left_out()) walked.left_out.push_back("left out: " + to_string(each));
  if (const std::uint64_t more = reader->places_left_out() - reader->left_out().size(); more > 0)
    walked.left_out.push_back(fmt::format("left out: {}: {} more places", path, more));
  walked.interfaces = reader->interfaces();
  walked.statistics = reader->statistics();
  return walked;
}

std::optional<std::string> given_twice(std::span<const std::string> paths) {
  for (std::size_t second = 1; second < paths.size(); ++second)
    for (std::size_t first = 0; first < second; ++first) {
      std::error_code unknown;
      if (paths[first] == paths[second] || std::filesystem::equivalent(paths[first], paths[second], unknown))
        return fmt::format("{} is given twice: expected each file once", paths[second]);
    }
  return std::nullopt;
}

std::string printable_name(std::string_view name) {
  std::string line;
  for (const char each : name.substr(0, 256)) {
    const auto code = static_cast<unsigned char>(each);
    line += code < 0x20 || code >= 0x7f ? fmt::format("\\x{:02x}", code) : std::string(1, each);
  }
  return line;
}

}  // namespace seqwire
