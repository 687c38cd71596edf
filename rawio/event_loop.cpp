#include "rawio/event_loop.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "rawio/clock.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {

std::optional<instant> next_drive(const drive_outcome& outcome, instant now) {
  if (!outcome.link_full) return outcome.deadline;
  const instant retry = now + 1_ms;
  return outcome.deadline ? std::min(*outcome.deadline, retry) : retry;
}

event_loop::event_loop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) throw_system_error("making an event loop");
  watch(timer_.descriptor_number());
  watch(signals_.descriptor_number());
}

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

void event_loop::serve(int number) {
  if (number == timer_.descriptor_number()) {
    timer_.settle();
  } else if (number == signals_.descriptor_number()) {
    if (const int signal = signals_.take(); signal != 0) {
      signal_ = signal;
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
    timer_.wake_by(deadline_.value_or(instant::never()));
    const int count = ::epoll_wait(epoll_.number(), happened.data(), static_cast<int>(happened.size()), -1);
    if (count < 0 && errno != EINTR) throw_system_error("waiting for events");
    for (int i = 0; i < count && running_; ++i) serve(happened[static_cast<std::size_t>(i)].data.fd);
    if (running_) serve_deadline();
  }
}

}  // namespace seqwire
