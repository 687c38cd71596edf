#include "lab/sweep/sweep.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <filesystem>
#include <mutex>
#include <thread>

#include "lab/scenario/scenario_text.hpp"
#include "lab/sweep/run_queue.hpp"
#include "lab/wire/interrupted.hpp"
#include "rawio/capture/journal.hpp"
#include "rawio/clock.hpp"

namespace seqwire {
namespace {

namespace fs = std::filesystem;

std::string results_path(const std::string& folder) { return (fs::path(folder) / results_name).string(); }

std::string machine_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

// The threads, what they share, and the one lock around it.
class sweeper {
 public:
  sweeper(const study& of, const sweep_settings& settings, results_store& store, const stop_question& stop,
          const std::function<void(const sweep_progress&)>& progress)
      : study_(of),
        settings_(settings),
        store_(store),
        stop_(stop),
        progress_(progress),
        queue_(points_of_shard(), settings.rule) {
    store_.for_each([&](const run_result& row) {
      if (!is_in_shard(row.point)) return;
      queue_.already_there({row.point, row.number}, row.values[settings_.rule.measure]);
    });
    earlier_ = queue_.ended();
  }

  void run() {
    tell();
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < settings_.jobs; ++i) threads.emplace_back([this] { work(); });
    for (std::thread& each : threads) each.join();
    if (failed_) std::rethrow_exception(failed_);
    if (const int signal = stop_(); signal != 0 && !queue_.done()) throw interrupted(signal);
  }

 private:
  bool is_in_shard(std::size_t point) const {
    const sweep_shard& shard = settings_.shard;
    return shard_of(study_.keys, study_.points[point].values, shard.of) == shard.number - 1;
  }

  std::vector<std::size_t> points_of_shard() const {
    std::vector<std::size_t> points;
    for (std::size_t point = 0; point < study_.points.size(); ++point)
      if (is_in_shard(point)) points.push_back(point);
    return points;
  }

  void tell() const { progress_({queue_.ended(), queue_.most(), earlier_}); }

  // The next run, waiting for those under way when it hangs on them; nothing: this thread is done.
  std::optional<planned_run> take() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (failed_ || queue_.done() || stop_() != 0) return std::nullopt;
      if (const auto next = queue_.next()) return next;
      changed_.wait(lock);
    }
  }

  void give(planned_run run, const run_result& result) {
    const std::lock_guard lock(mutex_);
    store_.add({result});
    queue_.finished(run, result.values[settings_.rule.measure]);
    tell();
    changed_.notify_all();
  }

  void work() {
    try {
      while (const auto next = take()) give(*next, result_of(*next));
    } catch (const interrupted&) {  // said by run()
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failed_) failed_ = std::current_exception();
      failing_ = true;
    }
    const std::lock_guard lock(mutex_);  // or who is about to wait would not hear of it
    changed_.notify_all();
  }

  run_result result_of(planned_run run) const {
    scenario runs = study_.points[run.point].runs;
    runs.seed += run.number;
    run_result row;
    row.point = run.point;
    row.number = run.number;
    row.seed = runs.seed;
    row.scenario = sha256_hexadecimal(view_of(to_toml(runs)));
    const instant begun = clock_now();
    const experiment_report report = report_of(run, runs);
    row.seconds = (clock_now() - begun).seconds();
    for (const chosen_measure& each : study_.measures) row.values.push_back(each.of(report));
    row.fingerprint = report.fingerprint.value_or(0);
    row.revision = settings_.revision;
    if (settings_.verify) row.holds = report.holds();
    else if (!report.expectations.empty()) row.holds = report.came_true();
    row.compiler = __VERSION__;
    row.machine = machine_;
    return row;
  }

  experiment_report report_of(planned_run run, const scenario& runs) const {
    // A failure of one thread ends the runs of all.
    const stop_question stop = [this] { return failing_ ? SIGTERM : stop_(); };
    if (!settings_.verify) return simulate(runs, stop);
    const fs::path folder = fs::path(settings_.folder) / "runs" / fmt::format("{}-{}", run.point, runs.seed);
    experiment_report report = run_on_simulator(runs, folder.string(), stop);
    if (!report.not_written.empty()) throw store_error(report.not_written.front());
    return report;
  }

  const study& study_;
  const sweep_settings& settings_;
  results_store& store_;
  const stop_question& stop_;
  const std::function<void(const sweep_progress&)>& progress_;
  const std::string machine_ = machine_name();
  std::mutex mutex_;
  std::condition_variable changed_;
  run_queue queue_;
  std::uint64_t earlier_ = 0;
  std::exception_ptr failed_;
  std::atomic<bool> failing_ = false;
};

