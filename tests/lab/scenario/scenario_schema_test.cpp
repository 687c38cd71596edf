// The schema judges as the reader does, as far as a schema can: tried with a validator that knows nothing of us
// (python3-jsonschema), on the examples and on files that are wrong. And docs/scenarios.md has every key.
#include "lab/scenario/scenario_schema.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "lab/scenario/scenario_keys.hpp"
#include "tests/command_runner.hpp"

using namespace seqwire;
using namespace seqwire::command_runner;

namespace {

const std::string source = SEQWIRE_SOURCE_DIR;

// One line for each file: "valid", or where it is wrong.
constexpr const char* validator = R"(
import json, sys, tomllib
import jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
judge = jsonschema.Draft202012Validator(schema)
for path in sys.argv[2:]:
    errors = ['/'.join(str(step) for step in error.absolute_path) or '(top)'
              for error in judge.iter_errors(tomllib.load(open(path, 'rb')))]
    print('valid' if not errors else ' '.join(sorted(set(errors))))
)";

std::vector<std::string> judged(const temporary_folder& folder, const std::vector<std::string>& files) {
  write_whole(folder.path("schema.json"), scenario_schema().dump());
  std::vector<std::string> words{"python3", "-W", "ignore", "-c", validator, folder.path("schema.json")};
  words.insert(words.end(), files.begin(), files.end());
  const ended_command ended = running_command(words).finish();
  BOOST_TEST_REQUIRE(ended.exit_code == 0, "python3-jsonschema (scripts/apt-packages.txt): " << ended.err);
  std::vector<std::string> lines;
  std::istringstream out(ended.out);
  for (std::string line; std::getline(out, line);) lines.push_back(line);
  BOOST_TEST_REQUIRE(lines.size() == files.size());
  return lines;
}

// What stands in one kind of fenced block of the page.
std::vector<std::string> blocks_of(const std::string& page, const std::string& language) {
  const std::string fence = "\n```" + language + "\n";
  std::vector<std::string> blocks;
  for (std::size_t at = page.find(fence); at != std::string::npos; at = page.find(fence, at)) {
    at += fence.size();
    blocks.push_back(page.substr(at, page.find("```", at) - at));
  }
  return blocks;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scenario_schema_test)

BOOST_AUTO_TEST_CASE(scenario_schema__takes_every_example) {
  const temporary_folder folder;
  std::vector<std::string> files;
  for (const auto& each : fs::directory_iterator(source + "/examples/scenarios"))
    if (each.path().extension() == ".toml") files.push_back(each.path().string());
  BOOST_TEST(files.size() >= 15u);
  const auto lines = judged(folder, files);
  for (std::size_t i = 0; i < files.size(); ++i) BOOST_TEST(lines[i] == "valid", files[i] << ": " << lines[i]);
}

// Whatever the program writes about a scenario, defaults included, is a scenario by the schema.
BOOST_AUTO_TEST_CASE(scenario_schema__takes_the_normal_form) {
  const temporary_folder folder;
  std::vector<std::string> files{folder.path("texts.toml")};
  for (const auto& each : fs::directory_iterator(source + "/examples/scenarios")) {
    if (each.path().extension() != ".toml") continue;
    const auto read = read_scenario(each.path().string(), {});
    BOOST_TEST_REQUIRE(read.has_value());
    files.push_back(folder.path(each.path().filename().string()));
    write_whole(files.back(), to_toml(*read));
  }
  std::string everything = "[link]\n";
  for (const scenario_key& key : scenario_keys())
    if (key.table == key_table::direction && key.shape.is == value_shape::form::text)
      everything += fmt::format("{} = \"{}\"\n", key.name, key.print(scenario{}, {}));
  write_whole(folder.path("texts.toml"), everything + "[[flow]]\n");
  const auto lines = judged(folder, files);
  for (std::size_t i = 0; i < files.size(); ++i) BOOST_TEST(lines[i] == "valid", files[i] << ": " << lines[i]);
}

