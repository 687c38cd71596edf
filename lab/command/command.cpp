#include "lab/command/command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>

#include "lab/earlier_run.hpp"
#include "lab/experiment.hpp"
#include "lab/files.hpp"
#include "lab/scenario/units.hpp"
#include "lab/wire/interrupted.hpp"

namespace seqwire {

CLI::Option* add_seed(CLI::App& to, std::optional<std::uint64_t>& seed, const std::string& meaning) {
  const auto take = [&seed](const std::string& text) {
    const auto number = parse_count(text, 0, std::numeric_limits<std::uint64_t>::max());
    if (!number) throw CLI::ValidationError("--seed", "expected " + number.error().expected + "; got " + text);
    seed = *number;
  };
  return to.add_option_function<std::string>("--seed", take, meaning)->type_name("NUMBER");
}

CLI::Option* add_repeatable(CLI::App& to, const std::string& name, std::vector<std::string>& values,
                            const std::string& meaning) {
  // Without this CLI11 would take every argument that follows as one value more.
  return to.add_option(name, values, meaning)->allow_extra_args(false);
}

bool print_data(std::string_view data) {
  // So much fits a pipe that poll() says has room, without waiting. A signal that this process has blocked, to take it
  // where it waits, would otherwise not be taken before the reader reads.
  constexpr std::size_t most_at_once = PIPE_BUF;
  std::fflush(stdout);
  while (!data.empty()) {
    pollfd room{STDOUT_FILENO, POLLOUT, 0};
    if (::poll(&room, 1, 200) == 0) {
      sigset_t waiting;
      ::sigpending(&waiting);
      if (::sigismember(&waiting, SIGINT) == 1 || ::sigismember(&waiting, SIGTERM) == 1) return false;
      continue;
    }
    const ssize_t written = ::write(STDOUT_FILENO, data.data(), std::min(data.size(), most_at_once));
    if (written >= 0) data.remove_prefix(static_cast<std::size_t>(written));
    else if (errno == EPIPE) return false;
    else if (errno != EINTR && errno != EAGAIN)
      throw std::system_error(errno, std::generic_category(), "cannot write to standard output");
  }
  return true;
}

std::string json_text(const nlohmann::json& object) {
  return object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

std::string counted(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

void complain(const experiment_report& report) {
  const auto say = [&](const std::string& what) {
    std::fputs(fmt::format("seqwire: error: on the {}: {}\n", report.world, what).c_str(), stderr);
  };
  if (report.holds()) return;
  for (const std::string& line : report.not_written) say(line);
  if (report.exit_code() == exit_could_not_run) return;
  for (const auto& [plan, sender, receiver] : report.flows) {
    if (!sender.opened && sender.status == end_status::none)
      return say(fmt::format("flow {}: the time limit ended the run before it was open", sender.label));
    if (sender.status == end_status::none || sender.status == end_status::closed_gracefully) continue;
    const bool silence = sender.status == end_status::timed_out;
    return say(fmt::format("flow {}: {}; {} of {} delivered", sender.label,
                           silence ? "gave up because no answer came" : name_of(sender.status), receiver.records,
                           counted(report.ran.flows[plan.settings].records, "record")));
  }
  for (const auto& [asked, value, holds] : report.expectations)
    if (!holds) return say(fmt::format("expected {} to be {}; got {:.6g}", asked.measure, asked.value, value));
  if (report.exit_code() == exit_inconclusive) return say("the verdict is inconclusive");
  const bool judged_well = report.judged && report.judged->overall == conclusion::holds;
  say(judged_well ? "not everything arrived as it was sent" : "the capture breaks rules that must hold");
}

int tell_interrupted(const interrupted& by, const std::string& directory) {
  std::fputs(fmt::format("seqwire: interrupted by signal {}; what was recorded until then can be read: {}/{}\n",
                         by.signal(), printable(directory), capture_name)
                 .c_str(),
             stderr);
  return 128 + by.signal();
}

duration parse_span(const std::string& option, const std::string& text) {
  const auto span = parse_duration(text);
  if (!span) throw usage_error(option + ": expected " + span.error().expected + "; got " + printable(text));
  if (*span <= duration{} || *span > 3600_s)
    throw usage_error(option + ": expected more than 0 and at most 1h; got " + printable(text));
  return *span;
}

void require_interface_name(const std::string& option, const std::string& name) {
  const bool fits = !name.empty() && name.size() < IFNAMSIZ && name != "." && name != "..";
  const bool clean = std::none_of(name.begin(), name.end(),
                                  [](unsigned char each) { return each <= ' ' || each == '/' || each == ':'; });
  if (!fits || !clean)
    throw usage_error(fmt::format("{}: expected an interface's name of 1 to {} characters without '/'; got \"{}\"",
                                  option, IFNAMSIZ - 1, name));
}

void require_folder_or_nothing(const std::string& option, const std::string& path) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (path.empty()) throw usage_error(option + ": expected a folder; got an empty name");
  if (std::filesystem::exists(status) && !std::filesystem::is_directory(status))
    throw usage_error(option + ": expected a folder; got " + path + ", which is something else");
}

void prepare_files(scenario& from, const std::string& out) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path writes = fs::weakly_canonical(fs::absolute(out), ignored);
  for (flow_settings& flow : from.flows) {
    if (flow.files.empty()) continue;
    if (!fs::exists(flow.files, ignored))
      throw usage_error(flow.files + ": expected a file or a folder; got nothing there");
    if (fs::is_directory(flow.files, ignored)) {
      const fs::path reads = fs::canonical(flow.files, ignored);
      if (writes == reads)
        throw usage_error(fmt::format("--out: expected another folder than the one to send; got {}", out));
      const bool within = std::mismatch(reads.begin(), reads.end(), writes.begin(), writes.end()).first == reads.end();
      if (within && flow.leave_out.empty()) flow.leave_out = out;
    }
    if (files_of(flow).names.empty())
      throw usage_error(flow.files +
                        ": expected a folder with files; got none (hidden ones, build/ and --out do not count)");
  }
}

void require_replaceable(const std::string& directory) {
  if (const auto found = files_of_earlier_run(directory); !found) throw usage_error("--out: " + found.error());
}

void tell_of_replacement(const std::string& directory) {
  require_replaceable(directory);
  if (!files_of_earlier_run(directory)->empty())
    std::fputs(fmt::format("seqwire: replaces an earlier run in {}\n", printable(directory)).c_str(), stderr);
}

std::string printable(std::string_view text) {
  std::string line;
  for (const char each : text) {
    const auto code = static_cast<unsigned char>(each);
    line += code < 0x20 || code == 0x7f ? fmt::format("\\x{:02x}", code) : std::string(1, each);
  }
  return line;
}

// Before any of them is judged: a name mistyped has nothing to do with what a file contains.
void require_readable(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    // Not by opening it: a FIFO's writer would take that for its reader.
    int reason = ::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0 ? 0 : errno;
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) reason = EISDIR;
    if (reason != 0)
      throw usage_error(fmt::format("{}: cannot be opened: {}", path, std::generic_category().message(reason)));
  }
}

}  // namespace seqwire
