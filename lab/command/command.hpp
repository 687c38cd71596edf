// The seqwire command: one file for each subcommand, registered in main.cpp. A subcommand parses its options with
// CLI11, does its work by the floors below, prints data on standard output and everything else on standard error, and
// returns an exit code. What several subcommands need stands here and in command.cpp.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/base/time.hpp"

namespace seqwire {

class interrupted;
struct experiment_report;
struct scenario;

/// What every command returns, as README.md lists; 128 and more: ended by that signal.
enum exit_code : int {
  exit_holds = 0,
  exit_could_not_run = 1,
  exit_usage = 2,
  exit_check_failed = 3,
  exit_inconclusive = 4,
  exit_no_privilege = 77,
};

/// Bad usage or bad input: printed as one line, exit code 2.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What the chosen subcommand wants run after parsing.
using command_body = std::function<int()>;

// One subcommand each: adds its options, and puts into `chosen` what it does when it is named. Both outlive the
// parsing.
void add_demo(CLI::App& to, command_body& chosen);
void add_run(CLI::App& to, command_body& chosen);
void add_sweep(CLI::App& to, command_body& chosen);
void add_scenario(CLI::App& to, command_body& chosen);
void add_qlog(CLI::App& to, command_body& chosen);
void add_verify(CLI::App& to, command_body& chosen);
void add_analyze(CLI::App& to, command_body& chosen);
void add_diff(CLI::App& to, command_body& chosen);
void add_report(CLI::App& to, command_body& chosen);
void add_record(CLI::App& to, command_body& chosen);
void add_extcap(CLI::App& to, command_body& chosen);
void add_send(CLI::App& to, command_body& chosen);
void add_receive(CLI::App& to, command_body& chosen);
void add_bridge(CLI::App& to, command_body& chosen);
void add_lab(CLI::App& to, command_body& chosen);
void add_link(CLI::App& to, command_body& chosen);
void add_ping(CLI::App& to, command_body& chosen);
void add_listen(CLI::App& to, command_body& chosen);
void add_connect(CLI::App& to, command_body& chosen);
void add_perf(CLI::App& to, command_body& chosen);
void add_time(CLI::App& to, command_body& chosen);
void add_routes(CLI::App& to, command_body& chosen);
void add_router(CLI::App& to, command_body& chosen);
void add_status(CLI::App& to, command_body& chosen);
void add_rerun(CLI::App& to, command_body& chosen);
void add_replay(CLI::App& to, command_body& chosen);
void add_script(CLI::App& to, command_body& chosen);
void add_headers(CLI::App& to, command_body& chosen);
void add_options(CLI::App& to, command_body& chosen);
void add_wireshark(CLI::App& to, command_body& chosen);
void add_bench(CLI::App& to, command_body& chosen);

/// --seed: a whole number of 64 bits and nothing else.
CLI::Option* add_seed(CLI::App& to, std::optional<std::uint64_t>& seed, const std::string& meaning);
/// An option that may be given several times, with one value each time.
CLI::Option* add_repeatable(CLI::App& to, const std::string& name, std::vector<std::string>& values,
                            const std::string& meaning);

/// Writes data to standard output, at once. False when whoever read it has gone away, which is no error, or does not
/// read while SIGINT or SIGTERM, blocked, wait to be taken. Throws std::system_error for everything else that keeps it
/// from arriving.
bool print_data(std::string_view data);

/// An object as text; octets that are no UTF-8, from names of files, are replaced.
std::string json_text(const nlohmann::json& object);

/// "1 record", "2 records".
std::string counted(std::uint64_t number, std::string_view noun);

/// One line of error when the run does not hold: the first flow that did not come to its end, or the verdict; before it
/// one for each file that is not whole.
void complain(const experiment_report& report);
/// One line for a run that a signal ended, with the capture that it leaves in `directory`; the exit code.
int tell_interrupted(const interrupted& by, const std::string& directory);

/// A time to wait, more than 0 and at most an hour. Throws usage_error; `option` begins the message.
duration parse_span(const std::string& option, const std::string& text);

/// Throws usage_error unless an interface can have this name; `option` begins the message.
void require_interface_name(const std::string& option, const std::string& name);
/// Throws usage_error when there is something at `path` that is not a folder; `option` begins the message.
void require_folder_or_nothing(const std::string& option, const std::string& path);

/// Throws usage_error naming the first of these files that cannot be read; opens none of them.
void require_readable(const std::vector<std::string>& paths);

/// What a run with these flows needs before it begins: the files that they are to carry, and a folder for what the run
/// writes that is not the one to be sent; where it lies within, it is left out of what is sent. Throws usage_error.
void prepare_files(scenario& from, const std::string& out);
/// Throws usage_error when something in `directory` has the name of a run's file and is not of a run.
void require_replaceable(const std::string& directory);
/// The same, and says on standard error that an earlier run's files there will be replaced, if there are any.
void tell_of_replacement(const std::string& directory);

/// A text from outside as one line that no terminal obeys: control characters are written as \x1b.
std::string printable(std::string_view text);

}  // namespace seqwire
