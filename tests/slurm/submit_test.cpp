// A study on a real Slurm cluster: one node, started for each test in its own folder and namespaces (with_slurm).
#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using namespace command_runner;

constexpr std::string_view study =
    "[link]\ndelay = \"5ms\"\n[[flow]]\nrecords = 20\n[sweep]\n\"link.loss\" = [\"0%\", \"2%\", \"5%\"]\n"
    "\"flow.0.window\" = { from = 1, to = 4, step = 1 }\nseeds = 3\n";

struct cluster {
  cluster() { write_whole(folder.path("s.toml"), study); }

  // A line of shell beside the cluster, in the test's folder; skips where there can be no cluster.
  ended_command beside_slurm(const std::string& line) const {
    const ended_command ended =
        shell("exec " SEQWIRE_SOURCE_DIR "/tests/slurm/with_slurm \"$PWD/cluster\" bash -c '" + line + "'",
              {.folder = folder.path()});
    if (ended.exit_code == 77) {
      std::fprintf(stderr, "skipped: %s", ended.err.c_str());
      std::fflush(nullptr);
      ::_exit(77);
    }
    return ended;
  }
  std::string csv(const std::string& out) const {
    return read_whole(folder.path(out + "/results.csv")) + read_whole(folder.path(out + "/summary.csv"));
  }
  void expect_whole(const std::string& out) const {
    BOOST_TEST(seqwire_command({"sweep", folder.path("s.toml"), "--out", folder.path("whole")}).exit_code == 0);
    BOOST_TEST(csv(out) == csv("whole"));
    BOOST_TEST(csv(out) != "");
  }
  temporary_folder folder;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(submit_test, cluster)

BOOST_AUTO_TEST_CASE(submit__gives_what_one_machine_gives) {
  const ended_command ended =
      beside_slurm("\"$seqwire\" sweep submit s.toml --engine slurm --shards 3 --out \"it is here\" --partition short");
  BOOST_TEST(ended.exit_code == 0, ended.err);
  BOOST_TEST(ended.err == "seqwire: 3 shards are job 1, their merge is job 2\n");
  BOOST_TEST(ended.out.find("link.loss=5%, flow.0.window=4") != std::string::npos, ended.out);
  expect_whole("it is here");
}

BOOST_AUTO_TEST_CASE(submit__a_shard_that_fails_is_told_and_resumed) {
  // Where the second shard would write, there is a file.
  write_whole(folder.path("out/shards/2"), "in the way");
  const ended_command failed = beside_slurm("\"$seqwire\" sweep submit s.toml --shards 2 --out out --resume");
  BOOST_TEST(failed.exit_code == 4, failed.err);
  BOOST_TEST(failed.err.find("of 12 points lack runs: a shard is missing") != std::string::npos, failed.err);
  BOOST_TEST(read_whole(folder.path("out/slurm/shard-2.log")).find("--out: expected a folder") != std::string::npos);
  fs::remove(folder.path("out/shards/2"));
  const ended_command refused = beside_slurm("\"$seqwire\" sweep submit s.toml --shards 2 --out out");
  BOOST_TEST(refused.exit_code == 2);
  BOOST_TEST(refused.err.find("--out: expected a folder without results") != std::string::npos, refused.err);
  BOOST_TEST(beside_slurm("\"$seqwire\" sweep submit s.toml --shards 2 --out out --resume --json").exit_code == 0);
  expect_whole("out");
}

BOOST_AUTO_TEST_CASE(submit__what_slurm_refuses_is_said_in_its_words) {
  expect_complaint(beside_slurm("\"$seqwire\" sweep submit s.toml --shards 2 --partition none"), 1,
                   "sbatch refused: sbatch: error: invalid partition specified: none");
}

BOOST_AUTO_TEST_CASE(submit__a_merge_that_somebody_ends_is_no_success) {
  const ended_command ended = beside_slurm(
      "mkfifo said; \"$seqwire\" sweep submit s.toml --shards 2 --sbatch=--begin=now+1hour --out out 2>said & "
      "read -r line <said; scancel 1 2; wait $!");
  BOOST_TEST(ended.exit_code == 1, ended.err);
}

BOOST_AUTO_TEST_CASE(submit__interrupted_leaves_the_jobs) {
  const ended_command ended = beside_slurm(
      "mkfifo said; \"$seqwire\" sweep submit s.toml --shards 2 --sbatch=--begin=now+1hour --out out 2>said & "
      "exec 3<said; read -r line <&3; kill -TERM $!; read -r line <&3; echo \"$line\"; "
      "squeue --noheader --format=%i; wait $!");
  BOOST_TEST(ended.exit_code == 143, ended.err);
  BOOST_TEST(ended.out.starts_with("seqwire: interrupted by signal 15; the jobs go on: squeue --jobs=1,2 shows them\n"),
             ended.out);
  BOOST_TEST(ended.out.find("1_[1-2]") != std::string::npos, ended.out);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