// Each of these the reader refuses, too.
BOOST_AUTO_TEST_CASE(scenario_schema__refuses_what_the_reader_refuses) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "(top)"},
      {"[scenario]\nsed = 3\n[[flow]]\n", "scenario"},
      {"[link]\nloss = \"many\"\n[[flow]]\n", "link/loss"},
      {"[link]\nloss = 1.5\n[[flow]]\n", "link/loss"},
      {"[link]\nloss = \"5%%\"\n[[flow]]\n", "link/loss"},
      {"[link]\ndelay = 10\n[[flow]]\n", "link/delay"},
      {"[link]\ndelay = \"10\"\n[[flow]]\n", "link/delay"},
      {"[link]\ndelay = \"-1ms\"\n[[flow]]\n", "link/delay"},
      {"[link]\nrate = \"fast\"\n[[flow]]\n", "link/rate"},
      {"[link]\nmtu = 43\n[[flow]]\n", "link/mtu"},
      {"[link]\nqueue_discipline = \"codle\"\n[[flow]]\n", "link/queue_discipline"},
      {"[link]\ndrop = [-1]\n[[flow]]\n", "link/drop/0"},
      {"[link.to_c]\nloss = 0\n[[flow]]\n", "link"},
      {"[link.a-b]\nlos = 0\n[[flow]]\n", "link/a-b"},
      {"[topology]\nshape = \"ring\"\n[[flow]]\n", "topology/shape"},
      {"[topology]\nsize = 0\n[[flow]]\n", "topology/size"},
      {"[topology]\nlinks = [1]\n[[flow]]\n", "topology/links"},
      {"[measure]\nperiod = 5\n[[flow]]\n", "measure/period"},
      {"[measure]\nvalue = [\"goodput\"]\n[[flow]]\n", "measure"},
      {"[expect]\ngoodput = [1]\n[[flow]]\n", "expect/goodput"},
      {"[expect.link.a_to_b]\nutilisation = true\n[[flow]]\n", "expect/link"},
      {"[[flow]]\nsocket = \"raw\"\n", "flow/0/socket"},
      {"[[flow]]\noffered_rate = \"unlimited\"\n", "flow/0/offered_rate"},
      {"[[flow]]\npareto_shape = \"steep\"\n", "flow/0/pareto_shape"},
      {"[link.a_to_b]\nmtu = 500\n[[flow]]\n", "link/a_to_b"},
      {"[[flow]]\nwindow = 0\n", "flow/0/window"},
      {"[[flow]]\nwindow = 32768\n", "flow/0/window"},
      {"[[flow]]\nwindow = \"28\"\n", "flow/0/window"},
      {"[[flow]]\nsender = \"bbr3000\"\n", "flow/0/sender"},
      {"[[flow]]\nrecord_size = \"64k\"\n", "flow/0/record_size"},
      {"[[flow]]\nenforce_packet_life = 1\n", "flow/0/enforce_packet_life"},
      {"[[flow]]\npacket_life = \"never\"\n", "flow/0/packet_life"},
      {"extends = 3\n", "extends"},
      {"version = 2\n[[flow]]\n", "(top)"},
  };
  const temporary_folder folder;
  std::vector<std::string> files;
  for (const auto& [text, place] : cases) {
    files.push_back(folder.path(fmt::format("{}.toml", files.size())));
    write_whole(files.back(), text);
    BOOST_TEST(!read_scenario(files.back(), {}).has_value(), text);
  }
  const auto lines = judged(folder, files);
  for (std::size_t i = 0; i < files.size(); ++i)
    BOOST_TEST((' ' + lines[i] + ' ').find(' ' + std::string(cases[i].second) + ' ') != std::string::npos,
               cases[i].first << ": " << lines[i]);
}

BOOST_AUTO_TEST_CASE(scenario_schema__sweeps_are_part_of_it) {
  const temporary_folder folder;
  const auto line = [&](const std::string& sweep) {
    write_whole(folder.path("study.toml"), "[[flow]]\n[sweep]\n" + sweep);
    return judged(folder, {folder.path("study.toml")}).front();
  };
  BOOST_TEST(line("seeds = 3\n\"link.loss\" = [0, \"1%\"]\n") == "valid");
  BOOST_TEST(line("\"link.delay\" = { from = \"1ms\", to = \"9ms\", step = \"2ms\" }\n") == "valid");
  BOOST_TEST(line("zip = [[\"link.rate\", \"link.queue\"]]\nmeasures = [\"goodput\"]\n") == "valid");
  BOOST_TEST(line("\"topology.size\" = [1, 2]\n\"flow.0.socket\" = [\"stream\"]\n") == "valid");
  BOOST_TEST(line("seeds = 0\n") == "sweep/seeds");
  BOOST_TEST(line("\"link.loss\" = 3\n") == "sweep/link.loss");
  BOOST_TEST(line("sizes = [3]\n") == "sweep");
  BOOST_TEST(line("\"link.loss\" = { from = 1 }\n") == "sweep/link.loss");
}

BOOST_AUTO_TEST_CASE(scenario_key_tables__has_a_row_for_each_key) {
  const std::string text = scenario_key_tables();
  for (const scenario_key& key : scenario_keys())
    BOOST_TEST((text.find(fmt::format("| `{}` | {} | `", key.name, key.expected)) != std::string::npos), key.name);
}

BOOST_AUTO_TEST_CASE(scenarios_page__is_what_the_table_of_keys_says) {
  const std::string page = read_whole(source + "/docs/scenarios.md");
  BOOST_TEST((page.find(scenario_key_tables()) != std::string::npos), "expected in it: seqwire scenario keys");
  const auto blocks = blocks_of(page, "toml");
  BOOST_TEST(blocks.size() >= 4u);
  for (const std::string& block : blocks) {
    const auto read = parse_scenario(block, "docs/scenarios.md", {});
    BOOST_TEST(read.has_value(), (read ? "" : read.error().message) << " in\n" << block);
  }
}

BOOST_AUTO_TEST_SUITE_END()
