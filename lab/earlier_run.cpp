#include "lab/earlier_run.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "lab/experiment.hpp"
#include "lab/measure/measurement.hpp"
#include "lab/qlog/qlog_recording.hpp"

namespace seqwire {
namespace {

namespace fs = std::filesystem;

// What every file of its kind says of itself, and how far from its beginning at the latest.
struct kind_of_file {
  const char* name;
  std::string_view begins;
  std::string_view says;
  std::size_t within;
};

constexpr std::string_view section_header("\x0a\x0d\x0d\x0a", 4);
constexpr std::size_t head = 4096;
constexpr std::size_t whole_summary = 64 << 20;
constexpr kind_of_file kinds[] = {
    {capture_name, section_header, "seqwire", head},       {journal_extension, "{\"journal\":\"seqwire\"", "", head},
    {inputs_extension, "seqwire-inputs ", "", head},       {series_csv_name, "time_s,", "", head},
    {series_ndjson_name, "{\"time_s\":", "", head},        {summary_name, "{", "\"seqwire.summary/", whole_summary},
    {qlog_extension, "{\"file_schema\"", "seqwire", head}, {qlog_notes_extension, "seqwire-notes ", "", head}};
constexpr std::string_view of_hosts[] = {journal_extension, inputs_extension, qlog_extension, qlog_notes_extension};

// Capture and summary have their name, the others a host's before it.
const kind_of_file* kind_of(const std::string& name) {
  for (const kind_of_file& kind : kinds) {
    const bool of_host = std::find(std::begin(of_hosts), std::end(of_hosts), kind.name) != std::end(of_hosts);
    if (of_host ? name.ends_with(kind.name) && is_host_name(name.substr(0, name.size() - std::strlen(kind.name)))
                : name == kind.name)
      return &kind;
  }
  return nullptr;
}

// An empty file is nobody's: a killed run may have left it, and nothing is lost with it.
bool is_of_a_run(const fs::path& path, const kind_of_file& kind) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return false;
  std::string text(std::min<std::uintmax_t>(fs::file_size(path), kind.within), '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text.empty() || (text.starts_with(kind.begins) && text.find(kind.says) != std::string::npos);
}

}  // namespace

result<std::vector<std::string>, std::string> files_of_earlier_run(const std::string& directory) {
  std::vector<std::string> found;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored)) {
    const fs::path& path = entry.path();
    const kind_of_file* const kind = kind_of(path.filename().string());
    if (kind == nullptr) continue;
    const fs::file_status status = fs::status(path, ignored);
    if (fs::is_regular_file(status) && is_of_a_run(path, *kind)) found.push_back(path.string());
    else if (fs::is_regular_file(status) || fs::is_directory(status))
      return failure("a run would replace " + path.string() + ", which no run of seqwire wrote");
  }
  std::sort(found.begin(), found.end());
  return found;
}

void remove_earlier_run(const std::string& directory) {
  const auto found = files_of_earlier_run(directory);
  if (!found) throw std::system_error(EEXIST, std::generic_category(), found.error());
  for (const std::string& path : *found) fs::remove(path);
}

}  // namespace seqwire
