#include "lab/scenario/explanation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "lab/scenario/figures.hpp"
#include "lab/scenario/scenario_text.hpp"

namespace seqwire {
namespace {

using nlohmann::json;

constexpr std::size_t comment_column = 40;

// One line of a scenario in normal form that gives a key its value.
struct said_value {
  std::string key;  // "link.a_to_b.loss"
  std::string text;
  std::string origin;
};

class annotator {
 public:
  annotator(const scenario_reading& of, const std::vector<std::string>& overrides)
      : reading_(of), overrides_(overrides), normal_(to_toml(*of.value)) {}

  /// Calls `line(text)` for each line that is no value, `value(line, said_value)` for the others.
  template <class Line, class Value>
  void walk(Line line, Value value) const {
    std::istringstream lines(normal_);
    std::string table;
    std::size_t flows = 0;
    for (std::string each; std::getline(lines, each);) {
      const std::size_t equals = each.find(" = ");
      if (each == "[[flow]]") table = fmt::format("flow.{}", flows++);
      else if (each.starts_with('[')) table = each.substr(1, each.size() - 2);
      if (each.empty() || each.starts_with('[') || equals == std::string::npos) {
        line(each, table);
        continue;
      }
      std::string name = each.substr(0, equals);
      if (name.front() == '"') name = json::parse(name).get<std::string>();
      value(each, said_value{table + '.' + name, each.substr(equals + 3), origin_of(table, name)});
    }
  }

 private:
  std::string origin_of(const std::string& table, const std::string& name) const {
    const std::string* const found = place_of(table, name);
    if (found == nullptr) return "default";
    const auto is_it = [&](const std::string& each) { return printable(each) == *found; };
    const bool set = std::any_of(overrides_.begin(), overrides_.end(), is_it);
    return set ? "--set " + *found : *found;
  }

  // What is printed of both directions may have been said of each, and of all links what the last one has.
  const std::string* place_of(const std::string& table, const std::string& name) const {
    const value_origins& origins = reading_.origins;
    if (const std::string* at = origins.find(table + '.' + name)) return at;
    if (table != "link" && !table.starts_with("link.")) return nullptr;
    joined_hosts ends = reading_.value->links.back().ends;
    bool one_way = false;
    for (const std::string_view between : {"_to_", "-"})
      if (const std::size_t middle = table.find(between); middle != std::string::npos) {
        ends = {table.substr(5, middle - 5), table.substr(middle + between.size())};
        one_way = between == "_to_";
      }
    const std::string* const forward = origins.find(ends, name);
    return forward != nullptr || one_way ? forward : origins.find({ends.b, ends.a}, name);
  }

  const scenario_reading& reading_;
  const std::vector<std::string>& overrides_;
  std::string normal_;
};

json number_or_nothing(double value) { return std::isfinite(value) ? json(value) : json(); }

json to_json(const flow_figures& figures, const std::string& label) {
  return {{"flow", label},
          {"packet_life_ms", figures.packet_life.seconds() * 1e3},
          {"round_trip_ms", figures.round_trip.seconds() * 1e3},
          {"bottleneck", figures.bottleneck.a.empty() ? json() : json(name_of_way(figures.bottleneck))},
          {"link_packets_per_second", number_or_nothing(figures.link_rate)},
          {"bandwidth_delay_packets", number_or_nothing(figures.bandwidth_delay)},
          {"offered_packets_per_second", number_or_nothing(figures.offered)},
          {"window", figures.has_connection ? json(figures.window) : json()},
          {"packets_per_second", number_or_nothing(figures.fastest)},
          {"packets_within_packet_life", number_or_nothing(figures.asked)},
          {"packets_told_apart", figures.has_connection ? json(figures.bound) : json()},
          {"shortest_ms", figures.shortest ? json(figures.shortest->seconds() * 1e3) : json()}};
}

// The figures of each transfer.
class explained_flows {
 public:
  explicit explained_flows(const scenario& of) : map_(map_of(of)), figures_(of, map_) {
    if (auto plan = plan_flows(of, map_)) plan_ = *std::move(plan);
  }

  /// Lines of comments of the first transfer of these settings.
  std::string comments_of(std::size_t settings) const {
    const auto is_one = [&](const planned_flow& each) { return each.settings == settings; };
    const auto first = std::find_if(plan_.begin(), plan_.end(), is_one);
    if (first == plan_.end()) return {};
    std::string text;
    if (const auto all = std::count_if(plan_.begin(), plan_.end(), is_one); all > 1)
      text += fmt::format("# the first of {} transfers, {}\n", all, first->label);
    for (const std::string& line : describe(figures_.of(*first))) text += "# " + line + '\n';
    return text;
  }

  json as_json() const {
    json flows = json::array();
    for (const planned_flow& each : plan_) flows.push_back(to_json(figures_.of(each), each.label));
    return flows;
  }

 private:
  network_map map_;
  network_figures figures_;
  std::vector<planned_flow> plan_;
};

}  // namespace

std::string explain_scenario(const scenario_reading& of, const std::vector<std::string>& overrides) {
  const explained_flows flows(*of.value);
  std::string text;
  std::size_t flow = 0;
  annotator(of, overrides)
      .walk(
          [&](const std::string& line, const std::string&) {
            text += line + '\n';
            if (line == "[[flow]]") text += flows.comments_of(flow++);
          },
          [&](const std::string& line, const said_value& value) {
            text += fmt::format("{:<{}} # {}\n", line, comment_column, value.origin);
          });
  return text;
}

json explain_scenario_as_json(const scenario_reading& of, const std::vector<std::string>& overrides) {
  json keys = json::array();
  annotator(of, overrides)
      .walk([](const std::string&, const std::string&) {},
            [&](const std::string&, const said_value& value) {
              // What stands behind the sign is JSON, too: a string, a number, a boolean, a list of numbers.
              keys.push_back({{"key", value.key}, {"value", json::parse(value.text)}, {"origin", value.origin}});
            });
  return {
      {"schema", "seqwire.explanation/1"}, {"keys", std::move(keys)}, {"flows", explained_flows(*of.value).as_json()}};
}

}  // namespace seqwire
