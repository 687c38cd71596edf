#include "dissector/report/run_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

namespace seqwire {
namespace {

constexpr std::size_t most_columns = 4096;
constexpr std::array<std::string_view, 4> drawn_metrics{"congestion_window", "in_flight", "allocation", "timeout"};

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> found;
  for (std::size_t begin = 0; begin <= line.size() && found.size() < most_columns;) {
    const std::size_t end = std::min(line.find(',', begin), line.size());
    found.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return found;
}

// An empty cell is a value that there was not.
std::optional<double> number(const std::string& cell) {
  if (cell.empty()) return std::numeric_limits<double>::quiet_NaN();
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc{} || end != cell.data() + cell.size()) return std::nullopt;
  return value;
}

result<std::vector<measured_series>, std::string> read_series(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::vector<measured_series> series;
  std::getline(file, line);
  const auto names = cells(line);
  if (names.front() != "time_s") return failure(fmt::format("{}:1: expected a heading that begins with time_s", path));
  for (std::size_t i = 1; i < names.size(); ++i) series.push_back({names[i], {}, {}});
  for (std::uint64_t row = 2; std::getline(file, line); ++row) {
    const auto values = cells(line);
    const auto at = number(values.front());
    if (!at || values.size() != names.size())
      return failure(fmt::format("{}:{}: expected {} numbers; got {}", path, row, names.size(), values.size()));
    for (std::size_t i = 1; i < values.size(); ++i) {
      const auto value = number(values[i]);
      if (!value) return failure(fmt::format("{}:{}: expected a number in column {}", path, row, i + 1));
      series[i - 1].at.push_back(*at);
      series[i - 1].value.push_back(*value);
    }
  }
  return series;
}

// The metrics of one host's connections while its file is read, event by event.
class metrics_reader {
 public:
  void take(const nlohmann::json& event) {
    const std::string& name = event.at("name").get_ref<const std::string&>();
    const nlohmann::json& data = event.at("data");
    end_metrics& end = ends_[event.at("group_id").get<std::string>()];
    if (name == "seqwire:packet_sent" && end.id == 0 && data.contains("header"))
      end.id = data.at("header").value("source_connection", std::uint16_t{0});
    if (name != "seqwire:metrics_updated") return;
    const double at = event.at("time").get<double>() / 1000;
    end.metrics.resize(drawn_metrics.size());
    for (std::size_t i = 0; i < drawn_metrics.size(); ++i) {
      const auto value = data.find(drawn_metrics[i]);
      if (value == data.end()) continue;
      end.metrics[i].at.push_back(at);
      end.metrics[i].value.push_back(value->get<double>());
    }
  }
  void finish(std::vector<end_metrics>& into) {
    for (auto& [group, end] : ends_) {
      if (end.metrics.empty()) continue;
      end.group = group;
      for (std::size_t i = 0; i < drawn_metrics.size(); ++i) end.metrics[i].name = drawn_metrics[i];
      into.push_back(std::move(end));
    }
  }

 private:
  std::map<std::string, end_metrics> ends_;
};

// Our own qlog has one event in a line (docs/qlog.md), so that a file need not fit in memory.
result<void, std::string> read_metrics(const std::string& path, std::vector<end_metrics>& into) {
  std::ifstream file(path);
  std::string line;
  metrics_reader reader;
  for (std::uint64_t row = 1; std::getline(file, line); ++row) {
    if (!line.starts_with("{\"time\":")) continue;
    if (line.ends_with(',')) line.pop_back();
    try {
      reader.take(nlohmann::json::parse(line));
    } catch (const nlohmann::json::exception&) {
      return failure(fmt::format("{}:{}: expected a qlog event", path, row));
    }
  }
  reader.finish(into);
  return {};
}

}  // namespace

result<run_folder, std::string> read_run_folder(const std::string& path) {
  run_folder found;
  std::vector<std::string> qlogs;
  std::error_code unreadable;
  for (const auto& each : std::filesystem::directory_iterator(path, unreadable)) {
    const std::string name = each.path().filename().string();
    if (name.ends_with(".pcapng") || name.ends_with(".pcap")) found.captures.push_back(each.path().string());
    if (name.ends_with(".journal.ndjson")) found.journals.push_back(each.path().string());
    if (name.ends_with(".qlog")) qlogs.push_back(each.path().string());
  }
  if (unreadable) return failure(fmt::format("{}: {}", path, unreadable.message()));
  if (found.captures.empty())
    return failure(fmt::format("{}: expected the folder of a run; there is no capture in it", path));
  for (auto* each : {&found.captures, &found.journals, &qlogs}) std::sort(each->begin(), each->end());
  const std::string series = (std::filesystem::path(path) / "series.csv").string();
  if (std::filesystem::exists(series, unreadable)) {
    auto read = read_series(series);
    if (!read) return failure(read.error());
    found.series = std::move(*read);
  }
  for (const std::string& each : qlogs)
    if (auto read = read_metrics(each, found.ends); !read) return failure(read.error());
  return found;
}

}  // namespace seqwire
