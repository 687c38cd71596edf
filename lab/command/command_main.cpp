#include "lab/command/command_main.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "lab/command/command.hpp"
#include "lab/command/revision.hpp"
#include "lab/scenario/nearest.hpp"
#include "lab/wire/interrupted.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

void complain(const char* kind, const std::string& what) {
  std::fputs(fmt::format("seqwire: {}: {}\n", kind, printable(what)).c_str(), stderr);
}

std::string version_as_json() {
  const std::string json_version =
      fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH);
  const nlohmann::json object = {
      {"schema", "seqwire.version/1"},
      {"version", program_version},
      {"revision", program_revision()},
      {"compiler", __VERSION__},
      {"libraries", {{"fmt", FMT_VERSION}, {"CLI11", CLI11_VERSION}, {"nlohmann_json", json_version}}}};
  return json_text(object);
}

// The subcommand that was named, or the command itself.
const CLI::App& innermost(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return *at;
}

std::string full_name(const CLI::App& of) {
  return of.get_parent() == nullptr ? of.get_name() : full_name(*of.get_parent()) + ' ' + of.get_name();
}

// "--sed" -> "; did you mean --seed?", "--demo" -> "; did you mean demo?", or where to look.
std::string suggestion(const CLI::App& at, const std::string& unknown) {
  std::map<std::string, std::string> meant;  // by what may have been written for it
  const std::string dashes = unknown.starts_with('-') ? "--" : "";
  for (const CLI::App* sub : at.get_subcommands([](const CLI::App*) { return true; }))
    meant[dashes + sub->get_name()] = sub->get_name();
  if (!dashes.empty())
    for (const CLI::Option* option : at.get_options())
      for (const std::string& name : option->get_lnames()) meant[dashes + name] = dashes + name;
  std::vector<std::string> known;
  for (const auto& each : meant) known.push_back(each.first);
  const auto close = nearest(unknown.substr(0, unknown.find('=')), known);
  return close ? fmt::format("; did you mean {}?", meant[*close])
               : fmt::format(" ({} --help shows what it takes)", full_name(at));
}

// The first word that nothing takes.
std::optional<std::string> unknown_word(const CLI::App& app) {
  for (const std::string& word : app.remaining(true))
    if (word != "--") return word;
  return std::nullopt;
}

// What CLI11 found, in the words of this command: "what: expected ...; got ...".
std::string explain(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& at = innermost(app);
  const std::string help = fmt::format(" ({} --help shows what it takes)", full_name(at));
  const std::string what = error.what();
  const std::string subject = what.substr(0, what.find(':'));
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr || what.find("subcommand") != std::string::npos)
    if (const auto unknown = unknown_word(app)) return "unexpected argument " + *unknown + suggestion(at, *unknown);
  if (what == "A subcommand is required") return "expected a subcommand; got none" + help;
  if (what.ends_with(" missing")) return subject + ": expected a value; got none";
  if (what.find(": At Most 1 required") != std::string::npos) return subject + ": expected once; got it several times";
  if (what.ends_with(" is required"))
    return "expected " + what.substr(0, what.rfind(" is required")) + "; got none" + help;
  if (const auto in = what.find(" not in {"); in != std::string::npos && in >= subject.size() + 2)
    return subject + ": expected one of " + what.substr(in + 8) + "; got " +
           what.substr(subject.size() + 2, in - subject.size() - 2);
  return what.find(": expected ") != std::string::npos ? what : what + help;
}

int report_parse_error(const CLI::App& app, const CLI::ParseError& error, int count, char** arguments) {
  if (dynamic_cast<const CLI::CallForVersion*>(&error) != nullptr) {
    const bool json = std::find(arguments, arguments + count, std::string_view("--json")) != arguments + count;
    print_data(json ? version_as_json() : fmt::format("seqwire {}\n", program_version));
    return exit_holds;
  }
  if (error.get_exit_code() == 0) {
    if (const auto unknown = unknown_word(app)) {
      complain("error", "unexpected argument " + *unknown + suggestion(innermost(app), *unknown));
      return exit_usage;
    }
    std::ostringstream help;
    app.exit(error, help, help);
    print_data(help.str());
    return exit_holds;
  }
  complain("error", explain(app, error));
  return exit_usage;
}

// "seqwire help lab up" and "seqwire lab help up" are "seqwire lab up --help".
std::vector<std::string> words_of(int count, char** arguments) {
  std::vector<std::string> words(arguments + std::min(count, 1), arguments + count);
  const std::size_t at = !words.empty() && words[0] == "lab" ? 1 : 0;
  if (words.size() > at && words[at] == "help") {
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(at));
    words.emplace_back("--help");
  }
  return words;
}

int run(int count, char** arguments) {
  CLI::App app(
      "A laboratory for transport protocols: one engine in a simulator and on raw sockets, every run verified.",
      "seqwire");
  app.set_version_flag("--version", program_version, "Print the version, with --json as JSON, and exit");
  app.footer(
      "Examples:\n  seqwire demo\n  seqwire verify seqwire-demo/simulator/capture.pcapng\n  seqwire help send\n\n"
      "Exit codes: 0 holds, 1 could not run, 2 bad usage or input, 3 ran and a check failed, 4 inconclusive,\n"
      "77 lack of privilege, 128 and a signal's number.");
  app.require_subcommand(1);
  command_body chosen;
  add_demo(app, chosen);
  add_run(app, chosen);
  add_sweep(app, chosen);
  add_scenario(app, chosen);
  add_qlog(app, chosen);
  add_verify(app, chosen);
  add_analyze(app, chosen);
  add_diff(app, chosen);
  add_report(app, chosen);
  add_record(app, chosen);
  add_extcap(app, chosen);
  add_send(app, chosen);
  add_receive(app, chosen);
  add_bridge(app, chosen);
  add_lab(app, chosen);
  add_link(app, chosen);
  add_ping(app, chosen);
  add_listen(app, chosen);
  add_connect(app, chosen);
  add_perf(app, chosen);
  add_time(app, chosen);
  add_routes(app, chosen);
  add_router(app, chosen);
  add_status(app, chosen);
  add_rerun(app, chosen);
  add_replay(app, chosen);
  add_script(app, chosen);
  add_headers(app, chosen);
  add_options(app, chosen);
  add_wireshark(app, chosen);
  add_bench(app, chosen);
  try {
    std::vector<std::string> words = words_of(count, arguments);
    std::reverse(words.begin(), words.end());  // as the parser wants them
    app.parse(std::move(words));
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

int command_main(int count, char** arguments) {
  // A reader that went away, and a file that may not grow, are errors of write(), not the end of a run.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  open_standard_descriptors();
  try {
    return run(count, arguments);
  } catch (const usage_error& error) {
    complain("error", error.what());
    return exit_usage;
  } catch (const privilege_error& error) {
    complain("no privilege", error.what());
    return exit_no_privilege;
  } catch (const interrupted& by) {
    complain("interrupted", fmt::format("by signal {}", by.signal()));
    return 128 + by.signal();
  } catch (const std::filesystem::filesystem_error& error) {
    complain("error", fmt::format("cannot use {}: {}", error.path1().string(), error.code().message()));
    return exit_could_not_run;
  } catch (const std::exception& error) {
    complain("error", error.what());
    return exit_could_not_run;
  }
}

}  // namespace seqwire
