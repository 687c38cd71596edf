// A forked child that runs a function, owned by the object that started it: waited for with a bound, ended with it.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "protocol/base/time.hpp"
#include "rawio/capture/descriptor.hpp"

namespace seqwire {

/// A forked child that does not outlive its object.
class child_process {
 public:
  /// Forks. The child unblocks all signals, runs `body` and exits with what it returns (the low 8 bits); an exception
  /// is printed to standard error and ends it with 77 (privilege_error) or 1. The child is killed when the thread that
  /// started it ends, however that happens. Throws std::system_error.
  static child_process start(const std::function<int()>& body);

  child_process(child_process&&) noexcept = default;
  child_process& operator=(child_process&& other) noexcept;  // the child that it had goes with the other
  /// Kills the child if it still runs, and waits for it.
  ~child_process();

  pid_t pid() const { return pid_; }  // also after its end
  /// Readable once the child has ended: for the event loop.
  int descriptor_number() const { return handle_.number(); }

  /// Waits for the child's end, at most `limit`: its exit status, or 128 plus the signal that ended it; nothing when it
  /// still runs. May be asked again.
  std::optional<int> wait(duration limit);

  /// Sends a signal; nothing happens when the child has ended.
  void signal(int number);

 private:
  child_process(pid_t pid, descriptor handle) : pid_(pid), handle_(std::move(handle)) {}

  pid_t pid_ = -1;
  descriptor handle_;  // pidfd: names this child even after its number was given to another
  std::optional<int> status_;
};

/// A descriptor (pidfd) that names a running process for good and becomes readable when it ends; none, with errno, when
/// there is no such process.
descriptor open_process(pid_t pid);
/// Sends a signal to the process behind a pidfd; false when it has ended or may not be signalled.
bool signal_process(int process, int number);

/// Waits until the descriptor is readable, at most `limit`; false when it was not.
bool wait_readable(int descriptor, duration limit);

/// Replaces this process by the command (searched in PATH). Returns only when that fails: 127 not found, 126 otherwise,
/// after one line on standard error.
int execute(const std::vector<std::string>& command);

}  // namespace seqwire
