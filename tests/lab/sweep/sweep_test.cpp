// A study run in every way there is: the exported octets are always the same.
#include "lab/sweep/sweep.hpp"

#include <csignal>

#include "lab/sweep/export.hpp"
#include "lab/wire/interrupted.hpp"
#include "tests/command_runner.hpp"

using namespace seqwire;
using namespace seqwire::command_runner;

namespace {

constexpr std::string_view text = R"([link]
delay = "5ms"
[[flow]]
records = 30
record_size = 700
[sweep]
"link.loss" = ["0%", "5%", "20%"]
"flow.0.window" = [2, 8]
seeds = 6
measures = ["goodput", "retransmissions", "round_trip_mean", "drops.duplicate"]
)";

struct world {
  world() {
    write_whole(folder.path("s.toml"), text);
    auto read = read_study(folder.path("s.toml"), {});
    BOOST_TEST_REQUIRE(read.has_value(), read.error().message);
    of = *std::move(read);
  }
  sweep_settings in(const std::string& name) const {
    fs::create_directories(folder.path(name));
    sweep_settings settings;
    settings.folder = folder.path(name);
    settings.revision = "r1";
    settings.rule.seeds = of.seeds;
    return settings;
  }
  sweep_summary run(const sweep_settings& settings) {
    progress.clear();
    const results_store store = run_sweep(
        of, settings, [] { return 0; }, [&](const sweep_progress& now) { progress.push_back(now); });
    return export_results(store, settings.folder);
  }
  std::string exported(const std::string& name) const {
    return read_whole(folder.path(name + "/results.csv")) + read_whole(folder.path(name + "/summary.csv"));
  }
  static std::size_t lines_of(const std::string& path) {
    const std::string whole = read_whole(path);
    return static_cast<std::size_t>(std::count(whole.begin(), whole.end(), '\n'));
  }

  temporary_folder folder;
  study of;
  std::vector<sweep_progress> progress;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sweep_test, world)

BOOST_AUTO_TEST_CASE(run_sweep__every_point_times_every_seed) {
  const sweep_summary summary = run(in("out"));
  BOOST_TEST(summary.points.size() == 6u);
  BOOST_TEST(summary.points_missing() == 0u);
  BOOST_TEST(lines_of(folder.path("out/results.csv")) == 1u + 36u);
  BOOST_TEST(lines_of(folder.path("out/summary.csv")) == 1u + 6u);
  BOOST_TEST(progress.back().ended == 36u);
  BOOST_TEST(progress.back().most == 36u);
  // Twice the window is more, and loss is less.
  BOOST_TEST(*summary.points[0].measures[0].mean() < *summary.points[1].measures[0].mean());
  BOOST_TEST(*summary.points[5].measures[0].mean() < *summary.points[1].measures[0].mean());
  BOOST_TEST(*summary.points[0].measures[1].mean() == 0.0);
  BOOST_TEST(*summary.points[4].measures[1].mean() > 0.0);
}

BOOST_AUTO_TEST_CASE(run_sweep__does_not_depend_on_how_many_run_at_a_time) {
  sweep_settings one = in("one");
  sweep_settings four = in("four");
  four.jobs = 4;
  run(one);
  run(four);
  BOOST_TEST(exported("one") == exported("four"));
  one = in("one until");
  four = in("four until");
  four.jobs = 4;
  one.rule = four.rule = {.seeds = 40, .narrow_enough = 0.1};
  const sweep_summary summary = run(one);
  run(four);
  BOOST_TEST(exported("one until") == exported("four until"));
  BOOST_TEST(summary.points[0].runs == 3u);
  BOOST_TEST(summary.points[4].runs > 3u);
  for (const point_summary& each : summary.points)
    BOOST_TEST((each.runs == 40 || *each.measures[0].half_width() <= 0.1 * *each.measures[0].mean()));
}

BOOST_AUTO_TEST_CASE(merge_shards__is_the_whole_to_the_octet) {
  run(in("whole"));
  std::vector<std::string> shards;
  for (std::uint64_t number = 1; number <= 4; ++number) {
    sweep_settings settings = in("shard" + std::to_string(number));
    settings.shard = {number, 4};
    run(settings);
    shards.insert(shards.begin(), settings.folder);  // their order does not matter
  }
  const auto merged = [&](const std::string& name, const std::vector<std::string>& from) {
    fs::create_directories(folder.path(name));
    return export_results(merge_shards(folder.path(name), from, false), folder.path(name));
  };
  BOOST_TEST(merged("merged", shards).points_missing() == 0u);
  BOOST_TEST(exported("merged") == exported("whole"));
  // The same shard twice is no harm, one that is missing is told.
  shards.push_back(shards.front());
  merged("twice", shards);
  BOOST_TEST(exported("twice") == exported("whole"));
  std::uint64_t missing = 0;
  for (const std::string& each : shards)
    missing +=
        merged("only " + fs::path(each).filename().string() + "x" + std::to_string(missing), {each}).points_missing();
  BOOST_TEST(missing > 6u);
}