void require_same_study(const results_header& there, const results_header& ours, const std::string& path) {
  if (there.digest == ours.digest) return;
  throw sweep_refusal(fmt::format(
      "{}: expected results of this study; got those of another or of an earlier form of it", printable(path)));
}

void require_same_revision(const std::string& there, const std::string& ours, const std::string& path) {
  if (there == ours) return;
  throw sweep_refusal(fmt::format("{}: expected results of revision {}; got those of {} (--mix-revisions allows it)",
                                  printable(path), ours, there));
}

// Runs beyond would be there and count no more.
void require_no_fewer_seeds(const results_store& there, std::uint64_t seeds, const std::string& path) {
  std::uint64_t most = 0;
  there.for_each([&](const run_result& row) { most = std::max(most, row.number + 1); });
  if (most <= seeds) return;
  throw sweep_refusal(
      fmt::format("{}: expected --seeds {} or more, of which results are there; got {}", printable(path), most, seeds));
}

}  // namespace

results_header header_of(const study& of, const sweep_settings& settings) {
  results_header header;
  header.study = of.name;
  header.digest = of.digest;
  header.revision = settings.revision;
  header.rule = settings.rule;
  header.keys = of.keys;
  for (const chosen_measure& each : of.measures) header.measures.push_back(each.name);
  for (const study_point& each : of.points) {
    header.points.push_back(each.values);
    header.first_seeds.push_back(each.runs.seed);
  }
  return header;
}

results_store run_sweep(const study& of, const sweep_settings& settings, const stop_question& stop,
                        const std::function<void(const sweep_progress&)>& progress) {
  const std::string path = results_path(settings.folder);
  const results_header header = header_of(of, settings);
  const bool there = fs::exists(path);
  if (there && !settings.resume)
    throw sweep_refusal(
        fmt::format("{}: expected no results yet; got some (--resume runs what is missing)", printable(path)));
  results_store store = there ? results_store::open(path) : results_store::create(path, header);
  if (there) {
    require_same_study(store.header(), header, path);
    if (!settings.mix_revisions) require_same_revision(store.header().revision, header.revision, path);
    require_no_fewer_seeds(store, settings.rule.seeds, path);
    store.set_rule(settings.rule);
  }
  sweeper(of, settings, store, stop, progress).run();
  return store;
}

results_store merge_shards(const std::string& folder, const std::vector<std::string>& shards, bool mix_revisions) {
  const std::string path = results_path(folder);
  if (fs::exists(path)) throw sweep_refusal(fmt::format("{}: expected no results yet; got some", printable(path)));
  std::vector<results_store> parts;
  for (const std::string& shard : shards) {
    const std::string from = fs::is_directory(shard) ? results_path(shard) : shard;
    parts.push_back(results_store::open(from));
    const results_header& first = parts.front().header();
    const results_header& here = parts.back().header();
    require_same_study(here, first, from);
    if (!mix_revisions) require_same_revision(here.revision, first.revision, from);
    const bool same_rule = here.rule.seeds == first.rule.seeds && here.rule.measure == first.rule.measure &&
                           here.rule.narrow_enough == first.rule.narrow_enough;
    if (!same_rule)
      throw sweep_refusal(fmt::format("{}: expected the same --seeds and --until-ci as in {}; got others",
                                      printable(from), printable(shards.front())));
  }
  const std::string unfinished = path + ".merging";
  fs::remove(unfinished);
  results_store::create(unfinished, parts.front().header()).add_all_of(parts);
  fs::rename(unfinished, path);
  return results_store::open(path);
}

}  // namespace seqwire
