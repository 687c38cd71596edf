// seqwire headers: the header chapter of the documentation, from the layouts; and the layouts as data.
#include <memory>
#include <nlohmann/json.hpp>

#include "lab/command/command.hpp"
#include "protocol/wire/print.hpp"

namespace seqwire {
namespace {

nlohmann::json to_json(const field_description& field) {
  nlohmann::json object = {{"name", std::string(field.name)},
                           {"bit_offset", field.bit_offset},
                           {"bits", field.bits},
                           {"role", std::string(name_of(field.meaning))},
                           {"documentation", std::string(field.documentation)}};
  for (const named_value& value : field.values)
    object["values"].push_back({{"value", value.value}, {"name", std::string(value.name)}});
  return object;
}

nlohmann::json to_json(std::span<const catalogue_entry> entries) {
  nlohmann::json headers = nlohmann::json::array();
  for (const catalogue_entry& entry : entries) {
    nlohmann::json header = {{"name", std::string(entry.layout->name)},
                             {"documentation", std::string(entry.layout->documentation)},
                             {"octets", entry.layout->octets},
                             {"fields", nlohmann::json::array()}};
    if (entry.packet_type >= 0) header["packet_type"] = entry.packet_type;
    for (const field_description& field : entry.layout->fields) header["fields"].push_back(to_json(field));
    headers.push_back(std::move(header));
  }
  return {{"schema", "seqwire.headers/1"}, {"headers", std::move(headers)}};
}

}  // namespace

void add_headers(CLI::App& to, command_body& chosen) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command = to.add_subcommand("headers", "Print every header with its bit diagram and fields (Markdown)");
  command->add_flag("--json", *json, "Print the layouts as JSON");
  command->footer("Examples:\n  seqwire headers\n  seqwire headers --json > headers.json");
  command->callback([json, &chosen] {
    chosen = [json] {
      print_data(*json ? json_text(to_json(catalogue())) : header_chapter(catalogue()));
      return int{exit_holds};
    };
  });
}

}  // namespace seqwire
