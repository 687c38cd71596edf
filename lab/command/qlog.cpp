// seqwire qlog: events of runs (seqwire run --qlog) for other tools.
#include <memory>
#include <nlohmann/json.hpp>

#include "lab/command/command.hpp"
#include "lab/qlog/qvis.hpp"

namespace seqwire {

void add_qlog(CLI::App& to, command_body& chosen) {
  auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* group = to.add_subcommand("qlog", "Events of runs (seqwire run --qlog) for other tools");
  group->require_subcommand(1);
  group->footer("Examples:\n  seqwire qlog export seqwire-run/a.qlog seqwire-run/b.qlog > run.qlog");
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
