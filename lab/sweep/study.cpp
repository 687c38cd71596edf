#include "lab/sweep/study.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <set>

#include "lab/scenario/nearest.hpp"
#include "lab/scenario/scenario_keys.hpp"
#include "lab/scenario/scenario_text.hpp"
#include "lab/sweep/grid.hpp"
#include "protocol/base/keyed_hash.hpp"
#include "rawio/capture/journal.hpp"

namespace seqwire {
namespace {

struct placed_value {
  std::string text;
  std::string at;
};

// A key with its values.
struct axis {
  std::string key;
  std::string at;
  std::vector<placed_value> values;
};

using nothing = result<void, scenario_error>;

scenario_error refusal(std::string_view at, std::string_view what, std::string_view expected, std::string_view got) {
  return {error_line(at, what, expected, got)};
}

std::string shown(const value_tree& value) {
  if (value.is_list) return "a list";
  return value.kind == string_value ? in_quotes(value.text) : printable(value.text);
}

// The table [sweep] in the making of a study.
class sweep_reader {
 public:
  nothing read(const value_tree& sweep) {
    if (!sweep.is_table) return failure(refusal(sweep.at, "sweep is not a table", "[sweep]", shown(sweep)));
    for (const value_tree::member& each : sweep.members)
      if (auto done = read_member(each); !done) return done;
    return {};
  }

  /// Axes that vary together, in the order in which the first of each group stands.
  result<std::vector<std::vector<const axis*>>, scenario_error> groups() const;

  std::uint64_t seeds = study{}.seeds;
  std::vector<placed_value> measures;
  std::vector<axis> axes;

 private:
  nothing read_member(const value_tree::member& member) {
    if (member.name == "seeds") return read_seeds(member.value);
    if (member.name == "measures") return read_measures(member.value);
    if (member.name == "zip") {
      zip_ = &member.value;
      return {};
    }
    return read_axis(member.name, member);
  }

  nothing read_seeds(const value_tree& value) {
    const auto count = parse_count(value.text, 1, maximum_seeds);
    if (value.kind != integer_value || !count)
      return failure(refusal(value.at, "seeds has a bad value",
                             fmt::format("a whole number from 1 to {}", maximum_seeds), shown(value)));
    seeds = *count;
    return {};
  }

  nothing read_measures(const value_tree& value) {
    const bool texts = value.is_list && !value.items.empty() &&
                       std::all_of(value.items.begin(), value.items.end(),
                                   [](const value_tree& each) { return each.kind == string_value; });
    if (!texts)
      return failure(
          refusal(value.at, "measures has a bad value", "a list of names, such as [\"goodput\"]", shown(value)));
    for (const value_tree& each : value.items) measures.push_back({each.text, each.at});
    return {};
  }

  // A table that is not in braces is the beginning of a key: link.loss without quotes.
  nothing read_axis(const std::string& key, const value_tree::member& member) {
    const value_tree& value = member.value;
    if (value.is_table && !value.is_inline) {
      for (const value_tree::member& each : value.members)
        if (auto done = read_axis(key + '.' + each.name, each); !done) return done;
      return {};
    }
    const bool unknown = key.find('.') == std::string::npos;
    if (unknown) {
      const auto guess = nearest(key, {"seeds", "measures", "zip"});
      return failure(refusal(member.at, "unknown key in [sweep]",
                             guess ? *guess + ", the nearest known one"
                                   : "seeds, measures, zip or a key of the scenario such as \"link.loss\"",
                             in_quotes(key)));
    }
    if (key == "scenario.seed")
      return failure(refusal(member.at, "scenario.seed is not for [sweep]", "seeds = NUMBER, which counts from it",
                             in_quotes(key)));
    const auto same = [&](const axis& each) { return each.key == key; };
    if (std::any_of(axes.begin(), axes.end(), same))
      return failure(refusal(member.at, "a key is given twice", "each once", in_quotes(key)));
    axes.push_back({key, member.at, {}});
    return value.is_table ? read_range(value) : read_list(value);
  }

  nothing read_list(const value_tree& value) {
    if (!value.is_list || value.items.empty())
      return failure(refusal(value.at, axes.back().key + " has a bad value",
                             "a list of values, or { from = ..., to = ..., points = ... }",
                             value.is_list ? "an empty list" : shown(value)));
    std::set<std::string> seen;
    for (const value_tree& each : value.items) {
      if (each.kind == 0)
        return failure(refusal(each.at, axes.back().key + " has a bad value", "a value of the key", shown(each)));
      if (!seen.insert(each.text).second)
        return failure(refusal(each.at, axes.back().key + " has a value twice", "each once", shown(each)));
      axes.back().values.push_back({each.text, each.at});
    }
    return {};
  }

