#include "lab/sweep/export.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "lab/sweep/study.hpp"

namespace seqwire {
namespace {

namespace fs = std::filesystem;

// A field of a CSV file (RFC 4180).
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char each : text) quoted += each == '"' ? "\"\"" : std::string(1, each);
  return quoted + '"';
}

// The shortest text that reads back as this number; empty where there is none.
std::string field(double value) { return std::isnan(value) ? std::string() : fmt::format("{}", value); }
std::string field(std::optional<double> value) { return value ? field(*value) : std::string(); }

std::string fields(const std::vector<std::string>& texts) {
  std::string line;
  for (const std::string& each : texts) line += ',' + field(each);
  return line;
}

// A file that appears under its name when it is whole.
class csv_file {
 public:
  explicit csv_file(const fs::path& path) : path_(path), unfinished_(path.string() + ".part") {
    errno = 0;
    file_.open(unfinished_, std::ios::binary | std::ios::trunc);
    check();
  }
  ~csv_file() {
    std::error_code ignored;
    if (!finished_) fs::remove(unfinished_, ignored);
  }
  csv_file(const csv_file&) = delete;
  csv_file& operator=(const csv_file&) = delete;

  void line(const std::string& text) {
    file_ << text << '\n';
    check();
  }
  void finish() {
    file_.close();
    check();
    fs::rename(unfinished_, path_);
    finished_ = true;
  }

 private:
  void check() const {
    if (!file_) throw std::system_error(errno, std::generic_category(), "cannot write " + path_.string());
  }

  fs::path path_;
  fs::path unfinished_;
  std::ofstream file_;
  bool finished_ = false;
};

std::string result_line(const results_header& of, const run_result& row) {
  std::string line = fmt::format("{}{},{}", row.point, fields(of.points[row.point]), row.seed);
  for (const double value : row.values) line += ',' + field(value);
  const std::string_view holds = !row.holds ? "" : *row.holds ? "yes" : "no";
  return line + fmt::format(",{},{},{:016x},{}", holds, row.scenario, row.fingerprint, field(row.revision));
}

std::string summary_heading(const results_header& of) {
  std::string line = "point" + fields(of.keys) + ",runs";
  for (const std::string& name : of.measures) line += fmt::format(",{0},{0}_low,{0}_high,{0}_n", name);
  return line;
}

std::string summary_line(const results_header& of, std::size_t number, const point_summary& point) {
  std::string line = fmt::format("{}{},{}", number, fields(of.points[number]), point.runs);
  for (const running_mean& each : point.measures) {
    const auto mean = each.mean();
    const auto half = each.half_width();
    const auto low = half ? std::optional(*mean - *half) : std::nullopt;
    const auto high = half ? std::optional(*mean + *half) : std::nullopt;
    line += fmt::format(",{},{},{},{}", field(mean), field(low), field(high), each.count());
  }
  return line;
}

std::string in_short(const running_mean& of) {
  if (!of.mean()) return "-";
  if (!of.half_width()) return fmt::format("{:.5g}", *of.mean());
  return fmt::format("{:.5g} ± {:.2g}", *of.mean(), *of.half_width());
}

// As wide as a terminal counts: of a character in several octets the first counts.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char each) { return (static_cast<unsigned char>(each) & 0xc0u) != 0x80u; }));
}

}  // namespace

std::uint64_t sweep_summary::points_missing() const {
  const auto missing = [](const point_summary& each) { return !each.enough; };
  return static_cast<std::uint64_t>(std::count_if(points.begin(), points.end(), missing));
}

sweep_summary export_results(const results_store& from, const std::string& folder) {
  const results_header& of = from.header();
  sweep_summary summary;
  summary.points.assign(of.points.size(), {.measures = std::vector<running_mean>(of.measures.size())});
  csv_file results(fs::path(folder) / results_csv_name);
  results.line("point" + fields(of.keys) + ",seed" + fields(of.measures) + ",holds,scenario,fingerprint,revision");
  from.for_each([&](const run_result& row) {
    point_summary& point = summary.points[row.point];
    // What ran beyond the last seed that was needed, because several ran at a time, does not count.
    if (point.enough || row.number != point.runs) return;
    ++point.runs;
    for (std::size_t i = 0; i < row.values.size(); ++i) point.measures[i].add(row.values[i]);
    point.enough = of.rule.enough(point.runs, point.measures[of.rule.measure]);
    if (row.holds) ++summary.judged;
    if (row.holds && !*row.holds) {
      ++summary.broken;
      ++point.broken;
    }
    results.line(result_line(of, row));
  });
  csv_file means(fs::path(folder) / summary_csv_name);
  means.line(summary_heading(of));
  for (std::size_t number = 0; number < summary.points.size(); ++number)
    means.line(summary_line(of, number, summary.points[number]));
  results.finish();
  means.finish();
  return summary;
}

std::string render_text(const results_header& of, const sweep_summary& summary) {
  constexpr std::size_t most_points = 40;
  constexpr std::size_t most_measures = 4;
  std::vector<std::vector<std::string>> table{{of.study, "runs"}};
  const std::size_t measures = std::min(most_measures, of.measures.size());
  for (std::size_t i = 0; i < measures; ++i) table[0].push_back(of.measures[i]);
  if (summary.judged > 0) table[0].emplace_back("hold");
  for (std::size_t number = 0; number < std::min(most_points, summary.points.size()); ++number) {
    const point_summary& point = summary.points[number];
    table.push_back({describe_point(of.keys, of.points[number]), fmt::format("{}", point.runs)});
    for (std::size_t i = 0; i < measures; ++i) table.back().push_back(in_short(point.measures[i]));
    if (summary.judged > 0) table.back().push_back(fmt::format("{}", point.runs - point.broken));
  }
  std::string text;
  for (const auto& row : table) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      std::size_t widest = 0;
      for (const auto& each : table) widest = std::max(widest, width_of(each[column]));
      const std::string blank(widest - width_of(row[column]), ' ');
      text += column == 0 ? "  " + row[column] + blank : "  " + blank + row[column];
    }
    text += '\n';
  }
  if (summary.points.size() > most_points)
    text += fmt::format("  and {} points more\n", summary.points.size() - most_points);
  return text;
}

nlohmann::json to_json(const results_header& of, const sweep_summary& summary) {
  nlohmann::json points = nlohmann::json::array();
  for (std::size_t number = 0; number < summary.points.size(); ++number) {
    const point_summary& point = summary.points[number];
    nlohmann::json settings = nlohmann::json::object();
    for (std::size_t i = 0; i < of.keys.size(); ++i) settings[of.keys[i]] = of.points[number][i];
    nlohmann::json measures = nlohmann::json::object();
    for (std::size_t i = 0; i < of.measures.size(); ++i) {
      const running_mean& each = point.measures[i];
      measures[of.measures[i]] = {
          {"n", each.count()},
          {"mean", each.mean() ? nlohmann::json(*each.mean()) : nlohmann::json()},
          {"half_width", each.half_width() ? nlohmann::json(*each.half_width()) : nlohmann::json()}};
    }
    points.push_back({{"settings", std::move(settings)},
                      {"runs", point.runs},
                      {"complete", point.enough},
                      {"broken", point.broken},
                      {"measures", std::move(measures)}});
  }
  return {{"schema", "seqwire.sweep/1"}, {"study", of.study},
          {"digest", of.digest},         {"revision", of.revision},
          {"seeds", of.rule.seeds},      {"judged", summary.judged},
          {"broken", summary.broken},    {"points_missing", summary.points_missing()},
          {"points", std::move(points)}};
}

}  // namespace seqwire
