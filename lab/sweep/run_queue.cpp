#include "lab/sweep/run_queue.hpp"

#include <algorithm>

#include "protocol/base/require.hpp"

namespace seqwire {

run_queue::run_queue(std::vector<std::size_t> points, const stopping_rule& rule)
    : rule_(rule), points_(std::move(points)), undecided_(points_.size()), most_(points_.size() * rule.seeds) {
  for (const std::size_t point : points_) progress_[point];
}

// What is taken by runs that ended in an earlier sweep is passed over.
std::optional<planned_run> run_queue::begin_at(std::size_t point) {
  progress& of = progress_.at(point);
  while (of.begun < rule_.seeds && (of.begun < of.counted || of.early.contains(of.begun))) ++of.begun;
  if (of.begun >= rule_.seeds) return std::nullopt;
  ++of.under_way;
  return planned_run{point, of.begun++};
}

// The open point with the fewest runs under way that has seeds left.
std::optional<std::size_t> run_queue::best_open() const {
  std::optional<std::size_t> best;
  for (const std::size_t point : open_) {
    const progress& of = progress_.at(point);
    if (of.begun < rule_.seeds && (!best || of.under_way < progress_.at(*best).under_way)) best = point;
  }
  return best;
}

std::optional<planned_run> run_queue::next() {
  for (;;) {
    // Whether a point needs another seed is known when its last one has ended: only one at a time, as long as there are
    // points to begin. Where every seed is needed anyway, one point after the other.
    const auto open = best_open();
    const bool certain = open && (!rule_.narrow_enough || progress_.at(*open).under_way == 0);
    if (certain || (open && fresh_ == points_.size())) {
      if (const auto run = begin_at(*open)) return run;
      continue;  // all its seeds are taken now: not the best open one any more
    }
    if (fresh_ == points_.size()) return std::nullopt;
    const std::size_t point = points_[fresh_++];
    if (!progress_.at(point).enough) open_.push_back(point);
  }
}

void run_queue::decide(progress& of) {
  while (!of.enough) {
    const auto next = of.early.find(of.counted);
    if (next == of.early.end()) return;
    of.so_far.add(next->second);
    of.early.erase(next);
    ++of.counted;
    of.enough = rule_.enough(of.counted, of.so_far);
  }
}

void run_queue::finished(planned_run run, double value) {
  progress& of = progress_.at(run.point);
  if (run.number < of.begun) --of.under_way;
  else if (of.enough || run.number >= rule_.seeds) return;  // an earlier sweep's, of which there is no need
  ++ended_;
  if (of.enough) return;
  of.early.emplace(run.number, value);
  decide(of);
  if (!of.enough) return;
  // The seeds that are not needed are no longer to come.
  --undecided_;
  std::erase(open_, run.point);
  const std::uint64_t taken = std::max(of.begun, of.counted);
  const auto beyond = std::distance(of.early.lower_bound(taken), of.early.end());
  most_ -= rule_.seeds - taken - static_cast<std::uint64_t>(beyond);
}

}  // namespace seqwire
