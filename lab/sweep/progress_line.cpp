#include "lab/sweep/progress_line.hpp"

#include <fmt/format.h>

#include "rawio/clock.hpp"

namespace seqwire {
namespace {

std::string in_words(double seconds) {
  const auto whole = static_cast<std::uint64_t>(seconds + 0.5);
  if (whole < 120) return fmt::format("{} s", whole);
  if (whole < 7200) return fmt::format("{} min", (whole + 30) / 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

}  // namespace

std::string progress_text(const sweep_progress& progress, duration since) {
  constexpr std::size_t width = 20;
  const double part = progress.most == 0 ? 1 : static_cast<double>(progress.ended) / static_cast<double>(progress.most);
  const auto filled = static_cast<std::size_t>(part * width);
  std::string bar(filled, '=');
  if (filled < width) bar += '>';
  bar.resize(width, ' ');
  std::string text = fmt::format("[{}] {} % {} of {} runs", bar, static_cast<int>(part * 100),
                                 thousands(progress.ended), thousands(progress.most));
  const std::uint64_t here = progress.ended - progress.earlier;
  if (here > 0 && progress.ended < progress.most)
    text += fmt::format(", {} left", in_words(since.seconds() / static_cast<double>(here) *
                                              static_cast<double>(progress.most - progress.ended)));
  return text;
}

progress_line::progress_line() : line_(terminal_line::there_is_one()), begun_(clock_now()) {}

void progress_line::show(const sweep_progress& progress) {
  const instant now = clock_now();
  if (line_.is_due(now) || progress.ended == progress.most) line_.show(progress_text(progress, now - begun_));
}

}  // namespace seqwire
