// Where the command writes: data on standard output, everything else on standard error, files whole or not there; and
// what it does when it cannot write, when nobody reads, and when a signal ends it.
#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using namespace command_runner;

struct own_folder {
  own_folder() { write_whole(folder.path("files/one"), std::string(5'000, 'x')); }
  std::vector<std::string> demo(const std::string& out) const {
    return {"demo", folder.path("files"), "--only", "sim", "--out", out};
  }
  temporary_folder folder;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(output_test, own_folder)

BOOST_AUTO_TEST_CASE(demo__leaves_one_capture_two_journals_and_a_summary) {
  const ended_command ended = seqwire_command(demo(folder.path("out")));
  BOOST_TEST(ended.exit_code == 0);
  BOOST_TEST(ended.err == "");
  std::set<std::string> names;
  for (const auto& each : fs::directory_iterator(folder.path("out/simulator"))) names.insert(each.path().filename());
  BOOST_TEST(
      (names == std::set<std::string>{"capture.pcapng", "a.journal.ndjson", "b.journal.ndjson", "summary.json"}));
  BOOST_TEST(ended.out.find("tshark -r " + folder.path("out/simulator/capture.pcapng")) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(demo__json_is_one_object_and_nothing_else) {
  auto words = demo(folder.path("out"));
  words.push_back("--json");
  const auto object = nlohmann::json::parse(seqwire_command(words).out);
  BOOST_TEST(object.at("schema").get<std::string>() == "seqwire.demo/1");
  BOOST_TEST(object.at("simulator").at("schema").get<std::string>() == "seqwire.summary/1");
  BOOST_TEST(object.at("simulator").at("verdict").at("schema").get<std::string>().starts_with("seqwire."));
}

BOOST_AUTO_TEST_CASE(out__an_earlier_run_is_replaced_and_that_is_said) {
  BOOST_TEST(seqwire_command(demo(folder.path("out"))).err == "");
  write_whole(folder.path("out/simulator/notes"), "mine");
  write_whole(folder.path("out/simulator/a.inputs"),
              "seqwire-inputs of a run on the wire");  // would be taken for this run's
  const ended_command again = seqwire_command(demo(folder.path("out")));
  BOOST_TEST(again.exit_code == 0);
  BOOST_TEST(again.err == "seqwire: replaces an earlier run in " + folder.path("out/simulator") + '\n');
  BOOST_TEST(read_whole(folder.path("out/simulator/notes")) == "mine");
  BOOST_TEST(!fs::exists(folder.path("out/simulator/a.inputs")));
}

BOOST_AUTO_TEST_CASE(out__what_no_run_wrote_is_not_replaced) {
  for (const char* name : {"summary.json", "capture.pcapng", "a.journal.ndjson", "b.inputs"}) {
    const std::string out = folder.path(std::string("theirs-") + name);
    const std::string taken = out + "/simulator/" + name;
    write_whole(taken, "{\"mine\": true}");
    expect_complaint(seqwire_command(demo(out)), 2, "--out: a run would replace " + taken);
    BOOST_TEST(read_whole(taken) == "{\"mine\": true}");
    BOOST_TEST(std::distance(fs::directory_iterator(out + "/simulator"), fs::directory_iterator()) == 1);
  }
}

BOOST_AUTO_TEST_CASE(failure__is_told_in_one_line_with_all_that_was_asked) {
  auto words = demo(folder.path("out"));
  words.insert(words.end(), {"--set", "link.loss=100%"});
  const ended_command cut = seqwire_command(words);
  BOOST_TEST(cut.exit_code == 3);
  BOOST_TEST(cut.err ==
             "seqwire: error: on the simulator: flow 0 a to b: gave up because no answer came; 0 of 1 record "
             "delivered\n");
  BOOST_TEST(cut.out.find("0 of 1 records") != std::string::npos, cut.out);
  BOOST_TEST(cut.out.find("not done\n") != std::string::npos, cut.out);
  words.insert(words.end(), {"--set", "scenario.time_limit=1ms", "--out", folder.path("out2")});
  words.erase(words.begin() + 4, words.begin() + 6);  // the first --out
  const ended_command short_of_time = seqwire_command(words);
  BOOST_TEST(short_of_time.exit_code == 3);
  BOOST_TEST(short_of_time.err.find("the time limit ended the run before it was open") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(demo__file_names_that_are_no_text_do_no_harm) {
  write_whole(folder.path("files/b\xff"
                          "d"),
              "contents");
  auto words = demo(folder.path("out"));
  words.push_back("--json");
  const ended_command ended = seqwire_command(words);
  BOOST_TEST(ended.exit_code == 0, ended.err);
  BOOST_TEST(nlohmann::json::accept(ended.out));
}

BOOST_AUTO_TEST_CASE(out__something_that_is_no_folder) {
  write_whole(folder.path("taken"), "mine");
  expect_complaint(seqwire_command(demo(folder.path("taken"))), 2, "--out: expected a folder");
  expect_complaint(seqwire_command(demo("/dev/full")), 2, "--out: expected a folder");
  expect_complaint(
      seqwire_command({"receive", "--interface", "none0", "--socket", "3000", "--out", folder.path("taken")}), 2,
      "--out: expected a folder");
  BOOST_TEST(read_whole(folder.path("taken")) == "mine");
  expect_complaint(seqwire_command(demo("/proc/nowhere")), 1,
                   "seqwire: error: cannot use /proc/nowhere/simulator: No such file or directory");
}

BOOST_AUTO_TEST_CASE(standard_output__full) {
  expect_complaint(shell("\"$seqwire\" headers > /dev/full"), 1,
                   "cannot write to standard output: No space left on device");
  expect_complaint(shell("\"$seqwire\" --version > /dev/full"), 1, "cannot write to standard output");
}

BOOST_AUTO_TEST_CASE(standard_output__nobody_reads) {
  const ended_command ended = shell("\"$seqwire\" headers | true; echo ${PIPESTATUS[0]}");
  BOOST_TEST(ended.out == "0\n");
  BOOST_TEST(ended.err == "");
}

BOOST_AUTO_TEST_CASE(standard_output__closed_is_not_given_to_a_file) {
  const ended_command ended =
      shell("\"$seqwire\" demo files --only sim --out out >&- 2>&- <&-; echo $?", {.folder = folder.path()});
  BOOST_TEST(ended.out == "0\n");
  const ended_command judged = seqwire_command({"verify", folder.path("out/simulator/capture.pcapng")});
  BOOST_TEST(judged.exit_code == 0, judged.err);
}

BOOST_AUTO_TEST_CASE(disk__full_is_reported_in_one_line_for_each_file) {
  // A file may not grow beyond 4 KiB: the signal for it is ignored, so that write() fails as on a full disk.
  const ended_command ended =
      shell("ulimit -f 4; exec \"$seqwire\" demo files --only sim --out out", {.folder = folder.path()});
  BOOST_TEST(ended.exit_code == 1);
  BOOST_TEST(ended.err.find("File too large") != std::string::npos, ended.err);
  std::istringstream lines(ended.err);
  for (std::string line; std::getline(lines, line);)
    BOOST_TEST(line.starts_with("seqwire: error: on the simulator: cannot write out/simulator/"), line);
}

// The capture of a run that is killed while it writes.
BOOST_AUTO_TEST_CASE(signal__leaves_files_that_read_to_their_last_whole_record) {
  for (const auto& [number, code] : {std::pair{SIGINT, 130}, std::pair{SIGTERM, 143}, std::pair{SIGKILL, 137}}) {
    const std::string out = folder.path("out" + std::to_string(number));
    write_whole(folder.path("long.toml"), "[[flow]]\nrecords = 1000000\nrecord_size = 20000\n");
    // The capture is a FIFO until it is read: reading it to a good length proves that the run is under way.
    fs::create_directories(out);
    const std::string capture = out + "/capture.pcapng";
    BOOST_REQUIRE(::mkfifo(capture.c_str(), 0600) == 0);
    running_command run(seqwire_with({"run", folder.path("long.toml"), "--out", out}));
    const descriptor reader(::open(capture.c_str(), O_RDONLY | O_CLOEXEC));
    std::string whole(2'000'000, '\0');
    std::size_t got = 0;
    const auto take = [&] {
      const ssize_t count = ::read(reader.number(), whole.data() + got, whole.size() - got);
      if (count > 0) got += static_cast<std::size_t>(count);
      return count > 0;
    };
    while (got < 1'000'000 && take()) {
    }
    run.signal(number);
    while (got < whole.size() && take()) {
    }
    const ended_command ended = run.finish();
    BOOST_TEST(ended.exit_code == code);
    BOOST_TEST(ended.out == "");
    write_whole(folder.path("cut.pcapng"), std::string_view(whole).substr(0, got));
    const ended_command judged = seqwire_command({"verify", folder.path("cut.pcapng")});
    BOOST_TEST((judged.exit_code == 0 || judged.exit_code == 4), judged.err << judged.out);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
