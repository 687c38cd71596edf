#include "rawio/child_process.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "rawio/clock.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

[[noreturn]] void run_child(const std::function<int()>& body, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // it ended before we asked to follow it
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  int status = 1;
  try {
    status = body();
  } catch (const privilege_error& refused) {
    fmt::print(stderr, "{}\n", refused.what());
    status = 77;
  } catch (const std::exception& failed) {
    fmt::print(stderr, "{}\n", failed.what());
  }
  std::fflush(nullptr);
  ::_exit(status & 0xff);  // no destructors and exit handlers of the parent's
}

}  // namespace

child_process child_process::start(const std::function<int()>& body) {
  std::fflush(nullptr);  // or both would print what is buffered
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) throw_system_error("starting a process");
  if (pid == 0) run_child(body, parent);
  descriptor handle = open_process(pid);
  if (!handle) {
    const int code = errno;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    throw_system_error("watching a process", code);
  }
  return {pid, std::move(handle)};
}

child_process& child_process::operator=(child_process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(handle_, other.handle_);
  std::swap(status_, other.status_);
  return *this;
}

child_process::~child_process() {
  if (!handle_ || status_) return;
  signal(SIGKILL);
  siginfo_t ended{};
  while (::waitid(P_PIDFD, static_cast<id_t>(handle_.number()), &ended, WEXITED) != 0 && errno == EINTR) continue;
}

std::optional<int> child_process::wait(duration limit) {
  if (status_ || !wait_readable(handle_.number(), limit)) return status_;
  siginfo_t ended{};
  if (::waitid(P_PIDFD, static_cast<id_t>(handle_.number()), &ended, WEXITED) != 0)
    throw_system_error("waiting for a process");
  status_ = ended.si_code == CLD_EXITED ? ended.si_status : 128 + ended.si_status;
  return status_;
}

void child_process::signal(int number) {
  if (!status_) signal_process(handle_.number(), number);
}

// By number, because glibc 2.36 declares its two functions without C linkage.
descriptor open_process(pid_t pid) { return descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))); }

bool signal_process(int process, int number) {
  return ::syscall(SYS_pidfd_send_signal, process, number, nullptr, 0) == 0;
}

bool wait_readable(int number, duration limit) {
  const instant end = clock_now() + limit;
  for (;;) {
    pollfd waiting{.fd = number, .events = POLLIN, .revents = 0};
    const duration left = std::max(end - clock_now(), duration{});
    const timespec timeout{.tv_sec = left.nanoseconds / 1'000'000'000, .tv_nsec = left.nanoseconds % 1'000'000'000};
    const int ready = ::ppoll(&waiting, 1, &timeout, nullptr);
    if (ready >= 0) return ready > 0;
    if (errno != EINTR) throw_system_error("waiting for a descriptor");
  }
}

int execute(const std::vector<std::string>& command) {
  if (command.empty()) return 127;
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));  // execvp only reads
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  const int code = errno;
  fmt::print(stderr, "seqwire: error: cannot run {}: {}\n", command[0], std::strerror(code));
  return code == ENOENT ? 127 : 126;
}

}  // namespace seqwire
