// How a verdict reads: the table and the JSON.
#include "dissector/analysis/verdict.hpp"

#include <nlohmann/json.hpp>

#include "tests/dissector/analysis/story.hpp"

using namespace seqwire;
using namespace seqwire::stories;

namespace {

verdict of_a_lie() {
  story run;
  run.judge.begin_capture("run.pcapng");
  run.opens();
  run.sends(data('a', 0));
  run.delivers(system('b', 0, 1));
  return run.finish();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(verdict_test)

BOOST_AUTO_TEST_CASE(row__by_number_and_by_name) {
  const verdict lie = of_a_lie();
  BOOST_TEST(lie.row("I09") == lie.row("honest acknowledgement"));
  BOOST_TEST(lie.row("I42") == nullptr);
  BOOST_TEST(lie.rules.size() == 41u);
}

BOOST_AUTO_TEST_CASE(render_text__names_rule_frame_and_conclusion) {
  const std::string text = render_text(of_a_lie());
  BOOST_TEST(text.find("I09    honest acknowledgement") != std::string::npos, text);
  BOOST_TEST(text.find("violated at run.pcapng frame 8: acknowledges all below 1, but packet 0 has not arrived") !=
                 std::string::npos,
             text);
  BOOST_TEST(text.ends_with("\nviolated: I09 honest acknowledgement\n"), text);
}

BOOST_AUTO_TEST_CASE(to_json__schema_and_rows) {
  const nlohmann::json json = to_json(of_a_lie());
  BOOST_TEST(json.at("schema") == "seqwire.verdict/1");
  BOOST_TEST(json.at("conclusion") == "violated");
  BOOST_TEST(json.at("exit_code") == 3);
  const nlohmann::json& row = json.at("rules").at(8);
  BOOST_TEST(row.at("number") == "I09");
  BOOST_TEST(row.at("outcome") == "violated");
  BOOST_TEST(row.at("violations").at(0).at("frames").at(0).at("frame") == 8);
  BOOST_TEST(row.at("violations").at(0).at("frames").at(0).at("file") == "run.pcapng");
  BOOST_TEST(json.at("rules").at(0).at("reason") == "needs journals of both ends");
}

BOOST_AUTO_TEST_SUITE_END()