BOOST_AUTO_TEST_CASE(merge_shards__refuses_what_does_not_belong_together) {
  sweep_settings first = in("a");
  first.shard = {1, 2};
  sweep_settings second = in("b");
  second.shard = {2, 2};
  second.revision = "r2";
  run(first);
  run(second);
  fs::create_directories(folder.path("m"));
  const auto refusal = [&](bool mix) -> std::string {
    try {
      static_cast<void>(merge_shards(folder.path("m"), {first.folder, second.folder}, mix));
      return "";
    } catch (const sweep_refusal& refused) {
      return refused.what();
    }
  };
  BOOST_TEST(refusal(false).ends_with("expected results of revision r1; got those of r2 (--mix-revisions allows it)"));
  BOOST_TEST(refusal(true) == "");
  BOOST_TEST(refusal(true).ends_with("expected no results yet; got some"));
}

BOOST_AUTO_TEST_CASE(run_sweep__resumes_with_what_is_missing) {
  run(in("whole"));
  sweep_settings settings = in("cut");
  std::size_t asked = 0;
  // Ends after some runs, whichever they are.
  const auto stop = [&] { return asked > 10 ? SIGINT : 0; };
  const auto count = [&](const sweep_progress& now) { asked = now.ended; };
  BOOST_CHECK_THROW(static_cast<void>(run_sweep(of, settings, stop, count)), interrupted);
  BOOST_CHECK_THROW(run(settings), sweep_refusal);
  settings.resume = true;
  run(settings);
  BOOST_TEST(progress.front().earlier == 11u);
  BOOST_TEST(progress.front().ended == 11u);
  BOOST_TEST(exported("cut") == exported("whole"));
  // More seeds later are the seeds that would have been there at once.
  settings.rule.seeds = 9;
  run(settings);
  BOOST_TEST(progress.front().ended == 36u);
  sweep_settings more = in("more");
  more.rule.seeds = 9;
  run(more);
  BOOST_TEST(exported("cut") == exported("more"));
  // Fewer would make results that are there count no more.
  settings.rule.seeds = 6;
  BOOST_CHECK_EXCEPTION(run(settings), sweep_refusal, [](const sweep_refusal& refused) {
    return std::string(refused.what()).ends_with("expected --seeds 9 or more, of which results are there; got 6");
  });
  BOOST_TEST(exported("cut") == exported("more"));
}

BOOST_AUTO_TEST_CASE(run_sweep__refuses_another_revision_and_another_study) {
  sweep_settings settings = in("out");
  run(settings);
  settings.resume = true;
  settings.revision = "r2";
  BOOST_CHECK_THROW(run(settings), sweep_refusal);
  settings.mix_revisions = true;
  run(settings);
  of.digest = "other";
  BOOST_CHECK_THROW(run(settings), sweep_refusal);
}

BOOST_AUTO_TEST_CASE(run_sweep__verified_runs_leave_their_files) {
  sweep_settings settings = in("out");
  settings.rule.seeds = 2;
  settings.verify = true;
  settings.jobs = 2;
  const sweep_summary summary = run(settings);
  BOOST_TEST(summary.judged == 12u);
  BOOST_TEST(summary.broken == 0u);
  BOOST_TEST(fs::exists(folder.path("out/runs/5-2/capture.pcapng")));
  // The measures are those of a run that leaves nothing.
  sweep_settings plain = in("plain");
  plain.rule.seeds = 2;
  run(plain);
  std::string judged = read_whole(folder.path("out/results.csv"));
  for (std::size_t at = judged.find(",yes,"); at != std::string::npos; at = judged.find(",yes,", at))
    judged.erase(at + 1, 3);
  BOOST_TEST(judged == read_whole(folder.path("plain/results.csv")));
}

BOOST_AUTO_TEST_CASE(run_sweep__a_run_that_fails_ends_it) {
  for (study_point& each : of.points) each.runs.flows[0].files = folder.path("no such folder");
  sweep_settings settings = in("out");
  settings.jobs = 3;
  BOOST_CHECK_THROW(run(settings), std::system_error);
}

BOOST_AUTO_TEST_SUITE_END()
