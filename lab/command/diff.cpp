// seqwire diff: which packets differ between two captures.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "dissector/analysis/capture_diff.hpp"
#include "lab/command/command.hpp"
#include "lab/scenario/units.hpp"
#include "rawio/interrupt_flag.hpp"

namespace seqwire {
namespace {

struct diff_command_options {
  std::string first;
  std::string second;
  std::string times;
  bool data_only = false;
  bool all = false;
  bool json = false;
};

int diff(const diff_command_options& options) {
  require_readable({options.first, options.second});
  diff_options wanted{.system_packets = !options.data_only, .tolerance = {}, .everything = options.all};
  if (!options.times.empty()) {
    const auto tolerance = parse_duration(options.times);
    if (!tolerance)
      throw usage_error("--times: expected " + tolerance.error().expected + "; got " + printable(options.times));
    wanted.tolerance = *tolerance;
  }
  const interrupt_flag asked;
  const auto found = diff_files(options.first, options.second, wanted, [&] { return asked.signal() != 0; });
  if (asked.signal() != 0) {
    std::fputs(fmt::format("seqwire: interrupted by signal {}; nothing is said\n", asked.signal()).c_str(), stderr);
    return 128 + asked.signal();
  }
  if (!found) throw usage_error(found.error());
  print_data(options.json ? json_text(to_json(*found)) : render_text(*found));
  return found->exit_code();
}

}  // namespace

void add_diff(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<diff_command_options>();
  CLI::App* command = to.add_subcommand("diff", "Tell which packets differ between two captures");
  command->add_option("a", options->first, "A capture (pcapng or pcap), compressed with gzip or not")
      ->required()
      ->type_name("A");
  command->add_option("b", options->second, "The other one")->required()->type_name("B");
  command
      ->add_option("--times", options->times,
                   "Compare times as well, from each connection's beginning; they may be so far apart")
      ->type_name("DURATION");
  command->add_flag("--data", options->data_only, "Compare data packets alone, not what is acknowledged and allowed");
  command->add_flag("--all", options->all, "List every difference, not only the first 20");
  command->add_flag("--json", options->json, "Print the differences as JSON");
  command->footer(
      "Connections are paired by their ends, packets by their numbers (docs/diff.md). Exit code 0: the same; 3: they "
      "differ; 4: the same as far as they go, and they are not whole.\n\n"
      "Examples:\n  seqwire diff monday.pcapng tuesday.pcapng\n  seqwire diff a.pcap b.pcap --data --all\n"
      "  seqwire diff sim/capture.pcapng wire/capture.pcapng --times 2ms --json");
  command->callback([options, &chosen] { chosen = [options] { return diff(*options); }; });
}

}  // namespace seqwire
