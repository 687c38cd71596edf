// seqwire report: a page to look at, made of captures or of a run's folder.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "dissector/analysis/verify.hpp"
#include "dissector/report/figure.hpp"
#include "dissector/report/page.hpp"
#include "lab/command/command.hpp"
#include "lab/files.hpp"
#include "rawio/interrupt_flag.hpp"

namespace seqwire {
namespace {

struct report_options {
  std::vector<std::string> captures;
  std::vector<std::string> journals;
  std::string out;      // empty: report.html, unless only figures are wanted
  std::string figures;  // folder
  std::string xplot;    // folder
};

constexpr std::size_t most_connections_as_figures = 64;

// What the report is of: a run's folder, or captures by themselves.
run_folder sources_of(const report_options& options) {
  std::error_code unknown;
  const bool folder = options.captures.size() == 1 && std::filesystem::is_directory(options.captures.front(), unknown);
  if (!folder) return {.captures = options.captures, .journals = options.journals, .series = {}, .ends = {}};
  auto read = read_run_folder(options.captures.front());
  if (!read) throw usage_error(read.error());
  read->journals.insert(read->journals.end(), options.journals.begin(), options.journals.end());
  return std::move(*read);
}

template <class T>
T must(result<T, std::string> outcome) {
  if (!outcome) throw usage_error(outcome.error());
  return std::move(*outcome);
}

void write_figures(const story& told, const std::string& folder, std::string_view extension,
                   std::string (*text_of)(const figure&)) {
  require_writable(folder);
  const std::size_t connections = std::min(told.connections.size(), most_connections_as_figures);
  for (std::size_t connection = 0; connection < connections; ++connection)
    for (std::size_t side = 0; side < 2; ++side)
      for (const figure& each : figures_of(told, connection, side)) {
        const std::string name = fmt::format("connection-{}-{}-{}.{}", connection,
                                             side == 0 ? "first-to-second" : "second-to-first", each.name, extension);
        write_whole_file((std::filesystem::path(folder) / name).string(), text_of(each));
      }
  if (connections < told.connections.size())
    std::fputs(fmt::format("seqwire: figures of the first {} of {} connections\n", connections, told.connections.size())
                   .c_str(),
               stderr);
}

int report(const report_options& options) {
  const run_folder run = sources_of(options);
  require_readable(run.captures);
  require_readable(run.journals);
  const interrupt_flag asked;
  const auto stopped = [&] { return asked.signal() != 0; };
  auto drawn = story_of(run.captures, stopped);
  const std::string out =
      options.out.empty() && options.figures.empty() && options.xplot.empty() ? "report.html" : options.out;
  auto judged = drawn && !out.empty() ? verify_files(run.captures, run.journals, {.stopped = stopped}) : verdict{};
  if (stopped()) {
    std::fputs(fmt::format("seqwire: interrupted by signal {}; there is no report\n", asked.signal()).c_str(), stderr);
    return 128 + asked.signal();
  }
  const story told = must(std::move(drawn));
  if (!options.figures.empty()) write_figures(told, options.figures, "svg", svg_text);
  if (!options.xplot.empty()) write_figures(told, options.xplot, "xpl", xplot_text);
  if (out.empty()) return exit_holds;
  const std::string page = report_page({.drawn = told, .judged = must(std::move(judged)), .run = run});
  if (out == "-") print_data(page);
  else write_whole_file(out, page);
  return exit_holds;
}

}  // namespace

void add_report(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<report_options>();
  CLI::App* command = to.add_subcommand("report", "Draw what happened in captures: one page that works offline");
  command
      ->add_option("captures", options->captures,
                   "pcapng or pcap files, compressed with gzip or not, or the folder of a run")
      ->required()
      ->type_name("FILE|FOLDER");
  add_repeatable(*command, "--journal", options->journals, "An end's journal, for the verdict; give one for each end")
      ->type_name("FILE");
  command
      ->add_option(
          "-o,--out", options->out,
          "The page; '-' is standard output; what stands there is replaced. Without it report.html, or no page "
          "where figures are asked for")
      ->type_name("FILE");
  command->add_option("--svg", options->figures, "Write the plots as SVG files into this folder")->type_name("FOLDER");
  command->add_option("--xplot", options->xplot, "Write the plots for xplot into this folder")->type_name("FOLDER");
  command->footer(
      "The page has the verdict in it, but judges nothing by its exit code: that is verify's.\n\n"
      "Examples:\n  seqwire report seqwire-run -o report.html\n  seqwire report a.pcap b.pcap -o - > both.html");
  command->callback([options, &chosen] { chosen = [options] { return report(*options); }; });
}

}  // namespace seqwire
