// seqwire wireshark: the Wireshark dissector of the headers that this program knows: printed, put where the user's
// Wireshark finds it, looked after, taken away.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "dissector/wireshark/lua_dissector.hpp"
#include "lab/command/command.hpp"
#include "lab/command/wireshark_doctor.hpp"
#include "lab/command/wireshark_installation.hpp"
#include "rawio/privilege.hpp"

namespace seqwire {
namespace {

struct wireshark_options {
  std::optional<std::string> folder;
  bool profile = false;
  bool extcap = false;
  bool plugin = false;
  bool force = false;
  bool json = false;
};

wireshark_folders folders_for(const wireshark_options& options) {
  if (options.folder) require_folder_or_nothing("--folder", *options.folder);
  wireshark_folders folders = find_wireshark_folders();
  if (options.folder) folders.lua_plugins = *options.folder;
  return folders;
}

installable_file required_plugin(const wireshark_folders& folders) {
  if (folders.plugins.empty())
    throw std::runtime_error("cannot tell where Wireshark loads plugins: there is no tshark to say it");
  if (auto own = plugin_in(folders.plugins)) return std::move(*own);
  throw std::runtime_error(fmt::format(
      "this program was not built with a plugin for Wireshark {}: install libwireshark-dev, build again, or "
      "leave --plugin out",
      printable(std::filesystem::path(folders.plugins).filename().string())));
}

// What install writes, the dissector first.
std::vector<installable_file> files_to_install(const wireshark_folders& folders, const wireshark_options& options) {
  std::vector<installable_file> files{dissector_in(folders.lua_plugins)};
  if (options.extcap) files.push_back(extcap_in(folders.extcap));
  if (options.plugin) files.push_back(required_plugin(folders));
  if (!options.profile) return files;
  for (const installable_file& each : profile_in(folders.configuration)) files.push_back(each);
  return files;
}

// Whatever install may have written.
std::vector<installable_file> files_to_remove(const wireshark_folders& folders) {
  std::vector<installable_file> files{dissector_in(folders.lua_plugins), extcap_in(folders.extcap)};
  if (!folders.plugins.empty()) files.push_back(any_plugin_in(folders.plugins));
  for (const installable_file& each : profile_in(folders.configuration)) files.push_back(each);
  return files;
}

// What became of each file, as lines and as JSON.
class file_report {
 public:
  void add(const char* what, const std::string& path) {
    lines_ += fmt::format("{}: {}\n", what, printable(path));
    files_.push_back({{"path", path}, {"what", what}});
  }
  void print(const char* command, bool json) const {
    const nlohmann::json object = {{"schema", fmt::format("seqwire.wireshark-{}/1", command)}, {"files", files_}};
    print_data(json ? json_text(object) : lines_.empty() ? "nothing is installed\n" : lines_);
  }

