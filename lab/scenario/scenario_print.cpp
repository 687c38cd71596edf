// to_toml() and link_to_toml(): a scenario as text that reads back to the same one. See scenario.hpp.
#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "lab/scenario/scenario.hpp"
#include "lab/scenario/scenario_keys.hpp"

namespace seqwire {
namespace {

using directions = key_place::directions;

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

// The values of links as a file says them: what all have in common, then what each has for itself.
class link_printer {
 public:
  explicit link_printer(const scenario& from) : from_(from) {}

  /// `all`: also keys that are as by default.
  std::string print(bool all) const {
    std::string text = "[link]\n";
    for (const scenario_key& key : scenario_keys())
      if (of_link(key) && in_common(key) && !(all ? goes_without_saying(key) : is_default(key, usual_)))
        text += key_line(key, from_, usual_);
    for (std::size_t link = 0; link < from_.links.size(); ++link) text += tables_of(link);
    return text;
  }

 private:
  static bool of_link(const scenario_key& key) {
    return key.table == key_table::link || key.table == key_table::direction;
  }
  bool is_default(const scenario_key& key, const key_place& place) const {
    return key.print(from_, place) == key.print(defaults_, {});
  }
  bool goes_without_saying(const scenario_key& key) const { return key.only_if_said && is_default(key, usual_); }
  // The last link's value in both directions is said of all links, because shapes begin with their bottleneck.
  bool in_common(const scenario_key& key) const { return same_both_ways(key, *usual_.link); }
  bool same_both_ways(const scenario_key& key, std::size_t link) const {
    return key.table == key_table::link ||
           key.print(from_, {directions::a_to_b, 0, link}) == key.print(from_, {directions::b_to_a, 0, link});
  }
  // Whether [link] has said it already, or it is as by default.
  bool is_said(const scenario_key& key, const key_place& place) const {
    if (in_common(key)) return key.print(from_, place) == key.print(from_, usual_);
    return key.only_if_said && is_default(key, place);
  }

  std::string tables_of(std::size_t link) const {
    const auto& [a, b] = from_.links[link].ends;
    return table(fmt::format("{}-{}", a, b), {directions::both, 0, link}) +
           table(fmt::format("{}_to_{}", a, b), {directions::a_to_b, 0, link}) +
           table(fmt::format("{}_to_{}", b, a), {directions::b_to_a, 0, link});
  }

  std::string table(const std::string& name, const key_place& place) const {
    std::string lines;
    for (const scenario_key& key : scenario_keys())
      if (of_link(key) && (place.of_link == directions::both) == same_both_ways(key, *place.link) &&
          !is_said(key, place))
        lines += key_line(key, from_, place);
    return lines.empty() ? lines : fmt::format("\n[link.{}]\n{}", name, lines);
  }

  const scenario& from_;
  const scenario defaults_{};
  const key_place usual_{directions::both, 0, from_.links.size() - 1};
};

// Of a pair nothing: it is what a scenario has that says nothing.
std::string topology_lines(const scenario& from) {
  if (from.topology == topology_settings{}) return {};
  std::string lines = "\n[topology]\n";
  for (const scenario_key& key : scenario_keys()) {
    const bool of_shape = key.name == "shape" || key.name == "size";
    if (key.table == key_table::topology && (from.topology.links.empty() ? key.name != "links" : !of_shape))
      lines += key_line(key, from, {});
  }
  return lines;
}

// Nothing where nothing is asked for.
std::string measure_lines(const scenario& from) {
  std::string lines;
  if (from.measure != measure_settings{}) {
    lines += "\n[measure]\n";
    for (const scenario_key& key : scenario_keys())
      if (key.table == key_table::measure) lines += key_line(key, from, {});
  }
  if (!from.expectations.empty()) lines += "\n[expect]\n";
  for (const expected_value& each : from.expectations)
    lines += fmt::format("{} = {}\n", nlohmann::json(each.measure).dump(), nlohmann::json(each.value).dump());
  return lines;
}

bool goes_without_saying(const scenario_key& key, const scenario& of, const key_place& place) {
  if (!key.only_if_said) return false;
  scenario plain;
  plain.flows.assign(place.flow + 1, default_flow());
  return key.print(of, place) == key.print(plain, place);
}

std::string flow_lines(const scenario& from, std::size_t number) {
  const bool of_files = !from.flows[number].files.empty();
  const bool of_trace = from.flows[number].workload.kind == workload_kind::trace;
  std::string lines = "\n[[flow]]\n";
  for (const scenario_key& key : scenario_keys()) {
    if (key.table != key_table::flow) continue;
    const bool made_up = key.name == "records" || key.name == "record_size";
    if ((of_files || of_trace) && made_up) continue;
    if (!of_files && key.name == "files") continue;
    if (key.name == "leave_out" && from.flows[number].leave_out.empty()) continue;
    if (goes_without_saying(key, from, {directions::both, number})) continue;
    lines += key_line(key, from, {directions::both, number});
  }
  return lines;
}

}  // namespace

std::string link_to_toml(const scenario& from) { return link_printer(from).print(false); }

std::string to_toml(const scenario& from) {
  std::string text = "[scenario]\n";
  for (const scenario_key& key : scenario_keys())
    if (key.table == key_table::scenario && !goes_without_saying(key, from, {})) text += key_line(key, from, {});
  text += topology_lines(from) + '\n' + link_printer(from).print(true) + measure_lines(from);
  for (std::size_t i = 0; i < from.flows.size(); ++i) text += flow_lines(from, i);
  return text;
}

}  // namespace seqwire
