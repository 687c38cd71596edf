// Reading scenarios: which key an entry names, what keys together must obey, files that extend each other. See
// scenario.hpp.
#include "lab/scenario/scenario.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <optional>

#include "lab/scenario/nearest.hpp"
#include "lab/scenario/scenario_check.hpp"
#include "lab/scenario/scenario_keys.hpp"
#include "lab/scenario/scenario_text.hpp"

namespace seqwire {
namespace {

using directions = key_place::directions;
// Of an entry whose value stands in an assignment, without quotes or brackets that would tell.
constexpr unsigned kind_of_its_key = ~0u;
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

std::string dotted(const key_path& path) { return fmt::format("{}", fmt::join(path, ".")); }

bool stands_in(const scenario_key& key, key_table table) {
  return key.table == table || (key.table == key_table::direction && table == key_table::link);
}

complaint unknown(std::string_view where, const std::string& name, const std::vector<std::string>& known) {
  const auto guess = nearest(name, known);
  return {fmt::format("unknown key in {}", where),
          guess ? fmt::format("{}, the nearest known one", *guess) : fmt::format("one of {}", fmt::join(known, ", ")),
          in_quotes(name)};
}

// `links`: the names of tables within this one.
result<found_key, complaint> find_in(key_table table, std::string_view heading, const key_path& path, std::size_t at,
                                     const key_place& place, std::span<const std::string> links = {}) {
  std::vector<std::string> known;
  for (const scenario_key& key : scenario_keys()) {
    if (!stands_in(key, table)) continue;
    if (key.name == path[at] && path.size() == at + 1) return found_key{&key, place};
    known.emplace_back(key.name);
  }
  if (table == key_table::link && !place.link)
    for (const std::string& each : links) known.push_back(each);
  if (path.size() == at + 1) return failure(unknown(heading, path[at], known));
  return failure(unknown(heading, dotted({path.begin() + static_cast<std::ptrdiff_t>(at), path.end()}), known));
}

// Of a key without its table the table is what is missing.
complaint unknown_at_top(const key_path& path) {
  for (const scenario_key& key : scenario_keys()) {
    if (path.size() != 1 || key.name != path[0]) continue;
    const std::string_view table = key.table == key_table::scenario   ? "scenario"
                                   : key.table == key_table::topology ? "topology"
                                   : key.table == key_table::measure  ? "measure"
                                   : key.table == key_table::flow     ? "flow.0"
                                                                      : "link";
    return {"unknown key in the scenario", fmt::format("{}.{}", table, key.name), in_quotes(path[0])};
  }
  return unknown("the scenario", path[0],
                 {"scenario", "topology", "link", "measure", "expect", "flow", "extends", "sweep"});
}

// "r1-r2" is a link in both directions, "r1_to_r2" one of them, whichever of the two the link names first.
std::optional<key_place> link_place(std::string_view name, const std::vector<link_settings>& links) {
  const bool one_way = name.find("_to_") != std::string_view::npos;
  const std::string_view between = one_way ? "_to_" : "-";
  const std::size_t middle = name.find(between);
  if (middle == std::string_view::npos) return std::nullopt;
  const std::string_view first = name.substr(0, middle);
  const std::string_view second = name.substr(middle + between.size());
  for (std::size_t link = 0; link < links.size(); ++link) {
    const joined_hosts& ends = links[link].ends;
    const bool forward = ends.a == first && ends.b == second;
    if (!forward && !(ends.a == second && ends.b == first)) continue;
    const auto which = !one_way ? directions::both : forward ? directions::a_to_b : directions::b_to_a;
    return key_place{which, 0, link};
  }
  return std::nullopt;
}

// The tables that [link] may have, for messages.
std::vector<std::string> link_tables(const std::vector<link_settings>& links) {
  std::vector<std::string> names;
  for (const link_settings& each : links) {
    const auto& [a, b] = each.ends;
    names.insert(names.end(), {a + "_to_" + b, b + "_to_" + a, a + "-" + b});
    if (names.size() >= 60) break;  // of more nobody reads
  }
  return names;
}

result<found_key, complaint> find_link_key(const key_path& path, const scenario& of) {
  const auto place = link_place(path[1], of.links);
  if (!place) {
    const bool as_table = path.size() > 2 && scenario_entries::is_table_of_link(path[1]);
    const key_path asked(path.begin(), path.begin() + (as_table ? 2 : static_cast<std::ptrdiff_t>(path.size())));
    return find_in(key_table::link, "[link]", asked, 1, {}, link_tables(of.links));
  }
  const std::string heading = fmt::format("[link.{}]", path[1]);
  if (path.size() == 2)
    return failure(
        complaint{fmt::format("link.{} is not a key but a table of keys", path[1]), heading, "a value for it"});
  const bool one_way = place->of_link != directions::both;
  return find_in(one_way ? key_table::direction : key_table::link, heading, path, 2, *place);
}

result<found_key, complaint> find_flow_key(const key_path& path, const scenario& of) {
  const std::size_t flows = of.flows.size();
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

// The key that a path names in a scenario of these links and flows.
result<found_key, complaint> find_key(const key_path& path, const scenario& of) {
  const std::string& table = path[0];
  const bool known = table == "scenario" || table == "topology" || table == "link" || table == "measure" ||
                     table == "expect" || table == "flow";
  if (!known) return failure(unknown_at_top(path));
  if (path.size() == 1)
    return failure(complaint{fmt::format("{} is not a key but a table of keys", table),
                             table == "flow" ? "[[flow]]" : fmt::format("[{}]", table), "a value for it"});
  if (table == "scenario") return find_in(key_table::scenario, "[scenario]", path, 1, {});
  if (table == "topology") return find_in(key_table::topology, "[topology]", path, 1, {});
  if (table == "measure") return find_in(key_table::measure, "[measure]", path, 1, {});
  return table == "link" ? find_link_key(path, of) : find_flow_key(path, of);
}

result<scenario_entry, scenario_error> entry_of(std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  scenario_entry entry;
  entry.key_at = entry.value_at = printable(assignment);
  if (equals == std::string_view::npos)
    return failure(
        located(entry.key_at, {"no value is given", "KEY=VALUE such as link.loss=2%", in_quotes(assignment)}));
  std::string_view keys = assignment.substr(0, equals);
  for (std::size_t dot = keys.find('.'); dot != std::string_view::npos; dot = keys.find('.')) {
    entry.path.emplace_back(keys.substr(0, dot));
    keys.remove_prefix(dot + 1);
  }
  entry.path.emplace_back(keys);
  entry.text = assignment.substr(equals + 1);
  entry.kind = kind_of_its_key;
  return entry;
}

// A scenario in the making, with the origin of every value that was given, for what can only be judged at the end.
class scenario_draft {
 public:
  /// `otherwise`: the place of what is at fault and was not given, but is a default.
  scenario_draft(scenario from, std::string otherwise) : scenario_(std::move(from)), origins_(std::move(otherwise)) {}

  scenario& value() { return scenario_; }

  result<void, scenario_error> set(const scenario_entry& entry) {
    if (entry.path[0] == "expect" && entry.path.size() > 1) return expect(entry);
    const auto found = find_key(entry.path, scenario_);
    if (!found) return failure(located(entry.key_at, found.error()));
    const scenario_key& key = *found->key;
    // An assignment's value as a string if the key takes one: then a message quotes it.
    const bool takes_string = (key.kinds & string_value) != 0;
    const unsigned kind = entry.kind != kind_of_its_key ? entry.kind
                          : takes_string                ? unsigned{string_value}
                                                        : key.kinds;
    const std::string got = kind == string_value ? in_quotes(entry.text) : printable(entry.text);
    if ((kind & key.kinds) == 0) {
      const complaint wrong{dotted(entry.path) + " has a value of the wrong type", key.expected, got};
      return failure(located(entry.value_at, wrong));
    }
    if (auto done = key.set(scenario_, found->place, entry.text); !done) {
      const complaint bad{dotted(entry.path) + " has a bad value", done.error().expected, got};
      return failure(located(entry.value_at, bad));
    }
    origins_.note(dotted(entry.path), entry.value_at);
    return {};
  }

  /// Any measure may be expected to be something; which there are is known once all flows are.
  result<void, scenario_error> expect(const scenario_entry& entry) {
    if ((entry.kind & (string_value | integer_value | floating_value)) == 0)
      return failure(located(entry.value_at, {dotted(entry.path) + " has a value of the wrong type",
                                              "a number, or a text such as \"> 100\"", printable(entry.text)}));
    const std::string name = dotted({entry.path.begin() + 1, entry.path.end()});
    std::erase_if(scenario_.expectations, [&](const expected_value& each) { return each.measure == name; });
    scenario_.expectations.push_back({name, entry.text});
    origins_.note("expect." + name, entry.value_at);
    return {};
  }

  /// Makes the topology's links, each as by default. Before any key of a link is set.
  result<void, scenario_error> join_hosts() {
    const topology_settings& wanted = scenario_.topology;
    const auto refuse = [&](const std::string& key, const complaint& about) {
      return failure(located(origins_.of({"topology." + key, "topology.shape"}), about));
    };
    if (!wanted.links.empty() && origins_.find("topology.shape") != nullptr)
      return refuse("links", {"topology.links and topology.shape exclude each other", "one of them", "both"});
    const auto links = links_of(wanted);
    if (!links && !wanted.links.empty())
      return refuse("links", {"topology.links has a bad value", links.error(), in_quotes(wanted.links)});
    if (!links)
      return refuse("size", {"topology.size does not fit the shape", links.error(), fmt::format("{}", wanted.size)});
    scenario_.links.assign(links->size(), link_settings{});
    for (std::size_t i = 0; i < links->size(); ++i) scenario_.links[i].ends = (*links)[i];
    return {};
  }

  /// Flows that do not say where they go get the topology's usual ends. After every key was set.
  void direct_flows() {
    const usual_ends usual = usual_ends_of(scenario_.topology);
    for (flow_settings& flow : scenario_.flows) {
      if (flow.from.empty()) flow.from = flow.to == usual.from ? usual.to : usual.from;
      if (flow.to.empty()) flow.to = flow.from == usual.to ? usual.from : usual.to;
    }
  }

  /// What keys together must obey.
  std::vector<scenario_error> check() const { return faults_of(scenario_, origins_); }
  /// Where each value that was given stands.
  value_origins take_origins() { return std::move(origins_); }

 private:
  scenario scenario_;
  value_origins origins_;
};

// How narrowly an entry speaks of links: of all, of one, of a direction.
int narrowness(const scenario_entry& entry) {
  if (entry.path[0] != "link" || entry.path.size() < 3) return 0;
  return entry.path[1].find("_to_") == std::string::npos ? 1 : 2;
}

bool of_topology(const scenario_entry& entry) { return entry.path[0] == "topology"; }

using problem_list = std::vector<scenario_error>;

// What [link] says of all links comes before what its sub-tables say of one, and that before what they say of one
// direction, wherever they stand in the file.
void apply_entries(scenario_draft& to, const std::vector<scenario_entry>& entries, problem_list& problems) {
  for (const int wanted : {0, 1, 2})
    for (const scenario_entry& entry : entries)
      if (!of_topology(entry) && narrowness(entry) == wanted)
        if (auto done = to.set(entry); !done) problems.push_back(done.error());
}

void apply_topology(scenario_draft& to, const std::vector<scenario_entry>& entries, problem_list& problems) {
  for (const scenario_entry& entry : entries)
    if (of_topology(entry))
      if (auto done = to.set(entry); !done) problems.push_back(done.error());
}

std::vector<scenario_entry> entries_of(const std::vector<std::string>& overrides, problem_list& problems) {
  std::vector<scenario_entry> entries;
  for (const std::string& assignment : overrides) {
    auto entry = entry_of(assignment);
    if (entry) entries.push_back(std::move(*entry));
    else problems.push_back(entry.error());
  }
  return entries;
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
    if (!base_text) return failure(scenario_error{fmt::format("{}: {}", base->at, base_text.error().message)});
    if (auto done = read_layers(layers, *base_text, path, depth + 1); !done) return done;
    if (file->flows == 0) file->flows = layers.back().flows;
    else  // flows of its own are all that it has
      for (scenario_entries& layer : layers)
        std::erase_if(layer.entries, [](const scenario_entry& entry) { return entry.path[0] == "flow"; });
  }
  layers.push_back(std::move(*file));
  return {};
}

scenario_reading examine(std::string_view text, const std::string& name, const std::vector<std::string>& overrides) {
  scenario_reading reading;
  problem_list& problems = reading.problems;
  std::vector<scenario_entries> layers;
  if (auto done = read_layers(layers, text, name, 0); !done) {
    problems.push_back(done.error());
    return reading;
  }
  reading.has_sweep = layers.back().sweep.has_value();
  scenario empty;
  empty.flows.assign(layers.back().flows, default_flow());
  scenario_draft draft(std::move(empty), printable(name));
  const std::vector<scenario_entry> assigned = entries_of(overrides, problems);
  // Which links there are decides which keys there are.
  for (const scenario_entries& layer : layers) apply_topology(draft, layer.entries, problems);
  apply_topology(draft, assigned, problems);
  if (auto done = draft.join_hosts(); !done) problems.push_back(done.error());
  if (!problems.empty()) return reading;
  for (const scenario_entries& layer : layers) apply_entries(draft, layer.entries, problems);
  if (layers.back().flows == 0)
    problems.push_back(located(printable(name), {"the scenario has no flow", "at least one [[flow]]", "none"}));
  for (const scenario_entry& each : assigned)
    if (!of_topology(each))
      if (auto done = draft.set(each); !done) problems.push_back(done.error());
  draft.direct_flows();
  // Keys together only where each by itself is right: else one mistake is told twice.
  if (problems.empty()) problems = draft.check();
  if (problems.empty()) reading.value = std::move(draft.value());
  reading.origins = draft.take_origins();
  return reading;
}

// As for who only wants the scenario, and one reason why there is none.
result<scenario, scenario_error> value_of(scenario_reading reading) {
  if (!reading.value) return failure(std::move(reading.problems.front()));
  return *std::move(reading.value);
}

}  // namespace

result<scenario, scenario_error> parse_scenario(std::string_view text, const std::string& name,
                                                const std::vector<std::string>& overrides) {
  return value_of(examine(text, name, overrides));
}

result<scenario, scenario_error> read_scenario(const std::string& path, const std::vector<std::string>& overrides) {
  return value_of(examine_scenario(path, overrides));
}

scenario_reading examine_scenario(const std::string& path, const std::vector<std::string>& overrides) {
  const auto text = read_text(path);
  if (text) return examine(*text, path, overrides);
  scenario_reading unreadable;
  unreadable.problems.push_back({text.error().message});
  return unreadable;
}

result<void, scenario_error> set_key(scenario& to, std::string_view assignment) {
  scenario_draft draft(to, printable(assignment));
  const auto entry = entry_of(assignment);
  if (!entry) return failure(entry.error());
  if (of_topology(*entry))
    return failure(located(entry->key_at, {"the topology cannot be changed here",
                                           "keys of links, flows or the scenario", dotted(entry->path)}));
  if (auto done = draft.set(*entry); !done) return done;
  if (const auto problems = draft.check(); !problems.empty()) return failure(problems.front());
  to = std::move(draft.value());
  return {};
}

}  // namespace seqwire
