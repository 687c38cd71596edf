// seqwire diff as its users meet it: the same run twice is the same, another is not, and each bad input is one line.
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using namespace command_runner;

struct two_runs {
  two_runs() {
    write_whole(folder.path("lossy.toml"),
                "[link]\ndelay = \"20ms\"\nloss = \"5%\"\nduplication = \"2%\"\n[[flow]]\nrecords = 100\n");
  }
  std::string run(const std::string& name, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"run", folder.path("lossy.toml"), "--out", folder.path(name)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    BOOST_REQUIRE(seqwire_command(arguments).exit_code == 0);
    return folder.path(name + "/capture.pcapng");
  }
  temporary_folder folder;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(diff_test, two_runs)

BOOST_AUTO_TEST_CASE(same__two_runs_of_one_scenario) {
  const ended_command ended = seqwire_command({"diff", run("one"), run("two"), "--times", "0"});
  BOOST_TEST(ended.exit_code == 0, ended.out);
  BOOST_TEST(ended.out.ends_with("the same\n"), ended.out);
}

BOOST_AUTO_TEST_CASE(different__what_was_lost_is_what_was_sent_more_often) {
  // The contents of records are the seed's; the losses are of another link.
  const ended_command ended =
      seqwire_command({"diff", run("one"), run("two", {"--set", "link.loss=0%"}), "--data", "--json"});
  BOOST_TEST(ended.exit_code == 3, ended.err);
  const auto found = nlohmann::json::parse(ended.out);
  BOOST_TEST(found.at("schema") == "seqwire.diff/1");
  BOOST_TEST(!found.at("same").get<bool>());
  const auto& data = found.at("connections")[0].at("first_to_second").at("data");
  BOOST_TEST(data.at("sent_more_in_a").get<std::uint64_t>() > 0u);
  BOOST_TEST(data.at("sent_more_in_b") == 0u);
  BOOST_TEST(data.at("contents") == 0u);
  BOOST_TEST(found.at("differences") == data.at("times_sent"));
}

BOOST_AUTO_TEST_CASE(bad_input__is_one_line) {
  const std::string capture = run("one");
  expect_complaint(seqwire_command({"diff", capture, folder.path("none")}), 2, "none: cannot be opened");
  expect_complaint(seqwire_command({"diff", capture, folder.path("lossy.toml")}), 2, "lossy.toml");
  expect_complaint(seqwire_command({"diff", capture, capture}), 2, "given twice");
  expect_complaint(seqwire_command({"diff", capture, folder.path("two"), "--times", "soon"}), 2, "two");
  const std::string other = run("two");
  expect_complaint(seqwire_command({"diff", capture, other, "--times", "soon"}), 2, "--times: expected");
  BOOST_REQUIRE(::mkfifo(folder.path("pipe").c_str(), 0600) == 0);
  expect_complaint(seqwire_command({"diff", capture, folder.path("pipe")}), 2, "pipe: expected a file");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