 private:
  std::string lines_;
  nlohmann::json files_ = nlohmann::json::array();
};

const char* deed_of(installed_state before) {
  switch (before) {
    case installed_state::absent: return "written";
    case installed_state::current: return "up to date";
    case installed_state::stale: return "brought up to date";
    case installed_state::changed:
    case installed_state::foreign: break;
  }
  return "replaced";
}

int install(const wireshark_options& options) {
  become_caller();
  const wireshark_folders folders = folders_for(options);
  const std::vector<installable_file> files = files_to_install(folders, options);
  // All before the first is written: a refusal leaves everything as it was.
  if (!options.force)
    for (const installable_file& file : files) file.require_replaceable();
  if (!folders.told_by_tshark)
    std::fputs("seqwire: tshark does not say where its folders are; these are where Wireshark looks by itself\n",
               stderr);
  if (options.extcap && !folders.finds_extcap)
    std::fputs(fmt::format("seqwire: before version 4.2 Wireshark finds its interfaces only when it is told: export "
                           "WIRESHARK_EXTCAP_DIR={}\n",
                           printable(folders.extcap))
                   .c_str(),
               stderr);
  file_report report;
  for (const installable_file& file : files) {
    const installed_state before = file.state();
    if (before != installed_state::current) file.write();
    report.add(deed_of(before), file.path());
  }
  report.print("install", options.json);
  return exit_holds;
}

int doctor(const wireshark_options& options) {
  become_caller();
  bool could_run = true, well = true;
  std::string lines;
  nlohmann::json findings = nlohmann::json::array();
  for (const doctor_finding& each : examine_wireshark(folders_for(options), could_run)) {
    well = well && each.well;
    lines += fmt::format("{:<5} {}: {}\n", each.well ? "well" : "wrong", each.subject, printable(each.found));
    if (!each.well) lines += fmt::format("      way out: {}\n", each.way_out);
    findings.push_back({{"subject", each.subject}, {"well", each.well}, {"found", each.found}});
    if (!each.well) findings.back()["way_out"] = each.way_out;
  }
  if (options.json)
    lines = json_text({{"schema", "seqwire.wireshark-doctor/1"}, {"well", well}, {"findings", findings}});
  print_data(lines);
  return !could_run ? exit_could_not_run : well ? exit_holds : exit_check_failed;
}

int uninstall(const wireshark_options& options) {
  become_caller();
  const wireshark_folders folders = folders_for(options);
  file_report report;
  bool removed = false, left = false;
  for (const installable_file& file : files_to_remove(folders)) {
    if (file.remove()) {
      removed = true;
      report.add("removed", file.path());
    } else if (file.state() != installed_state::absent) {
      left = true;
      report.add("left, because it is not as seqwire wrote it", file.path());
    }
  }
  std::error_code not_empty;  // what else is in the profile's folder is the user's
  if (removed) std::filesystem::remove(profile_folder(folders.configuration), not_empty);
  report.print("uninstall", options.json);
  return left ? exit_check_failed : exit_holds;
}

// A subcommand with the options that all three have.
CLI::App* add_one(CLI::App& to, command_body& chosen, const char* name, const char* meaning,
                  int (*body)(const wireshark_options&), const std::shared_ptr<wireshark_options>& options) {
  CLI::App* command = to.add_subcommand(name, meaning);
  command
      ->add_option("--folder", options->folder, "The Lua plugin folder (default: the personal one that tshark names)")
      ->type_name("DIR");
  command->add_flag("--json", options->json, "Print what was found or done as JSON");
  command->callback([options, body, &chosen] { chosen = [options, body] { return body(*options); }; });
  return command;
}

void add_install(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<wireshark_options>();
  CLI::App* command =
      add_one(to, chosen, "install", "Put the dissector where your Wireshark loads it", install, options);
  command->add_flag("--profile", options->profile, "Write a profile \"seqwire\", too: columns, colours, buttons");
  command->add_flag("--extcap", options->extcap, "Offer runs as interfaces, too, to be watched as they go");
  command->add_flag("--plugin", options->plugin,
                    "Put the plugin in C there, too: conversation tables, Follow, statistics, checksums");
  command->add_flag("--force", options->force, "Replace files that seqwire did not write, or that were changed since");
  command->footer(
      "Needs no privilege; under sudo it does everything as the user who called sudo.\n"
      "Examples:\n  seqwire wireshark install\n"
      "  seqwire wireshark install --profile && wireshark -C seqwire capture.pcapng");
}

void add_doctor(CLI::App& to, command_body& chosen) {
  CLI::App* command = add_one(to, chosen, "doctor", "Say whether tshark and the dissector work together", doctor,
                              std::make_shared<wireshark_options>());
  command->footer(
      "Exit codes: 0 all is well, 3 something is wrong, 1 there is no tshark to be run.\n"
      "Examples:\n  seqwire wireshark doctor\n  seqwire wireshark doctor --json");
}

void add_uninstall(CLI::App& to, command_body& chosen) {
  CLI::App* command =
      add_one(to, chosen, "uninstall", "Remove what install wrote", uninstall, std::make_shared<wireshark_options>());
  command->footer(
      "Exit codes: 0 nothing of seqwire is left, 3 a file stays because it was changed.\n"
      "Examples:\n  seqwire wireshark uninstall\n  seqwire wireshark uninstall --folder /opt/lua");
}

}  // namespace

void add_wireshark(CLI::App& to, command_body& chosen) {
  CLI::App* group = to.add_subcommand("wireshark", "The Wireshark dissector of this program's headers");
  group->require_subcommand(1);
  group->footer("Examples:\n  seqwire wireshark install --profile\n  seqwire wireshark doctor");
  CLI::App* generate = group->add_subcommand("generate", "Print the dissector as one Lua file");
  generate->footer(
      "Examples:\n  seqwire wireshark generate > seqwire.lua\n  seqwire wireshark generate | tshark -X "
      "lua_script:/dev/stdin -r capture.pcapng");
  generate->callback([&chosen] {
    chosen = [] {
      print_data(lua_dissector(catalogue()));
      return int{exit_holds};
    };
  });
  add_install(*group, chosen);
  add_doctor(*group, chosen);
  add_uninstall(*group, chosen);
}

}  // namespace seqwire
