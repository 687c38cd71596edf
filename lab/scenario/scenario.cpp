#include "lab/scenario/scenario.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "lab/scenario/nearest.hpp"
#include "lab/scenario/scenario_keys.hpp"
#include "lab/scenario/scenario_text.hpp"
#include "protocol/wire/spp.hpp"

namespace seqwire {
namespace {

using directions = key_place::directions;
using key_path = std::vector<std::string>;

// What is wrong, without the place.
struct complaint {
  std::string what;
  std::string expected;
  std::string got;
};

struct found_key {
  const scenario_key* key;
  key_place place;
};

scenario_error located(std::string_view at, const complaint& about) {
  return {error_line(at, about.what, about.expected, about.got)};
}

std::string in_quotes(std::string_view text) { return fmt::format("\"{}\"", printable(text)); }

std::string joined(const key_path& path) { return fmt::format("{}", fmt::join(path, ".")); }

bool stands_in(const scenario_key& key, key_table table) {
  return key.table == table || (key.table == key_table::direction && table == key_table::link);
}

complaint unknown(std::string_view where, const std::string& name, const std::vector<std::string>& known) {
  const auto guess = nearest(name, known);
  return {fmt::format("unknown key in {}", where),
          guess ? fmt::format("{}, the nearest known one", *guess) : fmt::format("one of {}", fmt::join(known, ", ")),
          in_quotes(name)};
}

result<found_key, complaint> find_in(key_table table, std::string_view heading, const key_path& path, std::size_t at,
                                     const key_place& place) {
  std::vector<std::string> known;
  for (const scenario_key& key : scenario_keys()) {
    if (!stands_in(key, table)) continue;
    if (key.name == path[at] && path.size() == at + 1) return found_key{&key, place};
    known.emplace_back(key.name);
  }
  if (table == key_table::link) known.insert(known.end(), {"a_to_b", "b_to_a"});
  if (path.size() == at + 1) return failure(unknown(heading, path[at], known));
  return failure(unknown(heading, joined({path.begin() + static_cast<std::ptrdiff_t>(at), path.end()}), known));
}

// Of a key without its table the table is what is missing.
complaint unknown_at_top(const key_path& path) {
  for (const scenario_key& key : scenario_keys()) {
    if (path.size() != 1 || key.name != path[0]) continue;
    const std::string_view table = key.table == key_table::scenario ? "scenario"
                                   : key.table == key_table::flow   ? "flow.0"
                                                                    : "link";
    return {"unknown key in the scenario", fmt::format("{}.{}", table, key.name), in_quotes(path[0])};
  }
  return unknown("the scenario", path[0], {"scenario", "link", "flow", "extends", "sweep"});
}

// The key that a path names in a scenario with so many flows.
result<found_key, complaint> find_key(const key_path& path, std::size_t flows) {
  const std::string& table = path[0];
  if (table != "scenario" && table != "link" && table != "flow") return failure(unknown_at_top(path));
  if (path.size() == 1)
    return failure(complaint{fmt::format("{} is not a key but a table of keys", table),
                             table == "flow" ? "[[flow]]" : fmt::format("[{}]", table), "a value for it"});
  if (table == "scenario") return find_in(key_table::scenario, "[scenario]", path, 1, {});
  if (table == "link") {
    const bool one_way = path[1] == "a_to_b" || path[1] == "b_to_a";
    if (!one_way) return find_in(key_table::link, "[link]", path, 1, {});
    const std::string heading = fmt::format("[link.{}]", path[1]);
    if (path.size() == 2)
      return failure(
          complaint{fmt::format("link.{} is not a key but a table of keys", path[1]), heading, "a value for it"});
    const key_place place{path[1] == "a_to_b" ? directions::a_to_b : directions::b_to_a, 0};
    return find_in(key_table::direction, heading, path, 2, place);
  }
  const auto number = flows == 0 ? std::nullopt : std::optional(parse_count(path[1], 0, flows - 1));
  if (!number || !*number)
    return failure(complaint{"no such flow",
                             flows == 0 ? "a scenario with flows" : fmt::format("flow.0 to flow.{}", flows - 1),
                             in_quotes("flow." + path[1])});
  if (path.size() == 2)
    return failure(complaint{fmt::format("flow.{} is not a key but a table of keys", **number),
                             fmt::format("flow.{}.KEY", **number), "a value for it"});
  return find_in(key_table::flow, "[[flow]]", path, 2, {directions::both, static_cast<std::size_t>(**number)});
}

// A scenario in the making, with the origin of every value that was given, for what can only be judged at the end.
class scenario_draft {
 public:
  explicit scenario_draft(scenario from) : scenario_(std::move(from)) {}

