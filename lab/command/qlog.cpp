// seqwire qlog: events of runs (seqwire run --qlog) and of captures, for other tools.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "lab/command/command.hpp"
#include "lab/qlog/qlog_from_capture.hpp"
#include "lab/qlog/qvis.hpp"
#include "rawio/interrupt_flag.hpp"

namespace seqwire {

namespace {

int from_capture(const std::string& capture, const std::string& folder) {
  require_readable({capture});
  require_folder_or_nothing("--out", folder);
  const interrupt_flag asked;
  const auto written = qlog_from_capture(capture, folder, [&] { return asked.signal() != 0; });
  if (asked.signal() != 0) {
    std::fputs(fmt::format("seqwire: interrupted by signal {}; files are not whole\n", asked.signal()).c_str(), stderr);
    return 128 + asked.signal();
  }
  if (!written) throw usage_error(written.error());
  std::string lines;
  for (const std::string& path : *written) lines += "written: " + printable(path) + "\n";
  print_data(lines);
  return exit_holds;
}

void add_from_capture(CLI::App& to, command_body& chosen) {
  auto words = std::make_shared<std::pair<std::string, std::string>>("", ".");
  CLI::App* command =
      to.add_subcommand("from-capture", "Write the packets of a capture as qlog, one file for each interface");
  command->add_option("capture", words->first, "pcapng or pcap, compressed with gzip or not")
      ->required()
      ->type_name("FILE");
  command->add_option("--out", words->second, "The folder to write to")->type_name("DIR")->capture_default_str();
  command->footer("Examples:\n  seqwire qlog from-capture foreign.pcap --out events");
  command->callback([words, &chosen] { chosen = [words] { return from_capture(words->first, words->second); }; });
}

}  // namespace

void add_qlog(CLI::App& to, command_body& chosen) {
  auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* group = to.add_subcommand("qlog", "Events of runs (seqwire run --qlog) and of captures, for other tools");
  group->require_subcommand(1);
  group->footer("Examples:\n  seqwire qlog export seqwire-run/a.qlog seqwire-run/b.qlog > run.qlog");
  add_from_capture(*group, chosen);
  CLI::App* exported = group->add_subcommand("export", "Print what qvis loads: qlog 0.3 with QUIC's names of events");
  exported->add_option("files", *files, "The run's files, of one host or of both")->required()->type_name("FILE");
  exported->footer(
      "With both hosts' files qvis draws sequence diagrams; one is enough for its congestion graph.\n\n"
      "Examples:\n  seqwire qlog export seqwire-run/a.qlog seqwire-run/b.qlog > run.qlog");
  exported->callback([files, &chosen] {
    chosen = [files] {
      const auto made = to_qvis(*files);
      if (!made) throw usage_error(made.error());
      print_data(json_text(*made));
      return int{exit_holds};
    };
  });
}

}  // namespace seqwire
