#include "rawio/live_endpoint.hpp"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "rawio/clock.hpp"
#include "rawio/event_loop.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

void watch(const descriptor& epoll, int number) {
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.fd = number;
  if (::epoll_ctl(epoll.number(), EPOLL_CTL_ADD, number, &wanted) != 0) throw_system_error("watching a link");
}

}  // namespace

live_endpoint::live_endpoint(link& connected, int readable, const host_config& host_settings, endpoint_config config)
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)),
      host_(host_settings),
      links_{&connected},
      driver_(host_, links_),
      endpoint_(*this, std::move(config)) {
  if (!epoll_ || !timer_) throw_system_error("making an endpoint");
  watch(epoll_, timer_.number());
  watch(epoll_, readable);
  drive();
}

live_endpoint::~live_endpoint() { endpoint_.leave(); }

instant live_endpoint::now() { return clock_now(); }

bool live_endpoint::wait(instant until) {
  arm(std::min(deadline_, until));
  epoll_event happened[4];
  const int count = ::epoll_wait(epoll_.number(), happened, std::size(happened), -1);
  if (count < 0 && errno == EINTR) return false;
  drive();
  return true;
}

// What came in meanwhile may be for another socket: a loop of somebody else must hear of it.
void live_endpoint::flush() {
  const std::uint64_t before = endpoint_.generation();
  drive();
  if (endpoint_.generation() != before) arm(instant{});
}

// A timer that fires too early costs one look at the clock, so it is only ever moved to the front.
void live_endpoint::arm(instant deadline) {
  if (deadline >= armed_) return;
  const std::int64_t at = monotonic_nanoseconds(deadline);
  itimerspec setting{};
  setting.it_value.tv_sec = at / 1'000'000'000;
  setting.it_value.tv_nsec = at % 1'000'000'000;
  if (::timerfd_settime(timer_.number(), TFD_TIMER_ABSTIME, &setting, nullptr) == 0) armed_ = deadline;
}

void live_endpoint::drive() {
  std::uint64_t expirations = 0;
  if (::read(timer_.number(), &expirations, sizeof expirations) > 0) armed_ = instant::never();
  const instant at = clock_now();
  const drive_outcome outcome = driver_.drive(at, [&] { return endpoint_.step(at, host_); });
  deadline_ = next_drive(outcome, at).value_or(instant::never());
  arm(deadline_);
}

}  // namespace seqwire
