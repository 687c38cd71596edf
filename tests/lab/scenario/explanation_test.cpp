// A scenario explained: a scenario again, and each value with the place where it was said.
#include "lab/scenario/explanation.hpp"

#include <nlohmann/json.hpp>

#include "lab/scenario/scenario_keys.hpp"
#include "tests/command_runner.hpp"

using namespace seqwire;
using namespace seqwire::command_runner;

namespace {

struct two_files {
  two_files() {
    write_whole(folder.path("base.toml"),
                "[scenario]\nseed = 9\n[link]\nloss = \"1%\"\ndelay = \"20ms\"\n[link.a_to_b]\nqueue = 5\n[[flow]]\n");
    write_whole(folder.path("own.toml"), "extends = \"base.toml\"\n[link]\nrate = \"10Mbit/s\"\nqueue = 7\n");
  }
  scenario_reading read() const { return examine_scenario(folder.path("own.toml"), overrides); }
  // The line of a key, from behind its name; the folder's name is left out.
  std::string line(const std::string& text, const std::string& key) const {
    const std::size_t at = text.find("\n" + key + " = ");
    if (at == std::string::npos) return "no such line";
    std::string found = text.substr(at + key.size() + 4, text.find('\n', at + 1) - at - key.size() - 4);
    for (std::size_t path = found.find(folder.path()); path != std::string::npos; path = found.find(folder.path()))
      found.erase(path, folder.path().size() + 1);
    while (found.find("  ") != std::string::npos) found.erase(found.find("  "), 1);
    return found;
  }

  temporary_folder folder;
  std::vector<std::string> overrides{"link.b_to_a.loss=3%", "flow.0.window=8"};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(explanation_test, two_files)

BOOST_AUTO_TEST_CASE(explain_scenario__reads_back_to_the_same_scenario) {
  const scenario_reading reading = read();
  BOOST_TEST_REQUIRE(reading.value.has_value());
  const auto again = parse_scenario(explain_scenario(reading, overrides), "again.toml", {});
  BOOST_TEST_REQUIRE(again.has_value(), again.error().message);
  BOOST_TEST(to_toml(*again) == to_toml(*reading.value));
}

BOOST_AUTO_TEST_CASE(explain_scenario__says_where_each_value_stands) {
  const std::string text = explain_scenario(read(), overrides);
  BOOST_TEST(line(text, "name") == "\"unnamed\" # default");
  BOOST_TEST(line(text, "seed") == "9 # base.toml:2:8");
  BOOST_TEST(line(text, "rate") == "\"10Mbit/s\" # own.toml:3:8");
  BOOST_TEST(line(text, "delay") == "\"20ms\" # base.toml:5:9");
  // Said of both directions later than of one: that counts.
  BOOST_TEST(line(text, "queue") == "7 # own.toml:4:9");
  BOOST_TEST(line(text, "window") == "8 # --set flow.0.window=8");
  const std::string back = text.substr(text.find("[link.b_to_a]"));
  BOOST_TEST(line(back, "loss") == "\"3%\" # --set link.b_to_a.loss=3%");
  BOOST_TEST(line(text.substr(text.find("[link.a_to_b]")), "loss") == "\"1%\" # base.toml:4:8");
}

BOOST_AUTO_TEST_CASE(explain_scenario__has_the_figures_of_each_flow) {
  const std::string text = explain_scenario(read(), overrides);
  BOOST_TEST((text.find("\n[[flow]]\n# packet life ") != std::string::npos));
  BOOST_TEST((text.find("\n# bandwidth times delay ") != std::string::npos));
  BOOST_TEST((text.find("that can be told apart\n") != std::string::npos));
}

BOOST_AUTO_TEST_CASE(explain_scenario_as_json__has_the_same) {
  const auto object = explain_scenario_as_json(read(), overrides);
  BOOST_TEST(object.at("schema") == "seqwire.explanation/1");
  BOOST_TEST(object.at("flows").size() == 1u);
  BOOST_TEST(object.at("flows")[0].at("window") == 8);
  bool found = false;
  for (const auto& each : object.at("keys"))
    if (each.at("key") == "link.b_to_a.loss") found = each.at("value") == "3%";
  BOOST_TEST(found);
}

BOOST_AUTO_TEST_SUITE_END()
