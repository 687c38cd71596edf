// seqwire rerun: repeats one host of a wire run from its input log, and compares every packet.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "lab/command/command.hpp"
#include "lab/wire/input_log.hpp"

namespace seqwire {
namespace {

struct rerun_options {
  std::string log;
  bool json = false;
};

int run_again(const rerun_options& options) {
  const auto outcome = rerun(options.log);
  if (!outcome) throw usage_error(outcome.error());
  const bool same = outcome->difference.empty();
  if (options.json) {
    const nlohmann::json object = {{"schema", "seqwire.rerun/1"},       {"host", outcome->host},
                                   {"wakes", outcome->wakes},           {"datagrams", outcome->datagrams},
                                   {"packets", outcome->packets},       {"identical", same},
                                   {"difference", outcome->difference}, {"cut_short", outcome->cut_short}};
    print_data(json_text(object));
  } else {
    print_data(fmt::format("host {} again: {}, {} in, {} out: {}\n", outcome->host, counted(outcome->wakes, "wake"),
                           counted(outcome->datagrams, "datagram"), counted(outcome->packets, "packet"),
                           same ? "identical to the octet" : outcome->difference));
  }
  if (outcome->cut_short)
    std::fprintf(stderr, "seqwire: warning: %s ends in the middle of a record\n", options.log.c_str());
  if (!same) return exit_check_failed;
  return outcome->cut_short ? exit_inconclusive : exit_holds;
}

}  // namespace

void add_rerun(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<rerun_options>();
  CLI::App* command = to.add_subcommand("rerun", "Repeat one host of a wire run from its input log, to the octet");
  command->add_option("log", options->log, "Input log, e.g. seqwire-demo/wire/a.inputs")->required()->type_name("FILE");
  command->add_flag("--json", options->json, "Print the outcome as JSON");
  command->footer("Examples:\n  seqwire rerun seqwire-demo/wire/a.inputs\n  seqwire rerun seqwire-run/b.inputs --json");
  command->callback([options, &chosen] { chosen = [options] { return run_again(*options); }; });
}

}  // namespace seqwire
