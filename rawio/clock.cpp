#include "rawio/clock.hpp"

#include <time.h>

#include <algorithm>

namespace seqwire {
namespace {

std::int64_t read_clock(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

const std::int64_t epoch_offset = read_clock(CLOCK_REALTIME) - read_clock(CLOCK_MONOTONIC);

}  // namespace

instant clock_now() { return {read_clock(CLOCK_MONOTONIC) + epoch_offset}; }

duration processor_time() { return {read_clock(CLOCK_PROCESS_CPUTIME_ID)}; }

std::int64_t monotonic_nanoseconds(instant at) {
  // The offset is positive on any machine whose wall clock is past 1970: at is the larger one, no overflow.
  return std::max<std::int64_t>(at.nanoseconds, epoch_offset + 1) - epoch_offset;
}

}  // namespace seqwire
