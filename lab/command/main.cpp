// Entry point: parses, runs the chosen subcommand, and turns every failure into one line and the right exit code.
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "lab/command/command.hpp"
#include "lab/nearest.hpp"
#include "rawio/setup_error.hpp"

namespace {

using namespace seqwire;

constexpr const char* version = "seqwire 0.1.0";

// "--sed" -> "; did you mean --seed?"
std::string suggestion(const CLI::App& app, const std::string& unknown) {
  std::vector<std::string> known;
  for (const CLI::App* at = &app; at != nullptr;) {
    for (const CLI::Option* option : at->get_options())
      if (!option->get_lnames().empty()) known.push_back("--" + option->get_lnames().front());
    if (unknown.front() != '-')
      for (const CLI::App* sub : at->get_subcommands([](const CLI::App*) { return true; })) known.push_back(sub->get_name());
    const auto chosen = at->get_subcommands();
    at = chosen.empty() ? nullptr : chosen.front();
  }
  const auto close = nearest(unknown, known);
  return close ? "; did you mean " + *close + "?" : "";
}

int report_parse_error(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
  std::string what = error.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    for (const std::string& extra : app.remaining(true)) {
      what = "unexpected argument " + extra + suggestion(app, extra);
      break;
    }
  }
  std::fprintf(stderr, "seqwire: error: %s\n", what.substr(0, what.find('\n')).c_str());
  return exit_usage;
}

int run(int count, char** arguments) {
  CLI::App app("A laboratory for transport protocols: one engine in a simulator and on raw sockets, every run verified.",
               "seqwire");
  app.set_version_flag("--version", version);
  app.require_subcommand(1);
  command_body chosen;
  add_demo(app, chosen);
  add_run(app, chosen);
  add_verify(app, chosen);
  add_send(app, chosen);
  add_receive(app, chosen);
  add_bridge(app, chosen);
  add_lab(app, chosen);
  add_rerun(app, chosen);
  add_headers(app, chosen);
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return report_parse_error(app, error);
  }
  return chosen();
}

}  // namespace

int main(int count, char** arguments) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error of write(), not the end of a run
  try {
    return run(count, arguments);
  } catch (const seqwire::usage_error& error) {
    std::fprintf(stderr, "seqwire: error: %s\n", error.what());
    return seqwire::exit_usage;
  } catch (const seqwire::privilege_error& error) {
    std::fprintf(stderr, "seqwire: no privilege: %s\n", error.what());
    return seqwire::exit_no_privilege;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "seqwire: error: %s\n", error.what());
    return seqwire::exit_could_not_run;
  }
}
