// seqwire analyze as its users meet it: the numbers of a run are those that the run itself counted; bad input is one
// line.
#include <nlohmann/json.hpp>

#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using namespace command_runner;

struct run_of_a_lossy_link {
  run_of_a_lossy_link() {
    write_whole(folder.path("lossy.toml"),
                "[link]\ndelay = \"20ms\"\nloss = \"5%\"\nduplication = \"2%\"\n[[flow]]\nrecords = 200\n");
    ran = seqwire_command({"run", folder.path("lossy.toml"), "--out", folder.path("out")});
  }
  temporary_folder folder;
  ended_command ran;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(analyze_test, run_of_a_lossy_link)

BOOST_AUTO_TEST_CASE(json__counts_what_the_run_counted) {
  BOOST_REQUIRE(ran.exit_code == 0);
  const ended_command ended = seqwire_command({"analyze", folder.path("out/capture.pcapng"), "--json"});
  BOOST_TEST(ended.exit_code == 0, ended.err);
  const auto found = nlohmann::json::parse(ended.out);
  const auto judged =
      nlohmann::json::parse(seqwire_command({"verify", folder.path("out/capture.pcapng"), "--json"}).out);
  BOOST_TEST(found.at("schema") == "seqwire.analysis/1");
  BOOST_TEST(found.at("holes").empty());
  BOOST_REQUIRE(found.at("connections").size() == 1u);
  const auto& connection = found.at("connections")[0];
  BOOST_TEST(connection.at("ending") == "closed");
  std::uint64_t resent = 0;
  std::uint64_t records = 0;
  for (const auto& view : connection.at("views"))
    for (const char* side : {"first_to_second", "second_to_first"}) {
      const auto& direction = view.at(side);
      records = std::max(records, direction.at("records").get<std::uint64_t>());
      BOOST_TEST(direction.at("repeated") == 0u);
      if (direction.at("seen") != "leaving") continue;
      BOOST_TEST(direction.at("copied") == 0u);
      BOOST_TEST(direction.at("unseen") == 0u);
      for (const auto& cause : direction.at("resent")) resent += cause.get<std::uint64_t>();
    }
  BOOST_TEST(records == 200u);
  BOOST_TEST(resent > 0u);
  BOOST_TEST(judged.at("counts").at("retransmissions") == resent);
}

BOOST_AUTO_TEST_CASE(text__names_the_connection_and_its_end) {
  const ended_command ended = seqwire_command({"analyze", folder.path("out/capture.pcapng")});
  BOOST_TEST(ended.exit_code == 0, ended.err);
  BOOST_TEST(ended.out.find("1 connections") != std::string::npos, ended.out);
  BOOST_TEST(ended.out.find(", closed") != std::string::npos, ended.out);
}

BOOST_AUTO_TEST_CASE(bad_input__is_one_line) {
  const std::string capture = folder.path("out/capture.pcapng");
  expect_complaint(seqwire_command({"analyze", folder.path("none")}), 2, "none: cannot be opened");
  expect_complaint(seqwire_command({"analyze", folder.path("lossy.toml")}), 2, "lossy.toml");
  expect_complaint(seqwire_command({"analyze", capture, capture}), 2, "given twice");
}

BOOST_AUTO_TEST_CASE(a_capture_that_ends_early__is_read_as_far_as_it_goes) {
  const std::string whole = read_whole(folder.path("out/capture.pcapng"));
  write_whole(folder.path("early.pcapng"), whole.substr(0, whole.size() / 2 | 1));
  const ended_command ended = seqwire_command({"analyze", folder.path("early.pcapng"), "--json"});
  BOOST_TEST(ended.exit_code == 0, ended.err);
  BOOST_TEST(nlohmann::json::parse(ended.out).at("holes").size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
