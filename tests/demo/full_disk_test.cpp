// A disk that fills during a run does not end the run: what was written is judged, each file that is not whole is
// named, and the exit code says that the run could not be completed.
#include <sys/resource.h>

#include <nlohmann/json.hpp>

#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using namespace command_runner;

struct full_disk {
  full_disk() { write_whole(folder.path("file"), std::string(600'000, 'x')); }

  // The demo's files may grow to this size; no file system refuses more exactly.
  ended_command demo_with_limit(rlim_t octets_each, std::vector<std::string> more = {}) const {
    run_settings settings;
    settings.before_exec = [octets_each] {
      const rlimit limit{octets_each, octets_each};
      ::setrlimit(RLIMIT_FSIZE, &limit);
    };
    more.insert(more.begin(), {"demo", folder.path("file"), "--only", "sim", "--out", folder.path("out")});
    return seqwire_command(more, settings);
  }
  std::string output(const char* name) const { return folder.path(std::string("out/simulator/") + name); }
  static std::size_t lines_of(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }

  temporary_folder folder;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(full_disk_test, full_disk)

BOOST_AUTO_TEST_CASE(capture__is_named_and_judged_as_far_as_it_goes) {
  const ended_command ended = demo_with_limit(100'000, {"--json"});
  BOOST_TEST(ended.exit_code == 1);
  BOOST_TEST(lines_of(ended.err) == 1u, ended.err);
  BOOST_TEST(ended.err.find("cannot write " + output("capture.pcapng")) != std::string::npos, ended.err);
  BOOST_TEST(ended.err.find("octets were written") != std::string::npos, ended.err);
  const auto summary = nlohmann::json::parse(ended.out).at("simulator");
  BOOST_TEST(summary.at("files").at("equal").get<int>() == 1);  // the engine went on
  BOOST_TEST(summary.at("not_written").size() == 1u);
  BOOST_TEST(!summary.at("holds").get<bool>());
  BOOST_TEST(nlohmann::json::parse(read_whole(output("summary.json"))) == summary);
}

// Afterwards, too, the file itself says that it is not whole: no rule is broken by what it lacks.
BOOST_AUTO_TEST_CASE(capture__that_is_cut_anywhere_accuses_nobody) {
  for (rlim_t limit = 60'000; limit < 64'000; limit += 97) {
    BOOST_TEST(demo_with_limit(limit).exit_code == 1, "limit " << limit);
    const ended_command judged = seqwire_command({"verify", output("capture.pcapng"), "--journal",
                                                  output("a.journal.ndjson"), "--journal", output("b.journal.ndjson")});
    BOOST_TEST(judged.exit_code == 4, "limit " << limit << ": " << judged.err << judged.out);
  }
}

BOOST_AUTO_TEST_CASE(everything__too_small_for_the_summary_names_every_file) {
  const ended_command ended = demo_with_limit(200);
  BOOST_TEST(ended.exit_code == 1);
  for (const char* name : {"capture.pcapng", "a.journal.ndjson", "b.journal.ndjson", "summary.json"})
    BOOST_TEST(ended.err.find("cannot write " + output(name)) != std::string::npos, ended.err);
  BOOST_TEST(!fs::exists(output("summary.json")));  // whole or not at all
}

BOOST_AUTO_TEST_CASE(dev_full__is_named_whichever_file_it_stands_for) {
  for (const char* name : {"capture.pcapng", "a.journal.ndjson", "b.journal.ndjson", "summary.json"}) {
    fs::remove_all(folder.path("out"));
    fs::create_directories(folder.path("out/simulator"));
    fs::create_symlink("/dev/full", output(name));
    const ended_command ended = demo_with_limit(RLIM_INFINITY);
    BOOST_TEST(ended.exit_code == 1, name << ended.err);
    BOOST_TEST(
        ended.err.find("cannot write " + output(name) + ": No space left on device; 0 octets") != std::string::npos,
        ended.err);
  }
}

BOOST_AUTO_TEST_CASE(folder__that_cannot_be_made_is_told_before_anything_runs) {
  write_whole(folder.path("plain"), "x");
  const ended_command ended =
      seqwire_command({"demo", folder.path("file"), "--only", "sim", "--out", folder.path("plain/out")});
  BOOST_TEST(ended.exit_code == 1);
  BOOST_TEST(ended.out == "");
  BOOST_TEST(lines_of(ended.err) == 1u, ended.err);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
