#include "rawio/lab_keeper.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "rawio/clock.hpp"
#include "rawio/event_loop.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

constexpr duration bridge_start_limit = 10_s;
constexpr duration bridge_end_limit = 2_s;
constexpr duration keeper_end_limit = 5_s;
constexpr duration command_end_limit = 2_s;

// In one line, for an error.
std::string read_log(const std::string& name) {
  std::ifstream file(lab_log_path(name));
  std::string all;
  for (std::string line; std::getline(file, line) && all.size() < 1000;) all += (all.empty() ? "" : "; ") + line;
  return all;
}

// One command at a time makes or ends labs of this user; the kernel frees the lock with its process.
descriptor lock_labs() {
  descriptor folder(::open(lab_folder().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::flock(folder.number(), LOCK_EX) != 0) throw_system_error("locking the labs");
  return folder;
}

struct pipe_ends {
  descriptor reading;
  descriptor writing;
};

pipe_ends make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw_system_error("making a pipe");
  return {descriptor(ends[0]), descriptor(ends[1])};
}

void write_all(int to, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t count = ::write(to, text.data() + done, text.size() - done);
    if (count <= 0) return;  // nobody reads any more
    done += static_cast<std::size_t>(count);
  }
}

// "+" comes as one octet, what went wrong is followed by the keeper's end. (The bridge's process holds the pipe's other
// end, too: after success there is no end of it.)
std::string read_report(int from) {
  std::string text;
  std::array<char, 512> part;
  for (ssize_t count = 0; text != "+" && (count = ::read(from, part.data(), part.size())) > 0;)
    text.append(part.data(), static_cast<std::size_t>(count));
  return text;
}

// Keeps nothing of the command that started it but the report: neither its terminal nor its pipes nor its lock.
void detach(int report, const std::string& log) {
  ::setsid();
  ::prctl(PR_SET_NAME, "seqwire-lab");
  ::prctl(PR_SET_DUMPABLE, 1);  // a program with file capabilities is not, and then nobody could enter its namespaces
  if (::chdir("/") != 0) throw_system_error("leaving the folder");
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (null < 0 || output < 0 || ::dup2(null, STDIN_FILENO) < 0 || ::dup2(output, STDOUT_FILENO) < 0 ||
      ::dup2(output, STDERR_FILENO) < 0)
    throw_system_error("opening " + log);
  const auto kept = static_cast<unsigned>(report);
  if (kept > 3) ::syscall(SYS_close_range, 3U, kept - 1, 0);
  ::syscall(SYS_close_range, kept + 1, ~0U, 0);
}

held_namespace hold(const network_namespace& network) { return {network.descriptor_number(), network.identity()}; }

lab_state describe(const std::string& name, const private_lab& lab) {
  lab_state state;
  state.name = name;
  const auto self = identify_process(::getpid());
  if (!self) throw_system_error("reading /proc/self/stat", EIO);
  state.keeper = *self;
  if (lab.user_namespace() >= 0)
    state.user_namespace = {lab.user_namespace(), identify_namespace(lab.user_namespace())};
  for (const lab_host host : lab_hosts) state.networks.push_back(hold(lab.network_of(host)));
  return state;
}

child_process start_bridge(const private_lab& lab, const bridge_program& bridge) {
  pipe_ends ready = make_pipe();
  child_process process = lab.start(lab_host::bridge, [&] {
    ready.reading.close();
    return bridge([&] {
      write_all(ready.writing.number(), "+");
      ready.writing.close();
    });
  });
  ready.writing.close();
  char told = 0;
  if (!wait_readable(ready.reading.number(), bridge_start_limit) || ::read(ready.reading.number(), &told, 1) != 1)
    throw lab_error("the lab's bridge did not start");
  return process;
}

// The keeper's life. Reports "+" once the lab works.
void keep_lab(const std::string& name, const lab_options& options, const bridge_program& bridge, descriptor report) {
  event_loop loop;  // SIGTERM is held back from here on: the files go before the process does
  const private_lab lab(options);
  lab_state state = describe(name, lab);
  std::optional<child_process> running;
  if (bridge) {
    running = start_bridge(lab, bridge);
    state.bridge = running->pid();
    loop.add(running->descriptor_number(), [&] {
      state.bridge_status = running->wait({});
      if (!state.bridge_status) return;
      loop.remove(running->descriptor_number());
      write_lab_state(state);
    });
  }
  write_lab_state(state);
  write_all(report.number(), "+");
  report.close();
  loop.run();
  if (running && !state.bridge_status) {
    running->signal(SIGTERM);
    running->wait(bridge_end_limit);
  }
  remove_lab_files(name);
}

