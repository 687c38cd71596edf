#include "rawio/wake_timer.hpp"

#include <sys/timerfd.h>

#include "rawio/clock.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {

wake_timer::wake_timer() : timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  if (!timer_) throw_system_error("making a timer");
}

void wake_timer::wake_by(instant deadline) {
  if (deadline >= armed_) return;
  const std::int64_t at = monotonic_nanoseconds(deadline);
  itimerspec setting{};
  setting.it_value.tv_sec = at / 1'000'000'000;
  setting.it_value.tv_nsec = at % 1'000'000'000;
  if (::timerfd_settime(timer_.number(), TFD_TIMER_ABSTIME, &setting, nullptr) == 0) armed_ = deadline;
}

void wake_timer::settle() {
  std::uint64_t expirations = 0;
  if (::read(timer_.number(), &expirations, sizeof expirations) > 0) armed_ = instant::never();
}

}  // namespace seqwire
