#include "lab/command/followed_capture.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "lab/command/command.hpp"
#include "rawio/clock.hpp"

namespace seqwire {

followed_capture::followed_capture(const std::vector<std::string>& captures, bool follow)
    : line_(follow && terminal_line::there_is_one()) {
  if (!follow) return;
  if (captures.size() != 1) throw usage_error(fmt::format("--follow: expected one capture; got {}", captures.size()));
  name_ = printable(captures.front());
  file_.emplace(captures.front());
}

capture_reading followed_capture::reading(damage_handling damaged) {
  capture_reading how{.stopped = {}, .damaged = damaged, .grows = {}};
  how.stopped = [this] {
    ++packets_;
    return asked_.signal() != 0;
  };
  if (file_)
    how.grows = [this] {
      return file_->wait([this] {
        show_waiting();
        return asked_.signal() != 0;
      });
    };
  return how;
}

void followed_capture::show_waiting() {
  if (!std::exchange(told_, true))
    std::fputs(fmt::format("seqwire: waiting for more of {}; Ctrl-C ends it\n", name_).c_str(), stderr);
  // Asked before every packet, and once more before the one that is waited for.
  if (line_.is_due(clock_now())) line_.show(thousands(packets_ - (packets_ != 0 ? 1 : 0)) + " packets so far");
}

}  // namespace seqwire