  scenario& value() { return scenario_; }

  result<void, scenario_error> set(const scenario_entry& entry) {
    const auto found = find_key(entry.path, scenario_.flows.size());
    if (!found) return failure(located(entry.key_at, found.error()));
    const scenario_key& key = *found->key;
    const std::string got = entry.kind == string_value ? in_quotes(entry.text) : printable(entry.text);
    if ((entry.kind & key.kinds) == 0) {
      const complaint wrong{joined(entry.path) + " has a value of the wrong type", key.expected, got};
      return failure(located(entry.value_at, wrong));
    }
    if (auto done = key.set(scenario_, found->place, entry.text); !done) {
      const complaint bad{joined(entry.path) + " has a bad value", done.error().expected, got};
      return failure(located(entry.value_at, bad));
    }
    origins_[joined(entry.path)] = entry.value_at;
    return {};
  }

  /// "link.loss=2%". The value counts as whatever kind its key takes.
  result<void, scenario_error> assign(std::string_view assignment) {
    const std::size_t equals = assignment.find('=');
    const std::string at = printable(assignment);
    if (equals == std::string_view::npos)
      return failure(located(at, {"no value is given", "KEY=VALUE such as link.loss=2%", in_quotes(assignment)}));
    scenario_entry entry;
    std::string_view keys = assignment.substr(0, equals);
    for (std::size_t dot = keys.find('.'); dot != std::string_view::npos; dot = keys.find('.')) {
      entry.path.emplace_back(keys.substr(0, dot));
      keys.remove_prefix(dot + 1);
    }
    entry.path.emplace_back(keys);
    entry.text = assignment.substr(equals + 1);
    entry.key_at = entry.value_at = at;
    const auto found = find_key(entry.path, scenario_.flows.size());
    // As a string if the key takes one: then a message quotes it.
    if (found) entry.kind = (found->key->kinds & string_value) != 0 ? unsigned{string_value} : found->key->kinds;
    return set(entry);
  }

  /// What keys together must obey. `otherwise` is the place when the value at fault was not given but is a default.
  result<void, scenario_error> check(const std::string& otherwise) const {
    for (const auto& [name, way] : {std::pair{"a_to_b", &scenario_.a_to_b}, {"b_to_a", &scenario_.b_to_a}})
      if (auto fine = check_direction(name, *way, otherwise); !fine) return fine;
    for (std::size_t i = 0; i < scenario_.flows.size(); ++i)
      if (auto fine = check_flow(i, otherwise); !fine) return fine;
    return {};
  }

 private:
  const std::string* origin(const std::string& key) const {
    const auto found = origins_.find(key);
    return found == origins_.end() ? nullptr : &found->second;
  }
  const std::string& origin_of_either(const std::string& key, const std::string& other,
                                      const std::string& otherwise) const {
    if (const std::string* at = origin(key)) return *at;
    if (const std::string* at = origin(other)) return *at;
    return otherwise;
  }

  // Where a key of a direction was said: of it alone, or of both.
  const std::string& origin_of_way(const std::string& way, const std::string& key, const std::string& other,
                                   const std::string& otherwise) const {
    for (const std::string& name : {key, other})
      for (const std::string& place : {"link." + way + "." + name, "link." + name})
        if (const std::string* at = origin(place)) return *at;
    return otherwise;
  }

  result<void, scenario_error> check_direction(const std::string& way, const channel_settings& of,
                                               const std::string& otherwise) const {
    const auto minimum = of.further.get<std::uint64_t>("red_minimum");
    const auto maximum = of.further.get<std::uint64_t>("red_maximum");
    if (minimum >= maximum)
      return failure(located(origin_of_way(way, "red_minimum", "red_maximum", otherwise),
                             {"red_minimum is not below red_maximum", fmt::format("at most {}", maximum - 1),
                              fmt::format("{}", minimum)}));
    if (of.further.is_set("trace") && (of.rate != 0 || of.further.is_set("rate_changes")))
      return failure(located(origin_of_way(way, "trace", "rate", otherwise),
                             {"trace and a rate exclude each other", "one of them", "both"}));
    return {};
  }

