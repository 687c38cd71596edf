// `seqwire sweep` as its users meet it: what it writes and says, and that neither Ctrl-C nor kill -9 costs a result.
#include <poll.h>
#include <sys/inotify.h>

#include <map>
#include <nlohmann/json.hpp>

#include "lab/sweep/results_store.hpp"
#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using namespace command_runner;

constexpr std::string_view small_study =
    "[link]\ndelay = \"5ms\"\n[[flow]]\nrecords = 20\n[sweep]\n\"link.loss\" = [\"0%\", \"5%\"]\nseeds = 4\n";
// Long enough to be met in its middle.
constexpr std::string_view long_study =
    "[link]\ndelay = \"5ms\"\nloss = \"2%\"\n[[flow]]\nrecords = 1000\nwindow = 16\n[sweep]\n"
    "\"flow.0.record_size\" = [500, 1000]\nseeds = 100\n";

struct study_folder {
  std::vector<std::string> sweep(std::string_view study, const std::string& out,
                                 const std::vector<std::string>& more = {}) const {
    write_whole(folder.path("s.toml"), study);
    std::vector<std::string> words{"sweep", folder.path("s.toml"), "--out", folder.path(out)};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::string csv(const std::string& out) const {
    return read_whole(folder.path(out + "/results.csv")) + read_whole(folder.path(out + "/summary.csv"));
  }
  // When each run was made, as told by how long it took: a run that is made again takes another time.
  std::map<std::pair<std::size_t, std::uint64_t>, double> rows(const std::string& out) const {
    std::map<std::pair<std::size_t, std::uint64_t>, double> found;
    results_store::open(folder.path(out + "/results.sqlite")).for_each([&](const run_result& each) {
      found[{each.point, each.number}] = each.seconds;
    });
    return found;
  }
  temporary_folder folder;
};

// Runs the command until there are some results, then signals it. Each result makes the journal of the file longer;
// of changes that nobody has read yet the kernel tells one.
void signal_in_the_middle(const std::string& directory, std::vector<std::string> command, int signal, int exit_code,
                          std::string& said) {
  fs::create_directories(directory);
  const descriptor watching(::inotify_init1(IN_CLOEXEC));
  BOOST_REQUIRE(::inotify_add_watch(watching.number(), directory.c_str(), IN_MODIFY) >= 0);
  running_command run(seqwire_with(std::move(command)));
  std::error_code not_there;
  for (std::uintmax_t size = 0; size < 65'536;) {
    pollfd watched{watching.number(), POLLIN, 0};
    BOOST_REQUIRE_MESSAGE(::poll(&watched, 1, patience_ms) == 1, "no results came");
    std::array<char, 4096> events{};
    BOOST_REQUIRE(::read(watching.number(), events.data(), events.size()) > 0);
    const auto now = fs::file_size(directory + "/results.sqlite-wal", not_there);
    if (!not_there) size = now;
  }
  run.signal(signal);
  const ended_command ended = run.finish();
  BOOST_TEST(ended.exit_code == exit_code, ended.err);
  BOOST_TEST(ended.out == "");
  said = ended.err;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sweep_test, study_folder)

BOOST_AUTO_TEST_CASE(sweep__writes_results_and_says_means) {
  const ended_command ended = seqwire_command(sweep(small_study, "out"));
  BOOST_TEST(ended.exit_code == 0);
  BOOST_TEST(ended.err == "", "not a terminal: no bar");
  BOOST_TEST(ended.out.find("link.loss=5%") != std::string::npos, ended.out);
  BOOST_TEST(ended.out.find("goodput") != std::string::npos, ended.out);
  const std::string results = read_whole(folder.path("out/results.csv"));
  BOOST_TEST(results.starts_with("point,link.loss,seed,goodput,duration,complete,"), results);
  BOOST_TEST(std::count(results.begin(), results.end(), '\n') == 9);
  BOOST_TEST(results.find("\n1,5%,4,") != std::string::npos, results);
  BOOST_TEST(fs::exists(folder.path("out/results.sqlite")));
}

BOOST_AUTO_TEST_CASE(sweep__json_is_one_object) {
  const auto object = nlohmann::json::parse(seqwire_command(sweep(small_study, "out", {"--json"})).out);
  BOOST_TEST(object.at("schema").get<std::string>() == "seqwire.sweep/1");
  BOOST_TEST(object.at("points").size() == 2u);
  BOOST_TEST(object.at("points").at(1).at("settings").at("link.loss").get<std::string>() == "5%");
  BOOST_TEST(object.at("points").at(1).at("measures").at("goodput").at("n").get<int>() == 4);
  const auto version = nlohmann::json::parse(seqwire_command({"--version", "--json"}).out);
  BOOST_TEST(object.at("revision") == version.at("revision"));
  BOOST_TEST(version.at("revision").get<std::string>() != "");
}

BOOST_AUTO_TEST_CASE(sweep__a_point_that_fails_its_expectation_is_told) {
  const std::string expecting = std::string(small_study) + "[expect]\nretransmissions = 0\n";
  const ended_command ended = seqwire_command(sweep(expecting, "out"));
  BOOST_TEST(ended.exit_code == 3);
  BOOST_TEST(ended.err.find(" of 8 runs do not hold\n") != std::string::npos, ended.err);
  BOOST_TEST(ended.out.find("  hold\n") != std::string::npos, ended.out);
  BOOST_TEST(csv("out").find("\n0,0%,1,") != std::string::npos);
  const auto object = nlohmann::json::parse(seqwire_command(sweep(expecting, "again", {"--json"})).out);
  BOOST_TEST(object.at("judged") == 8);
  BOOST_TEST(object.at("points").at(0).at("broken") == 0);  // nothing is lost
  BOOST_TEST(object.at("points").at(1).at("broken").get<int>() > 0);
  BOOST_TEST(object.at("points").at(1).at("broken") == object.at("broken"));
  BOOST_TEST(seqwire_command(sweep(expecting, "mild", {"--set", "expect.retransmissions=< 1000"})).exit_code == 0);
}

BOOST_AUTO_TEST_CASE(sweep__lists_points_and_measures) {
  const ended_command points = seqwire_command(sweep(small_study, "out", {"--dry-run"}));
  BOOST_TEST(points.out == "       0  link.loss=0%\n       1  link.loss=5%\n2 points with 4 seeds: 8 runs\n");
  BOOST_TEST(!fs::exists(folder.path("out")));
  const auto listed = nlohmann::json::parse(seqwire_command(sweep(small_study, "out", {"--dry-run", "--json"})).out);
  BOOST_TEST(listed.at("points").size() == 2u);
  BOOST_TEST(seqwire_command({"sweep", "--measures"}).out.find("flow.N.goodput") != std::string::npos);
  const auto measures = nlohmann::json::parse(seqwire_command({"sweep", "--measures", "--json"}).out);
  BOOST_TEST(measures.at("measures").at(0).at("name").get<std::string>() == "goodput");
}

BOOST_AUTO_TEST_CASE(sweep__results_that_are_there_are_kept) {
  BOOST_TEST(seqwire_command(sweep(small_study, "out")).exit_code == 0);
  const auto before = rows("out");
  expect_complaint(seqwire_command(sweep(small_study, "out")), 2, "expected no results yet; got some");
  const ended_command again = seqwire_command(sweep(small_study, "out", {"--resume"}));
  BOOST_TEST(again.exit_code == 0, again.err);
  BOOST_TEST((rows("out") == before));
  expect_complaint(seqwire_command(sweep(small_study, "out", {"--resume", "--set", "flow.0.records=21"})), 2,
                   "expected results of this study");
}

BOOST_AUTO_TEST_CASE(sweep__shards_merge_to_the_whole) {
  BOOST_TEST(seqwire_command(sweep(small_study, "whole", {"--jobs", "2"})).exit_code == 0);
  BOOST_TEST(seqwire_command(sweep(small_study, "1", {"--shard", "1/2"})).exit_code == 0);
  BOOST_TEST(seqwire_command(sweep(small_study, "2", {"--shard", "2/2"})).exit_code == 0);
  const ended_command merged =
      seqwire_command({"sweep", "merge", folder.path("merged"), folder.path("1"), folder.path("2")});
  BOOST_TEST(merged.exit_code == 0, merged.err);
  BOOST_TEST(csv("merged") == csv("whole"));
  fs::remove_all(folder.path("3"));
  BOOST_TEST(seqwire_command(sweep(small_study, "3", {"--shard", "1/1", "--seeds", "3"})).exit_code == 0);
  expect_complaint(seqwire_command({"sweep", "merge", folder.path("x"), folder.path("1"), folder.path("3")}), 2,
                   "expected the same --seeds and --until-ci");
  expect_complaint(seqwire_command({"sweep", "merge", folder.path("x"), folder.path("none")}), 1, "none");
}

BOOST_AUTO_TEST_CASE(merge__of_too_few_is_inconclusive) {
  const std::string study = std::string(small_study) + "\"flow.0.window\" = { from = 1, to = 8, step = 1 }\n";
  BOOST_TEST(seqwire_command(sweep(study, "1", {"--shard", "1/2"})).exit_code == 0);
  const ended_command merged = seqwire_command({"sweep", "merge", folder.path("merged"), folder.path("1")});
  BOOST_TEST(merged.exit_code == 4);
  BOOST_TEST(merged.err.find("of 16 points lack runs") != std::string::npos, merged.err);
}

BOOST_AUTO_TEST_CASE(sweep__until_the_interval_is_narrow) {
  const ended_command ended = seqwire_command(
      sweep(small_study, "out", {"--until-ci", "10%", "--seeds", "500", "--measure", "duration", "--json"}));
  BOOST_TEST(ended.exit_code == 0, ended.err);
  for (const auto& point : nlohmann::json::parse(ended.out).at("points")) {
    const auto& duration = point.at("measures").at("duration");
    BOOST_TEST(duration.at("half_width").get<double>() <= 0.1 * duration.at("mean").get<double>());
    BOOST_TEST(point.at("runs").get<int>() < 500);
  }
}

BOOST_AUTO_TEST_CASE(sweep__bad_options) {
  const auto refused = [&](const std::vector<std::string>& more, std::string_view why) {
    expect_complaint(seqwire_command(sweep(small_study, "out", more)), 2, why);
    BOOST_TEST(!fs::exists(folder.path("out")));
  };
  for (const char* shard : {"0/2", "3/2", "1", "1/", "/2", "1/0", "x/y", "1/2/3"})
    refused({"--shard", shard}, "--shard: expected NUMBER/SHARDS");
  for (const char* share : {"0", "0%", "-1%", "101%", "x"})
    refused({std::string("--until-ci=") + share}, "--until-ci: expected");
  for (const char* jobs : {"0", "-1", "1025", "x"}) refused({std::string("--jobs=") + jobs}, "--jobs: expected");
  refused({"--seeds", "0"}, "--seeds: expected a whole number from 1 to 1000000; got 0");
  refused({"--measure", "goodput"}, "--measure: expected with --until-ci only");
  refused({"--until-ci", "1%", "--measure", "nonsense"}, "--measure: expected one that the study has (goodput, ");
  refused({"--set", "link.los=1"}, "loss, the nearest known one");
  expect_complaint(seqwire_command({"sweep", folder.path("s.toml"), "--out", "/proc/x"}), 1, "cannot create /proc/x");
  expect_complaint(seqwire_command({"sweep"}), 2, "expected a study; got none");
  expect_complaint(seqwire_command({"sweep", "merge"}), 2, "expected out; got none");
  expect_complaint(seqwire_command({"sweep", folder.path("none.toml")}), 2, "cannot be read");
}

BOOST_AUTO_TEST_CASE(sweep__killed_in_the_middle_loses_and_repeats_nothing) {
  std::string said;
  signal_in_the_middle(folder.path("cut"), sweep(long_study, "cut", {"--jobs", "2"}), SIGKILL, 137, said);
  const auto before = rows("cut");
  BOOST_TEST(before.size() > 0u);
  BOOST_TEST(before.size() < 200u);
  const ended_command resumed = seqwire_command(sweep(long_study, "cut", {"--jobs", "2", "--resume"}));
  BOOST_TEST(resumed.exit_code == 0, resumed.err);
  const auto after = rows("cut");
  BOOST_TEST(after.size() == 200u);
  for (const auto& [run, seconds] : before) BOOST_TEST(after.at(run) == seconds);
  BOOST_TEST(seqwire_command(sweep(long_study, "whole")).exit_code == 0);
  BOOST_TEST(csv("cut") == csv("whole"));
}

BOOST_AUTO_TEST_CASE(sweep__interrupted_says_how_to_go_on) {
  std::string said;
  signal_in_the_middle(folder.path("cut"), sweep(long_study, "cut"), SIGINT, 130, said);
  BOOST_TEST(said == "seqwire: interrupted by signal 2; what has ended is in " + folder.path("cut") +
                         "/results.sqlite; the same command with --resume runs the rest\n");
  BOOST_TEST(rows("cut").size() > 0u);
  BOOST_TEST(seqwire_command(sweep(long_study, "cut", {"--resume"})).exit_code == 0);
  BOOST_TEST(rows("cut").size() == 200u);
}

BOOST_AUTO_TEST_CASE(sweep__verified_runs_that_do_not_hold_are_told) {
  // Nothing arrives: the flow gives up, which is no graceful end.
  const std::string study = std::string(small_study) + "\"link.a_to_b.loss\" = [\"100%\"]\n";
  const ended_command ended = seqwire_command(sweep(study, "out", {"--verify", "--seeds", "1"}));
  BOOST_TEST(ended.exit_code == 3);
  BOOST_TEST(ended.err == "seqwire: error: 2 of 2 runs do not hold\n");
  BOOST_TEST(fs::exists(folder.path("out/runs/0-1/summary.json")));
  BOOST_TEST(seqwire_command(sweep(study, "plain", {"--seeds", "1"})).exit_code == 0);
}

BOOST_AUTO_TEST_CASE(submit__shows_its_scripts_and_writes_nothing) {
  auto words = sweep(small_study, "out", {"--shards", "5", "--until-ci", "5%", "--partition", "p", "--dry-run"});
  words.insert(words.begin() + 1, "submit");
  const ended_command shown = seqwire_command(words);
  BOOST_TEST(shown.exit_code == 0, shown.err);
  BOOST_TEST(shown.out.find("#SBATCH --array=1-5\n") != std::string::npos, shown.out);
  BOOST_TEST(shown.out.find("'--until-ci' '5%'") != std::string::npos, shown.out);
  BOOST_TEST(!fs::exists(folder.path("out")));
}

BOOST_AUTO_TEST_CASE(submit__needs_a_cluster_and_a_good_study) {
  const auto submit = [&](std::string_view study, const std::vector<std::string>& more) {
    auto words = sweep(study, "out", more);
    words.insert(words.begin() + 1, "submit");
    return seqwire_command(words, {.environment = {"PATH=/nonexistent"}});
  };
  expect_complaint(submit(small_study, {"--shards", "2"}), 1, "sbatch refused: ");
  fs::remove_all(folder.path("out"));
  expect_complaint(submit(small_study, {}), 2, "expected --shards; got none");
  expect_complaint(submit(small_study, {"--shards", "0"}), 2, "--shards: expected a whole number from 1 to 100000");
  expect_complaint(submit(small_study, {"--shards", "2", "--engine", "pbs"}), 2, "--engine: expected one of");
  expect_complaint(submit(small_study, {"--shards", "2", "--until-ci", "x"}), 2, "--until-ci: expected");
  expect_complaint(submit("[[flow]]\n", {"--shards", "2"}), 2, "expected [sweep]; got none");
  BOOST_TEST(!fs::exists(folder.path("out")));
}

BOOST_AUTO_TEST_CASE(sweep__the_disk_is_full) {
  const ended_command ended = shell("ulimit -f 16; exec \"$seqwire\" sweep s.toml --out out",
                                    {.folder = (static_cast<void>(sweep(long_study, "x")), folder.path())});
  BOOST_TEST(ended.exit_code == 1, ended.err);
  BOOST_TEST(ended.err.starts_with("seqwire: error: out/results.sqlite"), ended.err);
  BOOST_TEST(std::count(ended.err.begin(), ended.err.end(), '\n') == 1, ended.err);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
