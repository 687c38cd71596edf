#include "lab/terminal_line.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace seqwire {
namespace {

constexpr const char* empty_line = "\r\x1b[K";

}  // namespace

terminal_line::terminal_line(bool shown) : shown_(shown) {}

terminal_line::~terminal_line() { show({}); }

bool terminal_line::is_due(instant now) {
  if (!shown_ || now < next_) return false;
  next_ = now + 200_ms;
  return true;
}

void terminal_line::show(const std::string& text) {
  if (shown_) std::fputs((empty_line + text).c_str(), stderr);
}

bool terminal_line::there_is_one() { return ::isatty(STDERR_FILENO) != 0; }

std::string thousands(std::uint64_t number) {
  std::string text = fmt::format("{}", number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

}  // namespace seqwire