  result<void, scenario_error> check_flow(std::size_t number, const std::string& otherwise) const {
    const std::string flow = fmt::format("flow.{}.", number);
    const spp_config& spp = scenario_.flows[number].spp;
    for (const std::string made_up : {"records", "record_size"})
      if (origin(flow + "files") != nullptr && origin(flow + made_up) != nullptr)
        return failure(
            located(*origin(flow + made_up), {fmt::format("{}files and {}{} exclude each other", flow, flow, made_up),
                                              "files, or made-up records", "both"}));
    const std::size_t room = scenario_.mtu - spp_overhead;
    if (spp.packet_data > room)
      return failure(located(origin_of_either(flow + "packet_data", "link.mtu", otherwise),
                             {flow + "packet_data does not fit the MTU",
                              fmt::format("2 to {} for link.mtu = {}, or 0 to fill it", room, scenario_.mtu),
                              fmt::format("{}", spp.packet_data)}));
    if (spp.minimum_timeout > spp.maximum_timeout)
      return failure(located(
          origin_of_either(flow + "minimum_timeout", flow + "maximum_timeout", otherwise),
          {flow + "minimum_timeout is above maximum_timeout",
           fmt::format("at most {}", print_duration(spp.maximum_timeout)), print_duration(spp.minimum_timeout)}));
    return {};
  }

  scenario scenario_;
  std::map<std::string, std::string> origins_;
};

// What [link] says of both directions comes before what its sub-tables say of one, wherever they stand in the file.
result<void, scenario_error> apply_entries(scenario_draft& to, const std::vector<scenario_entry>& entries) {
  const auto speaks_of_one_direction = [](const scenario_entry& entry) {
    return entry.path[0] == "link" && entry.path.size() > 2;
  };
  for (const bool one_direction : {false, true})
    for (const scenario_entry& entry : entries)
      if (speaks_of_one_direction(entry) == one_direction)
        if (auto done = to.set(entry); !done) return done;
  return {};
}

constexpr std::size_t most_layers = 8;

// The file that one extends stands beside it unless its path is absolute.
result<void, scenario_error> read_layers(std::vector<scenario_entries>& layers, std::string_view text,
                                         const std::string& name, std::size_t depth) {
  auto file = read_entries(text, name);
  if (!file) return failure(scenario_error{file.error().message});
  if (const auto& base = file->extends) {
    if (base->kind != string_value || base->text.empty())
      return failure(located(base->at, {"extends has a bad value", "the path of another scenario", base->text}));
    if (depth + 1 >= most_layers)
      return failure(located(base->at, {"a chain of scenarios that extend each other",
                                        fmt::format("at most {}", most_layers), in_quotes(base->text)}));
    const std::string path = (std::filesystem::path(name).parent_path() / base->text).string();
    const auto base_text = read_text(path);
    if (!base_text) return failure(scenario_error{base_text.error().message});
    if (auto done = read_layers(layers, *base_text, path, depth + 1); !done) return done;
    if (file->flows == 0) file->flows = layers.back().flows;
    else  // flows of its own are all that it has
      for (scenario_entries& layer : layers)
        std::erase_if(layer.entries, [](const scenario_entry& entry) { return entry.path[0] == "flow"; });
  }
  layers.push_back(std::move(*file));
  return {};
}

bool is_toml_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc{} && end == text.data() + text.size();
}

std::string key_line(const scenario_key& key, const scenario& from, const key_place& place) {
  const std::string text = key.print(from, place);
  const bool bare =
      (key.kinds & (boolean_value | list_value)) != 0 || ((key.kinds & integer_value) != 0 && is_toml_integer(text));
  // The escapes of a JSON string are among those of TOML. Keys let only valid UTF-8 in; a scenario made in code may
  // not.
  using strictness = nlohmann::json::error_handler_t;
  return fmt::format("{} = {}\n", key.name,
                     bare ? text : nlohmann::json(text).dump(-1, ' ', false, strictness::replace));
}

// Link keys only: a flow's need a flow.
bool goes_without_saying(const scenario_key& key, const scenario& of, const key_place& place) {
  return key.only_if_said && key.print(of, place) == key.print(scenario{}, place);
}

bool same_both_ways(const scenario_key& key, const scenario& of) {
  return key.print(of, {directions::a_to_b, 0}) == key.print(of, {directions::b_to_a, 0});
}

std::string direction_lines(const scenario& from, std::string_view name, directions which) {
  std::string lines;
  for (const scenario_key& key : scenario_keys())
    if (key.table == key_table::direction && !same_both_ways(key, from) && !goes_without_saying(key, from, {which, 0}))
      lines += key_line(key, from, {which, 0});
  return lines.empty() ? lines : fmt::format("\n[link.{}]\n{}", name, lines);
}

std::string flow_lines(const scenario& from, std::size_t number) {
  const bool of_files = !from.flows[number].files.empty();
  std::string lines = "\n[[flow]]\n";
  for (const scenario_key& key : scenario_keys()) {
    if (key.table != key_table::flow) continue;
    const bool made_up = key.name == "records" || key.name == "record_size";
    if (of_files ? made_up : key.name == "files") continue;
    if (key.name == "leave_out" && from.flows[number].leave_out.empty()) continue;
    lines += key_line(key, from, {directions::both, number});
  }
  return lines;
}

}  // namespace

