#include "lab/qlog/qlog_recording.hpp"

#include <filesystem>
#include <map>

#include "lab/qlog/connection_notes.hpp"
#include "lab/qlog/host_events.hpp"

namespace seqwire {
namespace {

namespace fs = std::filesystem;

}  // namespace

// The program that a host runs, and somebody who looks over its shoulder.
class qlog_recording::watch final : public application {
 public:
  watch(const std::string& path, std::string name, application& program, instant origin)
      : host_name(std::move(name)), began(origin), notes(path, origin), program_(program) {}

  // Before the program acts: what has ended is still there to be looked at. It is asked again when packets have left.
  bool step(instant now, host& on) override {
    notes.look(now, on.sequenced());
    return program_.step(now, on);
  }
  std::optional<instant> next_wake() const override { return program_.next_wake(); }
  bool finished() const override { return program_.finished(); }
  void leave() override { program_.leave(); }

  const std::string host_name;
  const instant began;
  connection_notes notes;

 private:
  application& program_;
};

std::string qlog_name(const std::string& host) { return host + qlog_extension; }
std::string qlog_notes_name(const std::string& host) { return host + qlog_notes_extension; }

qlog_recording::qlog_recording(std::string folder) : folder_(std::move(folder)) {}
qlog_recording::~qlog_recording() = default;

application& qlog_recording::watched(const std::string& host, application& program, instant origin) {
  const std::string path = (fs::path(folder_) / qlog_notes_name(host)).string();
  watches_.push_back(std::make_unique<watch>(path, host, program, origin));
  return *watches_.back();
}

std::vector<std::string> qlog_recording::finish(const std::string& capture, const std::string& title) {
  std::vector<std::string> not_written;
  if (watches_.empty()) return not_written;
  const auto path = [&](const std::string& name) { return (fs::path(folder_) / name).string(); };
  std::map<std::string, std::unique_ptr<host_events>> files;
  for (const auto& each : watches_) {
    if (auto error = each->notes.close()) not_written.push_back(*std::move(error));
    files[each->host_name] = std::make_unique<host_events>(
        path(qlog_name(each->host_name)), host_events::source{.name = each->host_name,
                                                              .title = title,
                                                              .origin = each->began,
                                                              .notes = path(qlog_notes_name(each->host_name))});
  }
  auto reader = capture_reader::open(capture);
  if (!reader) not_written.push_back(to_string(reader.error()));
  while (reader) {
    const auto next = reader->next();
    if (!next) not_written.push_back(to_string(next.error()));
    if (!next || *next == nullptr) break;
    const capture_interface& at = reader->interfaces()[(*next)->interface];
    const std::string host = at.name.substr(0, at.name.find('-'));
    if (const auto found = files.find(host); found != files.end()) found->second->on_packet(**next, at.type);
  }
  for (const auto& [host, file] : files) {
    if (auto error = file->close()) not_written.push_back(*std::move(error));
    std::error_code ignored;
    fs::remove(path(qlog_notes_name(host)), ignored);
  }
  return not_written;  // hosts may still refer to their programs
}

}  // namespace seqwire
