// seqwire verify: what captures and journals prove.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "dissector/analysis/verify.hpp"
#include "lab/command/command.hpp"
#include "rawio/interrupt_flag.hpp"

namespace seqwire {
namespace {

struct verify_options {
  std::vector<std::string> captures;
  std::vector<std::string> journals;
  bool json = false;
};

int verify(const verify_options& options) {
  require_readable(options.captures);
  require_readable(options.journals);
  const interrupt_flag asked;
  const auto judged = verify_files(options.captures, options.journals, [&] { return asked.signal() != 0; });
  if (asked.signal() != 0) {
    std::fputs(fmt::format("seqwire: interrupted by signal {}; there is no verdict\n", asked.signal()).c_str(), stderr);
    return 128 + asked.signal();
  }
  if (!judged) throw usage_error(judged.error());
  print_data(options.json ? json_text(to_json(*judged)) : render_text(*judged));
  return judged->exit_code();
}

}  // namespace

void add_verify(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<verify_options>();
  CLI::App* command = to.add_subcommand("verify", "Judge captures: nothing lost, doubled, out of order or cut wrong");
  command->add_option("captures", options->captures, "pcapng or pcap files")->required()->type_name("FILE");
  add_repeatable(*command, "--journal", options->journals, "An end's journal; give one for each end")
      ->type_name("FILE");
  command->add_flag("--json", options->json, "Print the verdict as JSON");
  command->footer(
      "Examples:\n  seqwire verify run.pcapng\n  seqwire verify run.pcapng --journal a.journal.ndjson --journal "
      "b.journal.ndjson");
  command->callback([options, &chosen] { chosen = [options] { return verify(*options); }; });
}

}  // namespace seqwire