result<scenario, scenario_error> parse_scenario(std::string_view text, const std::string& name,
                                                const std::vector<std::string>& overrides) {
  std::vector<scenario_entries> layers;
  if (auto done = read_layers(layers, text, name, 0); !done) return failure(done.error());
  scenario empty;
  empty.flows.assign(layers.back().flows, default_flow());
  scenario_draft draft(std::move(empty));
  for (const scenario_entries& layer : layers)
    if (auto done = apply_entries(draft, layer.entries); !done) return failure(done.error());
  if (layers.back().flows == 0)
    return failure(located(printable(name), {"the scenario has no flow", "at least one [[flow]]", "none"}));
  for (const std::string& assignment : overrides)
    if (auto done = draft.assign(assignment); !done) return failure(done.error());
  if (auto fine = draft.check(printable(name)); !fine) return failure(fine.error());
  return std::move(draft.value());
}

result<scenario, scenario_error> read_scenario(const std::string& path, const std::vector<std::string>& overrides) {
  const auto text = read_text(path);
  if (!text) return failure(scenario_error{text.error().message});
  return parse_scenario(*text, path, overrides);
}

result<void, scenario_error> set_key(scenario& to, std::string_view assignment) {
  scenario_draft draft(to);
  if (auto done = draft.assign(assignment); !done) return done;
  if (auto fine = draft.check(printable(assignment)); !fine) return fine;
  to = std::move(draft.value());
  return {};
}

std::string link_to_toml(const scenario& from) {
  std::string text = "[link]\n";
  for (const scenario_key& key : scenario_keys()) {
    const bool of_link =
        key.table == key_table::link || (key.table == key_table::direction && same_both_ways(key, from));
    if (of_link && key.print(from, {}) != key.print(scenario{}, {})) text += key_line(key, from, {});
  }
  return text + direction_lines(from, "a_to_b", directions::a_to_b) +
         direction_lines(from, "b_to_a", directions::b_to_a);
}

std::string to_toml(const scenario& from) {
  std::string text = "[scenario]\n";
  for (const scenario_key& key : scenario_keys())
    if (key.table == key_table::scenario) text += key_line(key, from, {});
  text += "\n[link]\n";
  for (const scenario_key& key : scenario_keys())
    if (key.table == key_table::link ||
        (key.table == key_table::direction && same_both_ways(key, from) && !goes_without_saying(key, from, {})))
      text += key_line(key, from, {});
  text += direction_lines(from, "a_to_b", directions::a_to_b);
  text += direction_lines(from, "b_to_a", directions::b_to_a);
  for (std::size_t i = 0; i < from.flows.size(); ++i) text += flow_lines(from, i);
  return text;
}

}  // namespace seqwire
