// seqwire analyze: what happened in captures, connection by connection.
#include "dissector/analysis/analyze.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "lab/command/command.hpp"
#include "lab/command/followed_capture.hpp"

namespace seqwire {
namespace {

struct analyze_options {
  std::vector<std::string> captures;
  bool follow = false;
  bool json = false;
};

int analyze(const analyze_options& options) {
  require_readable(options.captures);
  followed_capture source(options.captures, options.follow);
  const auto found = analyze_files(options.captures, {}, source.reading());
  if (const int signal = source.ended_by(); signal != 0) {
    std::fputs(fmt::format("seqwire: interrupted by signal {}; there is no analysis\n", signal).c_str(), stderr);
    return 128 + signal;
  }
  if (!found) throw usage_error(found.error());
  print_data(options.json ? json_text(to_json(*found)) : render_text(*found));
  return exit_holds;
}

}  // namespace

void add_analyze(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<analyze_options>();
  CLI::App* command = to.add_subcommand("analyze", "Tell what happened in captures, connection by connection");
  command->add_option("captures", options->captures, "pcapng or pcap files, compressed with gzip or not")
      ->required()
      ->type_name("FILE");
  command->add_flag("--follow", options->follow, follow_meaning);
  command->add_flag("--json", options->json, "Print the numbers as JSON");
  command->footer(
      "Judges nothing: that is verify's. Exit code 0: the captures were read.\n\n"
      "Examples:\n  seqwire analyze run.pcapng\n  seqwire analyze a.pcap b.pcap --json");
  command->callback([options, &chosen] { chosen = [options] { return analyze(*options); }; });
}

}  // namespace seqwire
