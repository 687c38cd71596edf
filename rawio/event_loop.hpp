// Waiting for the real world: descriptors, one deadline, and SIGINT and SIGTERM, on epoll, timerfd and signalfd.
// What to do then is the caller's: usually one call of driver::drive() and set_deadline(next_drive(...)).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>

#include "protocol/host/drive.hpp"
#include "rawio/ending_signals.hpp"
#include "rawio/wake_timer.hpp"

namespace seqwire {

/// How often a program that waits looks at what no descriptor tells, such as whether its interfaces still exist.
inline constexpr duration housekeeping = 200_ms;

/// When to call drive() again after this outcome: its deadline, but a millisecond from now when a link was full,
/// because a device that has room again does not say so.
std::optional<instant> next_drive(const drive_outcome& outcome, instant now);

/// Not for several threads. Signals are blocked in the thread that made the loop, until it is destroyed; make it before
/// other threads start, so that they inherit this.
class event_loop {
 public:
  using callback = std::function<void()>;  // what it throws comes out of run()

  /// Throws std::system_error.
  event_loop();
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  /// Calls back while the descriptor is readable, has failed or was closed at its other end. A call may come for
  /// nothing. The descriptor stays the caller's and is removed before it is closed. Throws std::system_error.
  void add(int descriptor, callback readable);
  /// Of an add(), also from within its callback; nothing is called for it from now on.
  void remove(int descriptor);

  /// What happens at the deadline. The deadline is forgotten before the call; the callback may set the next one.
  void on_deadline(callback due) { due_ = std::move(due); }
  /// Replaces the deadline; nothing: none. One in the past is served at once, after what is readable.
  void set_deadline(std::optional<instant> deadline) { deadline_ = deadline; }

  /// Serves until stop() or a signal.
  void run();
  void stop() { running_ = false; }  // run() returns after the present callback

  /// SIGINT or SIGTERM when that ended run(), else 0. A command exits with 128 plus this.
  int stopped_by_signal() const { return signal_; }

 private:
  void watch(int descriptor);
  void serve(int descriptor);
  void serve_deadline();

  descriptor epoll_;
  wake_timer timer_;
  ending_signals signals_;
  // Shared, so that a callback may remove itself while it runs.
  std::unordered_map<int, std::shared_ptr<callback>> watched_;
  callback due_;
  std::optional<instant> deadline_;
  bool running_ = false;
  int signal_ = 0;
};

}  // namespace seqwire