  nothing read_range(const value_tree& table) {
    value_range range;
    for (const value_tree::member& each : table.members) {
      const value_tree& value = each.value;
      const bool number = (value.kind & (integer_value | floating_value | string_value)) != 0;
      const auto points = parse_count(value.text, 0, maximum_points);
      if (each.name == "from" && number) range.from = value.text;
      else if (each.name == "to" && number) range.to = value.text;
      else if (each.name == "step" && number) range.step = value.text;
      else if (each.name == "points" && value.kind == integer_value && points) range.points = *points;
      else if (each.name == "scale" && (value.text == "linear" || value.text == "log"))
        range.logarithmic = value.text == "log";
      else
        return failure(refusal(each.at, "a range that cannot be read",
                               "{ from = ..., to = ..., step = ... } or { ..., points = NUMBER, scale = \"linear\" or "
                               "\"log\" }",
                               fmt::format("{} = {}", printable(each.name), shown(value))));
    }
    const auto texts = expand(range);
    if (!texts)
      return failure(refusal(table.at, axes.back().key + " has a bad range", texts.error().expected,
                             fmt::format("from {} to {}", in_quotes(range.from), in_quotes(range.to))));
    for (const std::string& each : *texts) axes.back().values.push_back({each, table.at});
    return {};
  }

  result<std::vector<std::size_t>, scenario_error> zipped(const value_tree& group) const;

  const value_tree* zip_ = nullptr;
};

// The axes that one list in zip names.
result<std::vector<std::size_t>, scenario_error> sweep_reader::zipped(const value_tree& group) const {
  const auto refuse = [](const value_tree& at, std::string_view expected) {
    return failure(refusal(at.at, "zip has a bad value", expected, shown(at)));
  };
  if (!group.is_list || group.items.size() < 2)
    return refuse(group, "lists of two or more keys, such as [[\"link.rate\", \"link.queue\"]]");
  std::vector<std::size_t> members;
  std::vector<std::string> known;
  for (const axis& each : axes) known.push_back(each.key);
  for (const value_tree& name : group.items) {
    const auto found = std::find(known.begin(), known.end(), name.text);
    const auto guess = nearest(name.text, known);
    if (name.kind != string_value || found == known.end())
      return refuse(name, guess ? *guess + ", the nearest known one" : std::string("a key that [sweep] gives values"));
    members.push_back(static_cast<std::size_t>(found - known.begin()));
    const std::size_t first = axes[members.front()].values.size();
    const std::size_t here = axes[members.back()].values.size();
    if (here != first)
      return failure(refusal(name.at, "keys in zip have different numbers of values",
                             fmt::format("{}, as {} has", first, axes[members.front()].key), fmt::format("{}", here)));
  }
  return members;
}

result<std::vector<std::vector<const axis*>>, scenario_error> sweep_reader::groups() const {
  std::vector<std::size_t> group_of(axes.size());
  for (std::size_t i = 0; i < axes.size(); ++i) group_of[i] = i;
  if (zip_ != nullptr && !zip_->is_list)
    return failure(refusal(zip_->at, "zip has a bad value", "lists of keys, such as [[\"link.rate\", \"link.queue\"]]",
                           shown(*zip_)));
  std::set<std::size_t> taken;
  for (std::size_t number = 0; zip_ != nullptr && number < zip_->items.size(); ++number) {
    const auto members = zipped(zip_->items[number]);
    if (!members) return failure(members.error());
    const std::size_t first = *std::min_element(members->begin(), members->end());
    for (const std::size_t each : *members) {
      if (!taken.insert(each).second)
        return failure(
            refusal(zip_->items[number].at, "zip names a key twice", "each once", in_quotes(axes[each].key)));
      group_of[each] = first;
    }
  }
  std::vector<std::vector<const axis*>> made;
  for (std::size_t first = 0; first < axes.size(); ++first) {
    std::vector<const axis*> group;
    for (std::size_t i = 0; i < axes.size(); ++i)
      if (group_of[i] == first) group.push_back(&axes[i]);
    if (!group.empty()) made.push_back(std::move(group));
  }
  return made;
}

// An error about an override is about the place in [sweep] that it comes from, or else about this combination.
scenario_error at_its_place(const std::string& message, const std::vector<axis>& axes,
                            const std::vector<const placed_value*>& chosen, const std::vector<std::string>& overrides,
                            std::size_t own) {
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::string prefix = printable(overrides[own + i]) + ": ";
    if (!message.starts_with(prefix)) continue;
    const std::string rest = message.substr(prefix.size());
    const bool about_key = rest.starts_with("unknown key") || rest.starts_with("no such") ||
                           rest.find(" is not a key") != std::string::npos;
    return {fmt::format("{}: {}", about_key ? axes[i].at : chosen[i]->at, rest)};
  }
  return {message};
}

// The combination of values, one index for each group, as values in the order of the axes.
std::vector<const placed_value*> chosen_values(const std::vector<axis>& axes,
                                               const std::vector<std::vector<const axis*>>& groups,
                                               const std::vector<std::size_t>& combination) {
  std::vector<const placed_value*> chosen(axes.size());
  for (std::size_t group = 0; group < groups.size(); ++group)
    for (const axis* const each : groups[group])
      chosen[static_cast<std::size_t>(each - axes.data())] = &each->values[combination[group]];
  return chosen;
}

nothing add_points(study& to, const sweep_reader& sweep, std::string_view text, const std::string& path,
                   const std::vector<std::string>& overrides) {
  const auto groups = sweep.groups();
  if (!groups) return failure(groups.error());
  std::vector<std::size_t> sizes;
  for (const auto& group : *groups) sizes.push_back(group.front()->values.size());
  const auto all = combinations(sizes);
  if (!all)
    return failure(refusal(printable(path), "too many points", fmt::format("at most {}", maximum_points), "more"));
  for (const auto& combination : *all) {
    const auto chosen = chosen_values(sweep.axes, *groups, combination);
    std::vector<std::string> assignments = overrides;
    study_point point;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      assignments.push_back(sweep.axes[i].key + '=' + chosen[i]->text);
      point.values.push_back(chosen[i]->text);
    }
    auto runs = parse_scenario(text, path, assignments);
    if (!runs) return failure(at_its_place(runs.error().message, sweep.axes, chosen, assignments, overrides.size()));
    point.runs = *std::move(runs);
    to.points.push_back(std::move(point));
  }
  return {};
}

