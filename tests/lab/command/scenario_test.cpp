// seqwire scenario as its users meet it, and every way in which a scenario file can be wrong: one line for each, with
// place, what is expected and what is there; exit code 2, nothing else printed.
#include <nlohmann/json.hpp>

#include "lab/scenario/scenario_schema.hpp"
#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using namespace command_runner;

struct scenario_folder {
  std::string file(const std::string& name, std::string_view text) const {
    write_whole(folder.path(name), text);
    return folder.path(name);
  }
  ended_command lint(std::string_view text) const {
    return seqwire_command({"scenario", "lint", file("x.toml", text)});
  }
  temporary_folder folder;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(scenario_test, scenario_folder)

BOOST_AUTO_TEST_CASE(lint__is_silent_about_files_that_are_right) {
  std::vector<std::string> words{"scenario", "lint"};
  for (const auto& each : fs::directory_iterator(std::string(SEQWIRE_SOURCE_DIR) + "/examples/scenarios"))
    if (each.path().extension() == ".toml") words.push_back(each.path().string());
  const ended_command ended = seqwire_command(words);
  BOOST_TEST(ended.exit_code == 0, ended.err);
  BOOST_TEST(ended.out == "");
  BOOST_TEST(ended.err == "");
}

BOOST_AUTO_TEST_CASE(lint__tells_all_that_is_wrong_in_all_files) {
  const std::string one = file("one.toml", "[link]\nlos = 1\nmtu = 3\n[[flow]]\nwindow = 0\nrecords = \"many\"\n");
  const std::string other = file("other.toml", "[[flow]]\nminimum_timeout = \"5s\"\n[[flow]]\npacket_data = 1460\n");
  const ended_command ended = seqwire_command({"scenario", "lint", one, other});
  BOOST_TEST(ended.exit_code == 2);
  BOOST_TEST(ended.out == "");
  BOOST_TEST(std::count(ended.err.begin(), ended.err.end(), '\n') == 6, ended.err);
  for (const char* place : {"one.toml:2:1: ", "one.toml:3:7: ", "one.toml:5:10: ", "one.toml:6:11: ",
                            "other.toml:2:19: ", "other.toml:4:15: "})
    BOOST_TEST(ended.err.find(place) != std::string::npos, place << " in " << ended.err);
}

BOOST_AUTO_TEST_CASE(lint__looks_at_a_study_too) {
  expect_complaint(lint("[[flow]]\n[sweep]\n\"link.los\" = [0]\n"), 2, "x.toml:3:1: unknown key in [link]");
  expect_complaint(lint("[[flow]]\n[sweep]\n\"flow.0.window\" = [5, 0]\n"), 2, "x.toml:3:");
}

BOOST_AUTO_TEST_CASE(lint__doubts_are_told_and_are_no_errors) {
  const ended_command ended = lint("[link]\ndelay = \"20ms\"\n[[flow]]\npacket_life = \"1ms\"\n");
  BOOST_TEST(ended.exit_code == 0);
  BOOST_TEST(ended.err.starts_with("seqwire: warning: "), ended.err);
  BOOST_TEST(ended.err.find("x.toml:4:15: flow.0.packet_life is shorter than packets may live on its way; expected at "
                            "least 20ms, or auto; got 1ms") != std::string::npos,
             ended.err);
}

// One row for each way to be wrong, with a part of the line that says so.
BOOST_AUTO_TEST_CASE(lint__every_way_to_be_wrong) {
  using std::string;
  const std::pair<string, string> cases[] = {
      {"", "x.toml: the scenario has no flow; expected at least one [[flow]]; got none"},
      {"\xff\xfe[", ":1:1: the file is not UTF-8; expected UTF-8; got UTF-16"},
      {string("[link]\n\0", 8), ":2:1: a NUL octet in the file; expected text in UTF-8; got an octet of 0"},
      {string(1 << 21, '#'), ": the file is too large; expected at most 1 MiB; got more"},
      {"[link]\nx = " + string(100'000, '[') + "\n", ":2:"},
      {"[link]\n" + string(100'000, 'a') + " = 1\n[[flow]]\n", ":2:1: unknown key in [link]"},
      {"[link]\nlos = 0\n[[flow]]\n", ":2:1: unknown key in [link]; expected loss, the nearest known one; got \"los\""},
      {"[link]\nloss = 0\nloss = 0\n[[flow]]\n", ": a key or table is given twice; expected each once"},
      {"[link]\nloss = true\n[[flow]]\n", ":2:8: link.loss has a value of the wrong type; expected a probability"},
      {"[link]\ndelay = \"-1ms\"\n[[flow]]\n", "expected a duration that is not negative, such as 20ms; got \"-1ms\""},
      {"[link]\ndelay = \"99999999999h\"\n[[flow]]\n", "expected a duration below 2^63 ns, some 292 years"},
      {"[link]\nblackhole = \"3s..4s, 1s..2s\"\n[[flow]]\n",
       "expected times such as 1s..2s, 5s..5.5s, each behind the "},
      {"[link]\ndelay_changes = \"3s 1ms, 3s 2ms\"\n[[flow]]\n", "each later than the one before"},
      {"[link.a_to_c]\nloss = 0\n[[flow]]\n", ":2:1: unknown key in [link]; expected a_to_b, the nearest known one"},
      {"[[flow]]\nfrom = \"c\"\n",
       ":2:8: flow.0.from has a bad value; expected a host of the topology: a, b; got \"c\""},
      {"[topology]\nlinks = \"a-b, c-d\"\n[[flow]]\nto = \"d\"\n",
       ":4:6: flow.0.to has a bad value; expected a host within 15 routers; a to d has no such way; got \"d\""},
      {"[topology]\nshape = \"dumbell\"\n[[flow]]\n", "expected dumbbell, the nearest one of pair"},
      {"[[flow]]\n[expect]\ngodput = 1\n",
       ":3:10: unknown measure in [expect]; expected goodput, the nearest known one"},
      {"[link]\n[link]\n[[flow]]\n", ":2:"},
      {"[link]\ngilbert_elliott = \"60% 120%\"\n[[flow]]\n", "expected up to 4 probabilities with blanks between"},
      {"[[flow]]\nwindow = 32768\n", "expected a whole number from 1 to 32767, below half of the 65536 packet numbers"},
      {"[[flow]]\nwindow = 0\n", "expected a whole number from 1 to 32767, below half of the 65536 packet numbers"},
      {"[link]\nmtu = 43\n[[flow]]\n", "expected a whole number from 44 to 65535; got 43"},
      {"[link]\nrate = \"1Tbit/s\"\n[[flow]]\npacket_life = \"1m\"\n",
       "flow.0 can number no packets so fast; expected at"},
      {"version = 2\n[[flow]]\n",
       ":1:1: unknown key in the scenario; expected one of scenario, topology, link, measure,"},
      {"extends = \"x.toml\"\n", "a chain of scenarios that extend each other; expected at most 8"},
      {"extends = \"none.toml\"\n", "none.toml: the scenario cannot be read"},
      {"[[flow]]\nrecords = 3\ntrailing garbage\n", ":3:"},
      {"[[flow]]\nrecords = 100000000000\n", "expected a whole number from 0 to 1000000000; got 100000000000"},
      {"[[flow]]\nrecords = 99999999999999999999\n", "not valid TOML"}};
  for (const auto& [text, line] : cases) expect_complaint(lint(text), 2, line);
  for (const string harmless :
       {"\xef\xbb\xbf[[flow]]\n", "[link]\r\nloss = 0\r\n[[flow]]\r\n", "\t[[flow]]", "[[flow]]"})
    BOOST_TEST(lint(harmless).exit_code == 0, harmless);
}

BOOST_AUTO_TEST_CASE(schema__is_json) {
  const ended_command ended = seqwire_command({"scenario", "schema"});
  BOOST_TEST(ended.exit_code == 0);
  BOOST_TEST(nlohmann::json::parse(ended.out) == scenario_schema());
}

BOOST_AUTO_TEST_CASE(keys__are_the_tables_of_the_documentation) {
  BOOST_TEST(seqwire_command({"scenario", "keys"}).out == scenario_key_tables());
}

BOOST_AUTO_TEST_CASE(explain__prints_a_scenario_and_where_it_comes_from) {
  const std::string path = file("x.toml", "[link]\nloss = 0.02\n[[flow]]\n");
  const ended_command ended = seqwire_command({"scenario", "explain", path, "--set", "flow.0.window=8"});
  BOOST_TEST(ended.exit_code == 0);
  BOOST_TEST(ended.err == "");
  BOOST_TEST(ended.out.find("x.toml:2:8\n") != std::string::npos, ended.out);
  BOOST_TEST(ended.out.find("# --set flow.0.window=8\n") != std::string::npos, ended.out);
  BOOST_TEST(seqwire_command({"scenario", "lint", file("again.toml", ended.out)}).exit_code == 0);
  const auto object = nlohmann::json::parse(seqwire_command({"scenario", "explain", path, "--json"}).out);
  BOOST_TEST(object.at("schema") == "seqwire.explanation/1");
  expect_complaint(seqwire_command({"scenario", "explain", file("y.toml", "[lnk]\n[[flow]]\n")}), 2, "y.toml:1:2: ");
  expect_complaint(seqwire_command({"scenario", "explain"}), 2, "file");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
