// seqwire verify: what captures and journals prove.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "dissector/analysis/verify.hpp"
#include "lab/command/command.hpp"

namespace seqwire {
namespace {

struct verify_options {
  std::vector<std::string> captures;
  std::vector<std::string> journals;
  bool json = false;
};

int verify(const verify_options& options) {
  const auto judged = verify_files(options.captures, options.journals);
  if (!judged) throw usage_error(judged.error());
  print_data(options.json ? json_text(to_json(*judged)) : render_text(*judged));
  return judged->exit_code();
}

}  // namespace

void add_verify(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<verify_options>();
  CLI::App* command = to.add_subcommand("verify", "Judge captures: nothing lost, doubled, out of order or cut wrong");
  command->add_option("captures", options->captures, "pcapng or pcap files")->required();
  add_repeatable(*command, "--journal", options->journals, "An end's journal; give one for each end");
  command->add_flag("--json", options->json, "Print the verdict as JSON");
  command->footer(
      "Examples:\n  seqwire verify run.pcapng\n  seqwire verify run.pcapng --journal a.journal.ndjson --journal "
      "b.journal.ndjson");
  command->callback([options, &chosen] { chosen = [options] { return verify(*options); }; });
}

}  // namespace seqwire
