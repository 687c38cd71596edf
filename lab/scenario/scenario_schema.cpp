#include "lab/scenario/scenario_schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lab/scenario/scenario_keys.hpp"

namespace seqwire {
namespace {

using nlohmann::json;
using form = value_shape::form;

constexpr const char* span_pattern = R"(0+(\.0+)?|[0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))";
constexpr const char* rate_pattern = R"([0-9]+(\.[0-9]+)?[kMGT]?bit(/s)?)";
constexpr const char* size_pattern = "[0-9]+(B|kB|MB|GB|KiB|MiB|GiB)?";
constexpr const char* probability_pattern = R"([0-9]+(\.[0-9]+)?(%|[eE][-+]?[0-9]+)?)";
constexpr const char* number_pattern = R"([0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)";
constexpr const char* host_pattern = "[A-Za-z][A-Za-z0-9]{0,15}";

json text_like(const std::string& pattern) { return {{"type", "string"}, {"pattern", "^(" + pattern + ")$"}}; }
// Without a unit only nothing is meant.
json zero_or(const std::string& pattern) { return {{"anyOf", {json{{"const", 0}}, text_like(pattern)}}}; }

json whole(std::int64_t minimum, std::int64_t maximum) {
  return {{"type", "integer"}, {"minimum", minimum}, {"maximum", maximum}};
}

std::string or_auto(const value_shape& shape, const std::string& pattern) {
  return shape.or_auto ? "auto|" + pattern : pattern;
}

json list_of_texts() { return {{"type", "array"}, {"items", {{"type", "string"}}}}; }

json values_of(const scenario_key& key) {
  const value_shape& shape = key.shape;
  switch (shape.is) {
    case form::text: return {{"type", "string"}};
    case form::flag: return {{"type", "boolean"}};
    case form::choice: return {{"enum", shape.choices}};
    case form::span: return zero_or(or_auto(shape, span_pattern));
    case form::rate:
      if (shape.or_auto) return text_like(or_auto(shape, rate_pattern));
      return zero_or(std::string(rate_pattern) + R"(|unlimited|0+(\.0+)?)");
    case form::number: return {{"anyOf", {json{{"type", "number"}}, text_like(number_pattern)}}};
    case form::names: return {{"anyOf", {json{{"type", "string"}}, list_of_texts()}}};
    case form::size: return {{"anyOf", {json{{"type", "integer"}, {"minimum", 0}}, text_like(size_pattern)}}};
    case form::probability:
      return {{"anyOf", {json{{"type", "number"}, {"minimum", 0}, {"maximum", 1}}, text_like(probability_pattern)}}};
    case form::ordinals: return {{"type", "array"}, {"items", {{"type", "integer"}, {"minimum", 0}}}};
    case form::whole: break;
  }
  const json number = whole(shape.minimum, shape.maximum);
  if ((key.kinds & string_value) == 0) return number;
  return {{"anyOf", {number, text_like("[0-9]+")}}};
}

// A default as it would stand in a file, where that is another thing than its text.
json default_of(const scenario_key& key, const std::string& text) {
  json value = text;
  if (key.shape.is == form::flag || key.shape.is == form::whole || key.shape.is == form::ordinals)
    value = json::parse(text, nullptr, false);
  return value.is_discarded() ? json(text) : value;
}

json table_of(std::initializer_list<key_table> of) {
  scenario defaults;
  defaults.flows.push_back(default_flow());
  json properties = json::object();
  for (const scenario_key& key : scenario_keys()) {
    if (std::find(of.begin(), of.end(), key.table) == of.end()) continue;
    json& property = properties[std::string(key.name)] = values_of(key);
    property["description"] = fmt::format("{}; {}", key.meaning, key.expected);
    property["default"] = default_of(key, key.print(defaults, {}));
  }
  return {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

json sweep_table() {
  const json value = {{"type", {"string", "number", "boolean"}}};
  const json range = {{"type", "object"},
                      {"properties",
                       {{"from", {{"type", {"string", "number"}}}},
                        {"to", {{"type", {"string", "number"}}}},
                        {"step", {{"type", {"string", "number"}}}},
                        {"points", {{"type", "integer"}, {"minimum", 1}}},
                        {"scale", {{"enum", {"linear", "log"}}}}}},
                      {"required", {"from", "to"}},
                      {"additionalProperties", false}};
  const json names = list_of_texts();
  const json list = {{"type", "array"}, {"items", value}, {"minItems", 1}};
  const json seeds = {{"type", "integer"}, {"minimum", 1}, {"default", 10}, {"description", "runs of each point"}};
  return {{"type", "object"},
          {"description", "values that a study gives to keys; one run passes over them"},
          {"properties", {{"seeds", seeds}, {"measures", names}, {"zip", {{"type", "array"}, {"items", names}}}}},
          {"patternProperties", {{R"(^(scenario|topology|link|measure|expect|flow)\.)", {{"anyOf", {list, range}}}}}},
          {"additionalProperties", false}};
}

// Of any measure: which there are hangs on the scenario's links and flows. Their names have dots, and so a file may
// have tables within tables.
json expect_table() {
  const json values = {{"anyOf", {json{{"type", {"number", "string"}}}, json{{"$ref", "#/$defs/expectations"}}}}};
  return {{"type", "object"}, {"additionalProperties", values}};
}

// What is said of all links, and tables of links and their directions, whose names the topology decides.
json link_table() {
  json table = table_of({key_table::link, key_table::direction});
  const std::string host = host_pattern;
  table["patternProperties"] = {{"^" + host + "-" + host + "$", {{"$ref", "#/$defs/link"}}},
                                {"^" + host + "_to_" + host + "$", {{"$ref", "#/$defs/direction"}}}};
  return table;
}

}  // namespace

json scenario_schema() {
  json expect = {{"$ref", "#/$defs/expectations"}, {"description", "what measures must be, or the run has failed"}};
  return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
          {"title", "seqwire scenario"},
          {"type", "object"},
          {"properties",
           {{"extends", {{"type", "string"}, {"minLength", 1}, {"description", "a scenario to begin with"}}},
            {"scenario", table_of({key_table::scenario})},
            {"topology", table_of({key_table::topology})},
            {"link", link_table()},
            {"measure", table_of({key_table::measure})},
            {"expect", std::move(expect)},
            {"flow", {{"type", "array"}, {"maxItems", maximum_flows}, {"items", table_of({key_table::flow})}}},
            {"sweep", sweep_table()}}},
          {"additionalProperties", false},
          {"anyOf", {json{{"required", {"flow"}}}, json{{"required", {"extends"}}}}},
          {"$defs",
           {{"link", table_of({key_table::link, key_table::direction})},
            {"direction", table_of({key_table::direction})},
            {"expectations", expect_table()}}}};
}

std::string scenario_key_tables() {
  scenario defaults;
  defaults.flows.push_back(default_flow());
  std::string text;
  std::string_view heading;
  for (const scenario_key& key : scenario_keys()) {
    if (heading_of(key.table) != heading) {
      heading = heading_of(key.table);
      text += fmt::format("{}### `{}`\n\n| Key | Takes | Default | Meaning |\n|---|---|---|---|\n",
                          text.empty() ? "" : "\n", heading);
    }
    const std::string value = key.print(defaults, {});
    text +=
        fmt::format("| `{}` | {} | `{}` | {} |\n", key.name, key.expected, value.empty() ? "\"\"" : value, key.meaning);
  }
  return text;
}

}  // namespace seqwire
