#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "bench/bench.hpp"
#include "bench/topics.hpp"

namespace seqwire::bench {
namespace {

struct topic {
  const char* name;
  std::vector<row> (*run)(duration);
};
constexpr std::array<topic, 10> topics{{{"analysis", bench_analysis},
                                        {"simulator", bench_simulator},
                                        {"networks", bench_networks},
                                        {"engine", bench_engine},
                                        {"connections", bench_connections},
                                        {"sockets", bench_sockets},
                                        {"scripts", bench_scripts},
                                        {"codec", bench_codec},
                                        {"recording", bench_recording},
                                        {"wire", bench_wire}}};

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown processor";
}

std::string kernel() {
  utsname names{};
  return ::uname(&names) == 0 ? fmt::format("{} {}", names.sysname, names.release) : "unknown kernel";
}

long processors() { return ::sysconf(_SC_NPROCESSORS_ONLN); }

#ifdef __OPTIMIZE__
constexpr bool optimized = true;
#else
constexpr bool optimized = false;
#endif

// Four digits that matter, thousands and millions as such.
std::string figure(double value) {
  if (value >= 1e6) return fmt::format("{:.2f} M", value / 1e6);
  if (value >= 1e4) return fmt::format("{:.0f} k", value / 1e3);
  return value >= 100 ? fmt::format("{:.0f}", value) : fmt::format("{:.2f}", value);
}

std::string aim_text(const row& of) {
  if (!of.goal) return "";
  const char* sign = of.goal->which == aim::direction::at_least ? ">=" : "<=";
  return fmt::format("aim {} {}: {}", sign, figure(of.goal->value), of.aim_met().value_or(false) ? "met" : "missed");
}

nlohmann::json as_json(const row& of) {
  nlohmann::json made{{"topic", of.topic}, {"name", of.name}, {"unit", of.unit}};
  if (!of.note.empty()) made["note"] = of.note;
  if (!of.skipped.empty()) {
    made["skipped"] = of.skipped;
    return made;
  }
  made["median"] = of.median();
  made["lowest"] = of.lowest();
  made["highest"] = of.highest();
  made["rounds"] = of.rounds;
  if (of.goal)
    made["aim"] = {{of.goal->which == aim::direction::at_least ? "at_least" : "at_most", of.goal->value},
                   {"met", *of.aim_met()}};
  return made;
}

}  // namespace

std::vector<std::string> topic_names() {
  std::vector<std::string> names;
  for (const topic& each : topics) names.emplace_back(each.name);
  return names;
}

std::vector<row> run_bench(const bench_options& options) {
  std::vector<row> rows;
  for (const topic& each : topics) {
    if (!options.only.empty() && options.only != each.name) continue;
    for (row& found : each.run(options.round)) rows.push_back(std::move(found));
  }
  return rows;
}

std::string render_text(const std::vector<row>& rows) {
  std::string text = fmt::format("{}, {} processor{}, {}{}\n", processor(), processors(), processors() == 1 ? "" : "s",
                                 kernel(), optimized ? "" : "; NOT OPTIMIZED: build with CMAKE_BUILD_TYPE=Release");
  text += fmt::format("{:<40} {:>10} {:<16} {:>10} {:>10}\n", "median of rounds taken in turns", "median", "", "lowest",
                      "highest");
  std::string topic_shown;
  for (const row& each : rows) {
    if (each.topic != topic_shown) text += fmt::format("{}\n", topic_shown = each.topic);
    if (!each.skipped.empty()) {
      text += fmt::format("  {:<38} skipped: {}\n", each.name, each.skipped);
      continue;
    }
    const std::string line = fmt::format("  {:<38} {:>10} {:<16} {:>10} {:>10}  {}", each.name, figure(each.median()),
                                         each.unit, figure(each.lowest()), figure(each.highest()), aim_text(each));
    text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
    if (!each.note.empty()) text += fmt::format("    ({})\n", each.note);
  }
  return text;
}

std::string render_json(const std::vector<row>& rows) {
  nlohmann::json all{
      {"schema", "seqwire.bench/1"},
      {"machine",
       {{"processor", processor()}, {"processors", processors()}, {"kernel", kernel()}, {"optimized", optimized}}},
      {"rows", nlohmann::json::array()}};
  for (const row& each : rows) all["rows"].push_back(as_json(each));
  return all.dump(2) + '\n';
}

}  // namespace seqwire::bench
