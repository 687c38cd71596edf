// seqwire headers and seqwire options: chapters of the documentation, from the layouts and from the table of socket
// options; and both as data.
#include <memory>
#include <nlohmann/json.hpp>

#include "lab/command/command.hpp"
#include "protocol/socket/options.hpp"
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
    if (entry.behind != nullptr) header["behind"] = std::string(entry.behind->name);
    if (entry.selector) header["selector"] = *entry.selector;
    if (entry.repeated) header["repeated"] = true;
    for (const field_description& field : entry.layout->fields) header["fields"].push_back(to_json(field));
    headers.push_back(std::move(header));
  }
  return {{"schema", "seqwire.headers/1"}, {"headers", std::move(headers)}};
}

nlohmann::json to_json(std::span<const option_description> table) {
  nlohmann::json options = nlohmann::json::array();
  for (const option_description& row : table)
    options.push_back({{"name", std::string(row.name)},
                       {"historic_name", std::string(row.historic_name)},
                       {"level", static_cast<std::int32_t>(row.level)},
                       {"number", row.number},
                       {"least", row.least},
                       {"most", row.most},
                       {"initially", std::string(row.initially)},
                       {"sockets", std::string(row.sockets)},
                       {"settable", row.settable},
                       {"documentation", std::string(row.documentation)}});
  return {{"schema", "seqwire.options/1"}, {"options", std::move(options)}};
}

}  // namespace

void add_options(CLI::App& to, command_body& chosen) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command = to.add_subcommand("options", "Print every socket option with its range and source (Markdown)");
  command->add_flag("--json", *json, "Print the table as JSON");
  command->footer("Examples:\n  seqwire options\n  seqwire options --json > options.json");
  command->callback([json, &chosen] {
    chosen = [json] {
      print_data(*json ? json_text(to_json(option_table())) : option_chapter());
      return int{exit_holds};
    };
  });
}

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
