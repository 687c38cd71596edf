// The demo's promise on the simulator: whatever the seed, every file arrives as it was sent and the verdict holds; and
// when nothing can arrive, one clear error.
#include <nlohmann/json.hpp>

#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using namespace command_runner;

struct own_files {
  // A few files of sizes that matter to packets of 1,458 octets.
  own_files() {
    for (const std::size_t size : {0u, 1u, 1457u, 1458u, 1459u, 2916u, 20'011u})
      write_whole(folder.path("files/of-" + std::to_string(size)),
                  std::string(size, static_cast<char>('a' + size % 26)));
    write_whole(folder.path("files/inner/another"), "in a folder");
  }
  nlohmann::json demo(const std::string& path, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"demo", path, "--only", "sim", "--json", "--out", folder.path("out")});
    last = seqwire_command(more);
    BOOST_REQUIRE_MESSAGE(nlohmann::json::accept(last.out), last.err << last.out);
    return nlohmann::json::parse(last.out).at("simulator");
  }
  void expect_all(const nlohmann::json& summary, int files, const std::string& what) const {
    BOOST_TEST(last.exit_code == 0, what << ": " << last.err);
    BOOST_TEST(summary.at("holds").get<bool>(), what);
    BOOST_TEST(summary.at("files").at("sent").get<int>() == files, what);
    BOOST_TEST(summary.at("files").at("equal").get<int>() == files, what);
  }

  temporary_folder folder;
  ended_command last;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(demo_test, own_files)

BOOST_AUTO_TEST_CASE(two_hundred_seeds__all_hold) {
  for (int seed = 1; seed <= 200; ++seed)
    expect_all(demo(folder.path("files"), {"--seed", std::to_string(seed)}), 8, "seed " + std::to_string(seed));
}

BOOST_AUTO_TEST_CASE(own_files__of_this_project_arrive) {
  for (const char* seed : {"1", "2", "3"}) {
    const ended_command ended =
        seqwire_command({"demo", "--only", "sim", "--json", "--seed", seed, "--out", folder.path("out")});
    BOOST_TEST(ended.exit_code == 0, seed << ended.err);
    const auto summary = nlohmann::json::parse(ended.out).at("simulator");
    BOOST_TEST(summary.at("files").at("sent") == summary.at("files").at("equal"));
    BOOST_TEST(summary.at("files").at("sent").get<int>() > 100);
  }
}

BOOST_AUTO_TEST_CASE(weather__comes_as_asked_for) {
  const std::string large = folder.path("large");
  write_whole(large, std::string(3'000'000, 'x'));
  const auto link = demo(large).at("link").at("a_to_b");
  const double frames = link.at("frames").get<double>();
  for (const char* kind : {"loss", "reordering", "duplication", "corruption"}) {
    const double asked = link.at("asked").at(kind).get<double>(), got = link.at("achieved").at(kind).get<double>();
    // Five standard deviations of so many independent draws; reordering and corruption have no lost frame to act on.
    BOOST_TEST(std::abs(got - asked) < 5 * std::sqrt(asked * (1 - asked) / frames) + 0.1 * asked, kind << ": " << got);
  }
}

BOOST_AUTO_TEST_CASE(loss__of_thirty_percent_delivers_everything) {
  for (const char* seed : {"1", "2", "3", "4", "5"})
    expect_all(demo(folder.path("files"), {"--seed", seed, "--set", "link.loss=30%"}), 8, std::string("seed ") + seed);
}

BOOST_AUTO_TEST_CASE(path__may_be_one_file) {
  expect_all(demo(folder.path("files/of-20011")), 1, "one file");
  expect_all(demo(folder.path("files/of-0")), 1, "an empty file");
}

BOOST_AUTO_TEST_CASE(large__ten_megabytes_are_one_record) {
  write_whole(folder.path("large"), std::string(10'000'000, 'x'));
  const auto summary = demo(folder.path("large"));
  expect_all(summary, 1, "10 MB");
  BOOST_TEST(summary.at("hosts").at("a").at("flows").at(0).at("records").get<int>() == 1);
  BOOST_TEST(summary.at("hosts").at("a").at("flows").at(0).at("data_packets_sent").get<int>() > 6'800);
}

BOOST_AUTO_TEST_CASE(record__that_is_too_long_fails_and_says_so) {
  const ended_command ended = seqwire_command({"demo", folder.path("files"), "--only", "sim", "--out",
                                               folder.path("out"), "--set", "flow.0.maximum_record=1B"});
  BOOST_TEST(ended.exit_code == 3);
  BOOST_TEST(ended.err.find("record too long") != std::string::npos, ended.err);
}

// A link cut from the start, then one that is cut once everything is under way: each datagram from the 10th on.
BOOST_AUTO_TEST_CASE(cut__gives_up_with_one_clear_error) {
  std::string drops = "drop=[10";
  for (int ordinal = 11; ordinal < 2'000; ++ordinal) drops += ',' + std::to_string(ordinal);
  for (const std::vector<std::string>& cut :
       {std::vector<std::string>{"link.loss=100%"}, {"link.a_to_b." + drops + ']', "link.b_to_a." + drops + ']'}}) {
    fs::remove_all(folder.path("out"));  // replacing a run is told, too
    std::vector<std::string> words{"demo", folder.path("files"), "--only", "sim", "--out", folder.path("out")};
    for (const std::string& each : cut) words.insert(words.end(), {"--set", each});
    const ended_command ended = seqwire_command(words);
    BOOST_TEST(ended.exit_code == 3);
    BOOST_TEST(ended.err.starts_with("seqwire: error: "), ended.err);
    BOOST_TEST(std::count(ended.err.begin(), ended.err.end(), '\n') == 1, ended.err);
    BOOST_TEST(ended.err.find("gave up") != std::string::npos, ended.err);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
