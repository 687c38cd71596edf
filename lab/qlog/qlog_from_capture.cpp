#include "lab/qlog/qlog_from_capture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>

#include "dissector/analysis/capture_walk.hpp"
#include "lab/qlog/host_events.hpp"
#include "lab/qlog/qlog_recording.hpp"

namespace seqwire {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_files = 250;  // open at once

// A name from inside a file, as the name of one; never a path.
std::string file_name_of(const std::string& interface, std::size_t number) {
  std::string name = interface.substr(0, 100);
  for (char& each : name) {
    const bool plain = (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || (each >= '0' && each <= '9') ||
                       each == '-' || each == '_' || each == '.';
    if (!plain) each = '_';
  }
  if (name.empty() || name.front() == '.') name = fmt::format("interface-{}{}", number, name);
  return name;
}

class vantage_files {
 public:
  vantage_files(std::string folder, std::string capture) : folder_(std::move(folder)), capture_(std::move(capture)) {}

  void on_packet(const captured_packet& packet, const capture_interface& seen_at) {
    ++frame_;
    if (!origin_) origin_ = packet.at;
    auto& file = files_[packet.interface];
    if (!file) file = open(packet, seen_at);
    if (!packet.packet_id) {  // the reader's packet is const: a copy where it has no name
      captured_packet named = packet;
      named.packet_id = frame_;
      return file->on_packet(named, seen_at.type);
    }
    file->on_packet(packet, seen_at.type);
  }
  std::vector<std::string> close() {
    for (const auto& [interface, file] : files_)
      if (const auto error = file->close()) throw std::runtime_error(*error);
    return std::move(paths_);
  }

 private:
  std::unique_ptr<host_events> open(const captured_packet& packet, const capture_interface& seen_at) {
    if (files_.size() > most_files)
      throw std::runtime_error(fmt::format("{}: expected at most {} interfaces; got more", capture_, most_files));
    std::string name = file_name_of(seen_at.name, packet.interface);
    if (!names_.insert(name).second) name += fmt::format("-{}", packet.interface);
    names_.insert(name);
    paths_.push_back((fs::path(folder_) / qlog_name(name)).string());
    return std::make_unique<host_events>(
        paths_.back(), host_events::source{.name = printable_name(seen_at.name),
                                           .title = printable_name(capture_),
                                           .origin = *origin_,
                                           .between = packet.direction == capture_direction::unknown});
  }

  std::string folder_;
  std::string capture_;
  std::optional<instant> origin_;
  std::uint64_t frame_ = 0;
  std::map<std::size_t, std::unique_ptr<host_events>> files_;  // by interface
  std::set<std::string> names_;
  std::vector<std::string> paths_;
};

}  // namespace

result<std::vector<std::string>, std::string> qlog_from_capture(const std::string& capture, const std::string& folder,
                                                                const std::function<bool()>& stopped) {
  fs::create_directories(folder);
  vantage_files files(folder, capture);
  const auto walked = walk_capture(
      capture,
      [&](const captured_packet& packet, const capture_interface& seen_at) { files.on_packet(packet, seen_at); },
      {.stopped = stopped});
  if (!walked) return failure(walked.error());
  return files.close();
}

}  // namespace seqwire
