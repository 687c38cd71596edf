#include "rawio/event_loop.hpp"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "rawio/clock.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {

struct event_loop::saved_mask {
  sigset_t signals;
};

std::optional<instant> next_drive(const drive_outcome& outcome, instant now) {
  if (!outcome.link_full) return outcome.deadline;
  const instant retry = now + 1_ms;
  return outcome.deadline ? std::min(*outcome.deadline, retry) : retry;
}

event_loop::event_loop()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)),
      saved_mask_(std::make_unique<saved_mask>()) {
  sigset_t ending;
  ::sigemptyset(&ending);
  ::sigaddset(&ending, SIGINT);
  ::sigaddset(&ending, SIGTERM);
  signals_ = descriptor(::signalfd(-1, &ending, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!epoll_ || !timer_ || !signals_) throw_system_error("making an event loop");
  watch(timer_.number());
  watch(signals_.number());
  ::pthread_sigmask(SIG_BLOCK, &ending, &saved_mask_->signals);
}

event_loop::~event_loop() { ::pthread_sigmask(SIG_SETMASK, &saved_mask_->signals, nullptr); }

void event_loop::watch(int number) {
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.fd = number;
  if (::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, number, &wanted) != 0) throw_system_error("watching a descriptor");
}

void event_loop::add(int number, callback readable) {
  watch(number);
  watched_[number] = std::make_shared<callback>(std::move(readable));
}

void event_loop::remove(int number) {
  if (watched_.erase(number) != 0) ::epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, number, nullptr);
}

// A timer that fires too early costs one look at the clock; setting it anew for each drive would cost more. So it is
// only ever moved to the front, or set again after it has fired.
void event_loop::arm_timer() {
  if (!deadline_ || *deadline_ >= armed_) return;
  const std::int64_t at = monotonic_nanoseconds(*deadline_);
  itimerspec setting{};
  setting.it_value.tv_sec = at / 1'000'000'000;
  setting.it_value.tv_nsec = at % 1'000'000'000;
  if (::timerfd_settime(timer_.number(), TFD_TIMER_ABSTIME, &setting, nullptr) == 0) armed_ = *deadline_;
}

void event_loop::serve(int number) {
  if (number == timer_.number()) {
    std::uint64_t expirations = 0;
    if (::read(number, &expirations, sizeof expirations) > 0) armed_ = instant::never();
  } else if (number == signals_.number()) {
    signalfd_siginfo received{};
    if (::read(number, &received, sizeof received) == ssize_t{sizeof received}) {
      signal_ = static_cast<int>(received.ssi_signo);
      stop();
    }
  } else if (const auto found = watched_.find(number); found != watched_.end()) {
    const auto keep_alive = found->second;
    (*keep_alive)();
  }
}

void event_loop::serve_deadline() {
  if (!deadline_ || clock_now() < *deadline_) return;
  deadline_.reset();
  if (due_) due_();
}

void event_loop::run() {
  std::array<epoll_event, 16> happened;
  running_ = true;
  signal_ = 0;
  while (running_) {
    arm_timer();
    const int count = ::epoll_wait(epoll_.number(), happened.data(), static_cast<int>(happened.size()), -1);
    if (count < 0 && errno != EINTR) throw_system_error("waiting for events");
    for (int i = 0; i < count && running_; ++i) serve(happened[static_cast<std::size_t>(i)].data.fd);
    if (running_) serve_deadline();
  }
}

}  // namespace seqwire
