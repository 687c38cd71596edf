// A bar that fills on one line of a terminal, with the time that is left.
#pragma once

#include <string>

#include "lab/sweep/sweep.hpp"
#include "lab/terminal_line.hpp"
#include "protocol/base/time.hpp"

namespace seqwire {

/// "[=========>          ] 45 % 1,350 of 3,000 runs, 41 s left". The time left is what runs took until now, `since` the
/// sweep began, for those that are still to come; not told before the first has ended.
std::string progress_text(const sweep_progress& progress, duration since);

/// Shows it on standard error, where that is a terminal, some times a second.
class progress_line {
 public:
  progress_line();

  void show(const sweep_progress& progress);  // at most some times a second

 private:
  terminal_line line_;
  instant begun_;
};

}  // namespace seqwire
