// Entry point: parses, runs the chosen subcommand, and turns every failure into one line and the right exit code.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lab/command/command.hpp"
#include "lab/scenario/nearest.hpp"
#include "lab/wire/interrupted.hpp"
#include "rawio/setup_error.hpp"

namespace {

using namespace seqwire;

constexpr const char* version_number = "0.1.0";

void complain(const char* kind, const std::string& what) {
  std::fputs(fmt::format("seqwire: {}: {}\n", kind, printable(what)).c_str(), stderr);
}

std::string version_as_json() {
  const std::string json_version =
      fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH);
  const nlohmann::json object = {
      {"schema", "seqwire.version/1"},
      {"version", version_number},
      {"compiler", __VERSION__},
      {"libraries", {{"fmt", FMT_VERSION}, {"CLI11", CLI11_VERSION}, {"nlohmann_json", json_version}}}};
  return json_text(object);
}

// "--sed" -> "; did you mean --seed?"
std::string suggestion(const CLI::App& app, const std::string& unknown) {
  std::vector<std::string> known;
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  if (unknown.starts_with('-')) {
    for (const CLI::Option* option : at->get_options())
      if (!option->get_lnames().empty()) known.push_back("--" + option->get_lnames().front());
  } else {
    for (const CLI::App* sub : at->get_subcommands([](const CLI::App*) { return true; }))
      known.push_back(sub->get_name());
  }
  const auto close = nearest(unknown.substr(0, unknown.find('=')), known);
  return close ? "; did you mean " + *close + "?" : "";
}

// What CLI11 found, in the words of this command: "what: expected ...; got ...".
std::string explain(const CLI::App& app, const CLI::ParseError& error) {
  const std::string what = error.what();
  const std::string subject = what.substr(0, what.find(':'));
  if (const auto extras = app.remaining(true);
      !extras.empty() &&
      (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr || what.find("subcommand") != std::string::npos)) {
    const auto unknown = std::find_if(extras.begin(), extras.end(), [](const auto& each) { return each != "--"; });
    if (unknown != extras.end()) return "unexpected argument " + *unknown + suggestion(app, *unknown);
  }
  if (what == "A subcommand is required") return "expected a subcommand; got none (seqwire --help lists them)";
  if (what.ends_with(" missing")) return subject + ": expected a value; got none";
  if (what.find(": At Most 1 required") != std::string::npos) return subject + ": expected once; got it several times";
  if (what.ends_with(" is required")) return "expected " + what.substr(0, what.rfind(" is required")) + "; got none";
  if (const auto at = what.find(" not in {"); at != std::string::npos && at >= subject.size() + 2)
    return subject + ": expected one of " + what.substr(at + 8) + "; got " +
           what.substr(subject.size() + 2, at - subject.size() - 2);
  return what;
}

int report_parse_error(const CLI::App& app, const CLI::ParseError& error, int count, char** arguments) {
  if (dynamic_cast<const CLI::CallForVersion*>(&error) != nullptr) {
    const bool json = std::find(arguments, arguments + count, std::string_view("--json")) != arguments + count;
    print_data(json ? version_as_json() : fmt::format("seqwire {}\n", version_number));
    return exit_holds;
  }
  if (error.get_exit_code() == 0) {
    std::ostringstream help;
    app.exit(error, help, help);
    print_data(help.str());
    return exit_holds;
  }
  complain("error", explain(app, error));
  return exit_usage;
}

int run(int count, char** arguments) {
  CLI::App app(
      "A laboratory for transport protocols: one engine in a simulator and on raw sockets, every run verified.",
      "seqwire");
  app.set_version_flag("--version", version_number, "Print the version, with --json as JSON, and exit");
  app.footer("Examples:\n  seqwire demo\n  seqwire verify seqwire-demo/simulator/capture.pcapng");
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
  add_bench(app, chosen);
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return report_parse_error(app, error, count, arguments);
  }
  return chosen();
}

// Where one of the three is closed, the first file opened would get its number, and messages would end up in a capture.
void open_standard_descriptors() {
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number)
    if (::fcntl(number, F_GETFD) < 0) static_cast<void>(::open("/dev/null", O_RDWR));
}

}  // namespace

int main(int count, char** arguments) {
  // A reader that went away, and a file that may not grow, are errors of write(), not the end of a run.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  open_standard_descriptors();
  try {
    return run(count, arguments);
  } catch (const seqwire::usage_error& error) {
    complain("error", error.what());
    return seqwire::exit_usage;
  } catch (const seqwire::interrupted& error) {
    complain("interrupted", error.what());
    return 128 + error.signal();
  } catch (const seqwire::privilege_error& error) {
    complain("no privilege", error.what());
    return seqwire::exit_no_privilege;
  } catch (const std::exception& error) {
    complain("error", error.what());
    return seqwire::exit_could_not_run;
  }
}
