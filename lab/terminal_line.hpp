// One line of a terminal that is written over and over while something goes on. Knows not what goes on.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/base/time.hpp"

namespace seqwire {

/// A line on standard error.
class terminal_line {
 public:
  explicit terminal_line(bool shown);  // false: nothing is ever written
  /// Leaves the line empty.
  ~terminal_line();
  terminal_line(const terminal_line&) = delete;
  terminal_line& operator=(const terminal_line&) = delete;

  /// Whether it is shown, and what it says is old by now: at most some times a second.
  bool is_due(instant now);
  void show(const std::string& text);  // in place of what it said; where it is shown

  /// Whether standard error is a terminal.
  static bool there_is_one();

 private:
  bool shown_;
  instant next_{};
};

/// A number as people read it: "1,234,567".
std::string thousands(std::uint64_t number);

}  // namespace seqwire
