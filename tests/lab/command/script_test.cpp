// seqwire script as its users meet it.
#include <nlohmann/json.hpp>

#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using namespace command_runner;

const std::string holds = "# Nobody is there.\n< idp destination_socket=9 \"x\"\n> xns_error number=no_such_socket\n";
const std::string fails = "# Somebody is there.\n< idp destination_socket=9 \"x\"\n! 1s\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(script_test)

BOOST_AUTO_TEST_CASE(script__that_holds) {
  const temporary_folder folder;
  write_whole(folder.path("a.sqs"), holds);
  const ended_command ended = seqwire_command({"script", "a.sqs"}, {.folder = folder.path()});
  BOOST_TEST(ended.exit_code == 0, ended.err);
  BOOST_TEST(ended.out == "1 script: 1 hold, 0 fail\n");
  BOOST_TEST(!fs::exists(folder.path("seqwire-script")));
}

BOOST_AUTO_TEST_CASE(script__that_fails_tells_where_and_leaves_a_capture) {
  const temporary_folder folder;
  write_whole(folder.path("good.sqs"), holds);
  write_whole(folder.path("bad.sqs"), fails);
  const ended_command ended = seqwire_command({"script", "bad.sqs", "good.sqs"}, {.folder = folder.path()});
  BOOST_TEST(ended.exit_code == 3, ended.err);
  BOOST_TEST(ended.out.starts_with("bad.sqs:3: does not hold (seed 1)\n  about     Somebody is there.\n"), ended.out);
  BOOST_TEST(ended.out.find("capture   seqwire-script/bad.pcapng\n") != std::string::npos, ended.out);
  BOOST_TEST(ended.out.ends_with("2 scripts: 1 hold, 1 fail\n"), ended.out);
  BOOST_TEST(seqwire_command({"verify", "seqwire-script/bad.pcapng"}, {.folder = folder.path()}).exit_code != 2);
}

BOOST_AUTO_TEST_CASE(script__of_a_folder_with_captures_and_json) {
  const temporary_folder folder;
  write_whole(folder.path("all/one/a.sqs"), holds);
  write_whole(folder.path("all/two/a.sqs"), fails);
  write_whole(folder.path("all/part.inc"), "no script of its own\n");
  const ended_command ended =
      seqwire_command({"script", "all", "--out", "captures", "--json", "--seed", "7"}, {.folder = folder.path()});
  BOOST_TEST(ended.exit_code == 3, ended.err);
  const auto told = nlohmann::json::parse(ended.out);
  BOOST_TEST(told["schema"] == "seqwire.script/1");
  BOOST_TEST(told["hold"] == 1);
  BOOST_TEST(told["fail"] == 1);
  BOOST_TEST(told["scripts"][0]["capture"] == "captures/all-one-a.pcapng");
  BOOST_TEST(told["scripts"][1]["failure"]["line"] == 3);
  BOOST_TEST(told["scripts"][1]["seed"] == 7);
  BOOST_TEST(fs::exists(folder.path("captures/all-two-a.pcapng")));
}

BOOST_AUTO_TEST_CASE(script__that_cannot_be_read_runs_nothing) {
  const temporary_folder folder;
  write_whole(folder.path("bad.sqs"), fails);
  write_whole(folder.path("wrong.sqs"), "< spq\n");
  expect_complaint(seqwire_command({"script", "bad.sqs", "wrong.sqs"}, {.folder = folder.path()}), 2,
                   "wrong.sqs:1: the packet; expected a header");
  expect_complaint(seqwire_command({"script", "none.sqs"}, {.folder = folder.path()}), 2, "none.sqs: cannot be read");
  fs::create_directories(folder.path("empty"));
  expect_complaint(seqwire_command({"script", "empty"}, {.folder = folder.path()}), 2, "a folder with .sqs files");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
