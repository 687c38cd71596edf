// seqwire verify: what captures and journals prove.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "dissector/analysis/annotated_copy.hpp"
#include "dissector/analysis/verify.hpp"
#include "lab/command/command.hpp"
#include "lab/command/followed_capture.hpp"

namespace seqwire {
namespace {

namespace fs = std::filesystem;

struct verify_options {
  std::vector<std::string> captures;
  std::vector<std::string> journals;
  std::string annotate;
  bool follow = false;
  bool salvage = false;
  bool json = false;
};

// Where each capture's annotated copy goes, all before anything is read.
std::vector<std::string> paths_of_copies(const verify_options& options) {
  std::vector<std::string> paths;
  if (options.annotate.empty()) return paths;
  require_folder_or_nothing("--annotate", options.annotate);
  for (const std::string& capture : options.captures) {
    const fs::path copy = fs::path(options.annotate) / fs::path(capture).filename().replace_extension(".pcapng");
    std::error_code none;
    for (const std::string& other : options.captures)
      if (fs::equivalent(copy, other, none))
        throw usage_error(fmt::format("--annotate: expected another folder than that of {}; got {}", printable(other),
                                      printable(options.annotate)));
    if (std::find(paths.begin(), paths.end(), copy.string()) != paths.end())
      throw usage_error(
          fmt::format("--annotate: expected captures of different names; got two for {}", printable(copy.string())));
    paths.push_back(copy.string());
  }
  return paths;
}

void write_copies(const verdict& judged, const std::vector<std::string>& captures,
                  const std::vector<std::string>& paths, damage_handling damaged) {
  for (std::size_t i = 0; i < paths.size(); ++i) {
    fs::create_directories(fs::path(paths[i]).parent_path());
    const auto written = write_annotated_copy(judged, i, captures[i], paths[i], damaged);
    if (!written) throw std::runtime_error(written.error());
    std::fputs(fmt::format("seqwire: {}: {} with comments\n", printable(paths[i]), counted(*written, "frame")).c_str(),
               stderr);
  }
}

int verify(const verify_options& options) {
  require_readable(options.captures);
  require_readable(options.journals);
  const auto copies = paths_of_copies(options);
  const damage_handling damaged = options.salvage ? damage_handling::leave_out : damage_handling::refuse;
  if (options.follow && !options.journals.empty())
    throw usage_error("--follow: expected no --journal, which are read before the capture; got some");
  followed_capture source(options.captures, options.follow);
  const auto judged = verify_files(options.captures, options.journals, source.reading(damaged));
  if (const int signal = source.ended_by(); signal != 0) {
    std::fputs(fmt::format("seqwire: interrupted by signal {}; there is no verdict\n", signal).c_str(), stderr);
    return 128 + signal;
  }
  if (!judged) throw usage_error(judged.error());
  write_copies(*judged, options.captures, copies, damaged);
  print_data(options.json ? json_text(to_json(*judged)) : render_text(*judged));
  return judged->exit_code();
}

}  // namespace

void add_verify(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<verify_options>();
  CLI::App* command = to.add_subcommand("verify", "Judge captures: nothing lost, doubled, out of order or cut wrong");
  command->add_option("captures", options->captures, "pcapng or pcap files, compressed with gzip or not")
      ->required()
      ->type_name("FILE");
  add_repeatable(*command, "--journal", options->journals, "An end's journal; give one for each end")
      ->type_name("FILE");
  command
      ->add_option("--annotate", options->annotate,
                   "Copy the captures there, with what was found as comments of packets")
      ->type_name("DIR");
  command->add_flag("--follow", options->follow, follow_meaning);
  command->add_flag("--salvage", options->salvage, "Leave out what is damaged in a capture, and judge the rest");
  command->add_flag("--json", options->json, "Print the verdict as JSON");
  command->footer(
      "Examples:\n  seqwire verify run.pcapng\n  seqwire verify run.pcapng --journal a.journal.ndjson --journal "
      "b.journal.ndjson\n  seqwire verify run.pcapng --annotate judged");
  command->callback([options, &chosen] { chosen = [options] { return verify(*options); }; });
}

}  // namespace seqwire