nothing add_measures(study& to, std::vector<placed_value> names) {
  if (names.empty())
    for (const std::string& each : default_measures()) names.push_back({each, {}});
  std::set<std::string> seen;
  for (const placed_value& name : names) {
    auto found = find_measure(name.text, to.points.front().runs);
    for (std::size_t i = 1; found && i < to.points.size(); ++i) found = find_measure(name.text, to.points[i].runs);
    if (!found) return failure(refusal(name.at, "unknown measure", found.error(), in_quotes(name.text)));
    if (!seen.insert(name.text).second)
      return failure(refusal(name.at, "a measure is given twice", "each once", in_quotes(name.text)));
    to.measures.push_back(*std::move(found));
  }
  return {};
}

// Lengths stand before texts, so that no two studies make the same octets.
std::string digest_of(const study& of) {
  std::string all;
  const auto add = [&](std::string_view text) { all += fmt::format("{}:{}\n", text.size(), text); };
  for (const std::string& key : of.keys) add(key);
  for (const chosen_measure& each : of.measures) add(each.name);
  for (const study_point& point : of.points) {
    for (const std::string& value : point.values) add(value);
    add(sha256_hexadecimal(view_of(to_toml(point.runs))));
  }
  return sha256_hexadecimal(view_of(all));
}

std::string canonical_text(const std::vector<std::string>& keys, const std::vector<std::string>& values,
                           std::string_view between) {
  std::string text;
  for (std::size_t i = 0; i < keys.size(); ++i)
    text += fmt::format("{}{}={}", text.empty() ? "" : between, keys[i], values[i]);
  return text;
}

}  // namespace

result<study, scenario_error> read_study(const std::string& path, const std::vector<std::string>& overrides) {
  const auto text = read_text(path);
  if (!text) return failure(scenario_error{text.error().message});
  const auto entries = read_entries(*text, path);
  if (!entries) return failure(scenario_error{entries.error().message});
  if (!entries->sweep) return failure(refusal(printable(path), "the scenario has nothing to sweep", "[sweep]", "none"));
  sweep_reader sweep;
  if (auto done = sweep.read(*entries->sweep); !done) return failure(done.error());
  study made;
  made.seeds = sweep.seeds;
  for (const axis& each : sweep.axes) made.keys.push_back(each.key);
  if (auto done = add_points(made, sweep, *text, path, overrides); !done) return failure(done.error());
  if (auto done = add_measures(made, std::move(sweep.measures)); !done) return failure(done.error());
  const scenario& first = made.points.front().runs;
  if (first.seed > std::numeric_limits<std::uint64_t>::max() - maximum_seeds)
    return failure(refusal(printable(path), "no room for the seeds behind scenario.seed",
                           fmt::format("at most 2^64 - {}", maximum_seeds + 1), fmt::format("{}", first.seed)));
  made.name = first.name == scenario{}.name ? std::filesystem::path(path).stem().string() : first.name;
  made.digest = digest_of(made);
  return made;
}

std::string describe_point(const std::vector<std::string>& keys, const std::vector<std::string>& values) {
  return keys.empty() ? "the scenario as it is" : canonical_text(keys, values, ", ");
}

std::uint64_t shard_of(const std::vector<std::string>& keys, const std::vector<std::string>& values,
                       std::uint64_t shards) {
  const std::string text = canonical_text(keys, values, "\n");
  return keyed_hash({}, view_of(text)) % shards;
}

}  // namespace seqwire
