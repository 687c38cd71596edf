// What is generated in docs/ must be what the sources generate, and what a page quotes must stand in them.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "lab/scenario/flow_plan.hpp"
#include "protocol/socket/options.hpp"
#include "protocol/wire/print.hpp"

using namespace seqwire;

namespace {

std::string contents_of(const std::string& path) {
  std::ifstream file(std::string(SEQWIRE_SOURCE_DIR) + "/" + path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The blocks of a page that are fenced with this language.
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

BOOST_AUTO_TEST_SUITE(docs_test)

BOOST_AUTO_TEST_CASE(headers__are_what_the_layouts_say) {
  BOOST_TEST(contents_of("docs/headers.md") == header_chapter(catalogue()),
             "regenerate with: seqwire headers > docs/headers.md");
}

BOOST_AUTO_TEST_CASE(options__are_what_the_table_says) {
  BOOST_TEST(contents_of("docs/options.md") == option_chapter(), "regenerate with: seqwire options > docs/options.md");
}

BOOST_AUTO_TEST_CASE(own_protocol__quotes_the_example) {
  const std::string folder = std::string(SEQWIRE_SOURCE_DIR) + "/examples/own-protocol";
  std::string sources;
  for (const auto& file : std::filesystem::directory_iterator(folder))
    sources += contents_of("examples/own-protocol/" + file.path().filename().string());
  const std::string page = contents_of("docs/own-protocol.md");
  for (const auto& [language, least] : {std::pair{"cpp", 5u}, std::pair{"toml", 1u}}) {
    const auto blocks = blocks_of(page, language);
    BOOST_TEST(blocks.size() >= least);
    for (const std::string& block : blocks)
      BOOST_TEST((sources.find(block) != std::string::npos), "not in examples/own-protocol:\n" + block);
  }
}

BOOST_AUTO_TEST_CASE(links__quotes_an_impairment) {
  const std::string source = contents_of("sim/impairments/blackhole.cpp");
  const auto blocks = blocks_of(contents_of("docs/links.md"), "cpp");
  BOOST_TEST(blocks.size() == 2u);
  for (const std::string& block : blocks)
    BOOST_TEST((source.find(block) != std::string::npos), "not in sim/impairments/blackhole.cpp:\n" + block);
}

BOOST_AUTO_TEST_CASE(sweeps__quotes_the_example) {
  const auto blocks = blocks_of(contents_of("docs/sweeps.md"), "toml");
  BOOST_TEST(blocks.size() == 1u);
  for (const std::string& block : blocks) BOOST_TEST(block == contents_of("examples/scenarios/loss-window.toml"));
}

BOOST_AUTO_TEST_CASE(topologies__the_example_is_one_and_every_shape_has_its_row) {
  const std::string page = contents_of("docs/topologies.md");
  const auto blocks = blocks_of(page, "toml");
  BOOST_TEST_REQUIRE(blocks.size() == 1u);
  const auto read = parse_scenario(blocks[0], "topologies.md", {});
  BOOST_TEST_REQUIRE(read.has_value(), read.error().message);
  BOOST_TEST(plan_flows(*read, map_of(*read))->size() == 8u);
  for (const std::string_view shape : topology_shapes()) {
    const std::size_t row = page.find("\n| `" + std::string(shape) + "` |");
    BOOST_TEST_REQUIRE(row != std::string::npos, shape);
    const std::string line = page.substr(row, page.find('\n', row + 1) - row);
    const usual_ends ends = usual_ends_of({.shape = std::string(shape)});
    BOOST_TEST(line.ends_with("| `" + ends.from + "` to `" + ends.to + "` |"), line);
  }
}

BOOST_AUTO_TEST_CASE(measures__quotes_the_example) {
  const auto blocks = blocks_of(contents_of("docs/measures.md"), "toml");
  BOOST_TEST_REQUIRE(blocks.size() == 1u);
  BOOST_TEST(contents_of("examples/scenarios/measured.toml").ends_with("\n" + blocks[0]));
}

BOOST_AUTO_TEST_CASE(scripts__quotes_scripts_of_the_tests) {
  std::string sources;
  for (const auto& each :
       std::filesystem::recursive_directory_iterator(std::string(SEQWIRE_SOURCE_DIR) + "/tests/scenario"))
    if (each.path().extension() == ".sqs")
      sources += contents_of(std::filesystem::relative(each.path(), SEQWIRE_SOURCE_DIR).string());
  const auto blocks = blocks_of(contents_of("docs/scripts.md"), "sqs");
  BOOST_TEST(blocks.size() >= 1u);
  for (const std::string& block : blocks)
    BOOST_TEST((sources.find(block) != std::string::npos), "not in tests/scenario:\n" + block);
}

// A test of sockets other than that of the table uses each: what it does can be looked up there by its name.
BOOST_AUTO_TEST_CASE(options__each_has_a_test_of_what_it_does) {
  std::string tests;
  for (const auto& each :
       std::filesystem::directory_iterator(std::string(SEQWIRE_SOURCE_DIR) + "/tests/protocol/socket"))
    if (each.path().filename() != "options_test.cpp")
      tests += contents_of(std::filesystem::relative(each.path(), SEQWIRE_SOURCE_DIR).string());
  for (const option_description& row : option_table()) {
    std::string name(row.name);
    std::replace(name.begin(), name.end(), '-', '_');
    BOOST_TEST((tests.find("socket_option::" + name) != std::string::npos), row.name);
  }
}

// Every row quotes a declaration that stands in the file it names, and a test that there is.
BOOST_AUTO_TEST_CASE(limits__are_those_of_the_sources) {
  std::string tests;
  for (const auto& each : std::filesystem::recursive_directory_iterator(std::string(SEQWIRE_SOURCE_DIR) + "/tests"))
    if (each.path().extension() == ".cpp")
      tests += contents_of(std::filesystem::relative(each.path(), SEQWIRE_SOURCE_DIR).string());
  std::istringstream page(contents_of("docs/limits.md"));
  int rows = 0;
  for (std::string line; std::getline(page, line);) {
    if (line.rfind("| ", 0) != 0 || line.find('`') == std::string::npos) continue;
    ++rows;
    std::vector<std::string> cells;
    std::istringstream row(line.substr(1));
    for (std::string cell; std::getline(row, cell, '|');) cells.push_back(cell);
    BOOST_TEST_REQUIRE(cells.size() == 7u);
    const auto quoted = [&](const std::string& cell) {
      const std::size_t begin = cell.find('`') + 1;  // 0: nothing is
      return begin == 0 ? std::string() : cell.substr(begin, cell.find('`', begin) - begin);
    };
    BOOST_TEST((contents_of(quoted(cells[2])).find(quoted(cells[1]) + ";") != std::string::npos), line);
    BOOST_TEST((tests.find("(" + quoted(cells[6]) + ")") != std::string::npos), line);
  }
  BOOST_TEST(rows >= 20);
}

BOOST_AUTO_TEST_SUITE_END()