[[noreturn]] void run_keeper(const std::string& name, const lab_options& options, const bridge_program& bridge,
                             descriptor report) {
  const int to = report.number();
  try {
    detach(to, lab_log_path(name).string());
    keep_lab(name, options, bridge, std::move(report));
    ::_exit(0);
  } catch (const privilege_error& refused) {
    write_all(to, fmt::format("P{}", refused.what()));
  } catch (const std::exception& failed) {
    write_all(to, fmt::format("E{}", failed.what()));
  }
  ::_exit(1);
}

// Ends what still runs: asks first, then insists.
void end_processes(const std::vector<pid_t>& pids, duration limit) {
  std::vector<descriptor> processes;
  for (const pid_t pid : pids) {
    descriptor process = open_process(pid);
    if (process && signal_process(process.number(), SIGTERM)) processes.push_back(std::move(process));
  }
  const instant end = clock_now() + limit;
  for (const descriptor& process : processes)
    if (!wait_readable(process.number(), end - clock_now())) signal_process(process.number(), SIGKILL);
}

void end_keeper(const living_keeper& keeper) {
  signal_process(keeper.process.number(), SIGTERM);
  if (wait_readable(keeper.process.number(), keeper_end_limit)) return;
  signal_process(keeper.process.number(), SIGKILL);
  wait_readable(keeper.process.number(), keeper_end_limit);
}

bool take_down_locked(const std::string& name) {
  const auto state = read_lab_state(name);
  if (!state) return false;
  const auto keeper = find_keeper(*state);
  if (keeper) end_keeper(*keeper);
  // More than once, because a process may start another one meanwhile.
  for (int round = 0; round < 3; ++round) {
    const auto processes = find_lab_processes(*state, keeper ? &*keeper : nullptr);
    if (processes.empty()) break;
    end_processes(processes, command_end_limit);
  }
  remove_lab_files(name);
  return true;
}

}  // namespace

void bring_lab_up(const std::string& name, const lab_options& options, const bridge_program& bridge) {
  require_lab_name(name);
  const descriptor lock = lock_labs();
  if (const auto state = read_lab_state(name)) {
    if (find_keeper(*state)) throw lab_error(fmt::format("lab {} is up already (process {})", name, state->keeper.pid));
    take_down_locked(name);
  }
  pipe_ends report = make_pipe();
  std::fflush(nullptr);
  const pid_t keeper = ::fork();
  if (keeper < 0) throw_system_error("starting the lab's keeper");
  if (keeper == 0) {
    report.reading.close();
    run_keeper(name, options, bridge, std::move(report.writing));
  }
  report.writing.close();
  const std::string told = read_report(report.reading.number());
  if (told == "+") return;
  ::waitpid(keeper, nullptr, 0);
  const std::string why = told.size() > 1 ? told.substr(1) : "its keeper ended without a word";
  const std::string log = read_log(name);
  remove_lab_files(name);
  const std::string line = fmt::format("lab {}: {}{}{}", name, why, log.empty() ? "" : ": ", log);
  if (told.starts_with('P')) throw privilege_error(EPERM, std::generic_category(), line);
  throw lab_error(line);
}

lab_report examine_lab(const std::string& name) {
  lab_report report;
  report.state = read_lab_state(name);
  if (!report.state) return report;
  const auto keeper = find_keeper(*report.state);
  report.condition = keeper ? lab_condition::up : lab_condition::crashed;
  report.processes = find_lab_processes(*report.state, keeper ? &*keeper : nullptr);
  return report;
}

bool take_lab_down(const std::string& name) {
  require_lab_name(name);
  const descriptor lock = lock_labs();
  return take_down_locked(name);
}

void enter_lab(const std::string& name, lab_host host) {
  const auto state = read_lab_state(name);
  if (!state) throw lab_error(fmt::format("lab {} is not up", name));
  const auto keeper = find_keeper(*state);
  if (!keeper) throw lab_error(fmt::format("lab {} has crashed: take it down, then up again", name));
  if (keeper->user_namespace && !is_own_user_namespace(keeper->user_namespace.number()))
    enter_user_namespace(keeper->user_namespace.number());
  keeper->networks.at(static_cast<std::size_t>(host)).enter();
  const std::string mark = state->mark();
  const std::size_t equals = mark.find('=');
  ::setenv(mark.substr(0, equals).c_str(), mark.substr(equals + 1).c_str(), 1);
}

}  // namespace seqwire
