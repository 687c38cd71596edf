#include "bench/measure.hpp"

#include <algorithm>
#include <ctime>

#include "protocol/base/require.hpp"

namespace seqwire::bench {
namespace {
constexpr int turns = 5;
}  // namespace

double row::median() const {
  std::vector<double> sorted = rounds;
  std::sort(sorted.begin(), sorted.end());
  return sorted.at(sorted.size() / 2);
}

double row::lowest() const { return *std::min_element(rounds.begin(), rounds.end()); }
double row::highest() const { return *std::max_element(rounds.begin(), rounds.end()); }

std::optional<bool> row::aim_met() const {
  if (!goal || rounds.empty()) return std::nullopt;
  return goal->which == aim::direction::at_least ? median() >= goal->value : median() <= goal->value;
}

std::vector<row> take_turns(const std::vector<contender>& contenders, duration round) {
  std::vector<std::vector<row>> found;
  for (const contender& each : contenders) {
    found.push_back(each.rows);
    each.turn(round / 8);  // first touches of code and memory
  }
  for (int turn = 0; turn < turns; ++turn)
    for (std::size_t i = 0; i < contenders.size(); ++i) {
      const std::vector<double> figures = contenders[i].turn(round);
      require(figures.size() == found[i].size());
      for (std::size_t each = 0; each < figures.size(); ++each) found[i][each].rounds.push_back(figures[each]);
    }
  std::vector<row> rows;
  for (std::vector<row>& of_one : found) std::move(of_one.begin(), of_one.end(), std::back_inserter(rows));
  return rows;
}

row combined(row made, const row& first, const row& second, const std::function<double(double, double)>& combine) {
  for (std::size_t i = 0; i < std::min(first.rounds.size(), second.rounds.size()); ++i)
    made.rounds.push_back(combine(first.rounds[i], second.rounds[i]));
  return made;
}

row ratio(row made, const row& above, const row& below) {
  made.unit = "ratio";
  return combined(std::move(made), above, below, [](double a, double b) { return a / b; });
}

instant cpu_time() {
  timespec used{};
  require(::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0);
  return instant{used.tv_sec * 1'000'000'000 + used.tv_nsec};
}

double nanoseconds_each(duration round, double pieces, const std::function<void()>& work) {
  const instant started = cpu_time();
  instant now = started;
  double done = 0;
  do {
    work();
    done += pieces;
    now = cpu_time();
  } while (now - started < round);
  return static_cast<double>((now - started).nanoseconds) / done;
}

}  // namespace seqwire::bench
