// A capture that is read while it is written: for commands with --follow. Shows at a terminal how far it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dissector/analysis/capture_walk.hpp"
#include "lab/terminal_line.hpp"
#include "rawio/growing_file.hpp"
#include "rawio/interrupt_flag.hpp"

namespace seqwire {

/// What --follow says of itself.
inline constexpr const char* follow_meaning =
    "Read on while the capture is being written, until its writer has closed it or Ctrl-C; then tell";

/// Captures as a command reads them, until a signal comes.
class followed_capture {
 public:
  /// Without `follow` nothing is waited for. With it there is one capture; throws usage_error where there are more.
  followed_capture(const std::vector<std::string>& captures, bool follow);

  /// What is given to whoever reads the capture. This object outlives it.
  capture_reading reading(damage_handling damaged = damage_handling::refuse);
  /// The signal that ended everything: none where it only ended a capture that was followed.
  int ended_by() const { return file_ ? 0 : asked_.signal(); }

 private:
  void show_waiting();

  interrupt_flag asked_;
  std::string name_;
  std::optional<growing_file> file_;
  bool told_ = false;  // that it is waited for
  terminal_line line_;
  std::uint64_t packets_ = 0;
};

}  // namespace seqwire
