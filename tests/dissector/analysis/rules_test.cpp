// The rules, and docs/rules.md, which says of each who finds out when it is broken: it must be true of the sources.
#include "dissector/analysis/rules.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

#include "tests/tidy/source_tree.hpp"

using namespace seqwire;
using namespace seqwire::tidy;

BOOST_AUTO_TEST_SUITE(rules_test)

struct table_row {
  std::string rule, checked, decided_by, tests, canaries;
};

std::vector<table_row> table_of(const std::string& text) {
  static const std::regex row(R"(\| (I\d\d [^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|)");
  std::vector<table_row> rows;
  for (const std::string& line : lines_of(text))
    if (std::smatch cell; std::regex_match(line, cell, row))
      rows.push_back({cell[1], cell[2], cell[3], cell[4], cell[5]});
  return rows;
}

// The canaries that the canaries' test arms, joined for each rule's identifier; in the order of the test.
std::map<std::string, std::string> armed_canaries() {
  static const std::regex canary(R"(CANARY\((\w+), \w+, (\w+)\);)");
  std::map<std::string, std::string> found;
  for (const std::string& line : lines_of(text_of("tests/canaries/canaries_test.cpp")))
    if (std::smatch match; std::regex_match(line, match, canary)) {
      std::string& list = found[match[2]];
      list += (list.empty() ? "" : ", ") + match[1].str();
    }
  return found;
}

// The enumerators of rule_id, which the canaries' test uses, by their place.
std::vector<std::string> identifiers_of(const std::string& text, const std::string& enumeration) {
  std::vector<std::string> names;
  const std::string code = code_of(text);
  const std::size_t begin = code.find('{', code.find(enumeration));
  const std::string list = code.substr(begin, code.find('}', begin) - begin);
  static const std::regex name(R"(\w+)");
  for (std::sregex_iterator at(list.begin(), list.end(), name), end; at != end; ++at) names.push_back(at->str());
  return names;
}

std::string deciding(const rule_row& rule) {
  if (rule.evidence == rule_evidence::engine) return "tests";
  return fmt::format("`verify`, from {}", name_of(rule.evidence));
}

bool has_case(const std::string& file, const std::string& name) {
  const std::string text = text_of(file);
  const std::size_t at = text.find("(" + name);
  if (at == std::string::npos) return false;
  const char after = text[at + 1 + name.size()];
  return after == ')' || after == ',';
}

// "`sim/channel_test` case; `...` case": what of it does not exist.
complaints missing_tests(const std::string& cell) {
  static const std::regex test(R"(`([\w/]+)` (\w+))");
  complaints missing;
  std::size_t found = 0;
  for (std::sregex_iterator at(cell.begin(), cell.end(), test), end; at != end; ++at, ++found) {
    const std::string file = "tests/" + (*at)[1].str() + ".cpp";
    if (has_case(file, (*at)[2])) continue;
    missing.push_back(fmt::format("there is no {} in {}", (*at)[2].str(), file));
    for (const std::string& other : cpp_files("tests"))
      if (has_case(other, (*at)[2])) missing.back() += "; it is in " + other;
  }
  if (found == 0) missing.push_back("names no test: " + cell);
  return missing;
}

BOOST_AUTO_TEST_CASE(rules__the_page_is_true) {
  const auto rows = table_of(text_of("docs/rules.md"));
  const auto identifiers = identifiers_of(text_of("dissector/analysis/rules.hpp"), "enum class rule_id");
  auto canaries = armed_canaries();
  BOOST_REQUIRE(identifiers.size() == rule_count);
  BOOST_REQUIRE(rows.size() == rule_count);
  for (std::size_t place = 0; place < rule_count; ++place) {
    const rule_row& rule = rules()[place];
    const std::string armed = canaries[identifiers[place]];
    BOOST_TEST(rows[place].rule == fmt::format("{} {}", rule.number, rule.name));
    BOOST_TEST(rows[place].checked == rule.statement);
    BOOST_TEST(rows[place].decided_by == deciding(rule));
    BOOST_TEST(rows[place].canaries == (armed.empty() ? "none" : armed));
    expect_none(missing_tests(rows[place].tests));
  }
}

BOOST_AUTO_TEST_CASE(rules__every_fault_is_some_rules_canary) {
  const std::string page = text_of("docs/rules.md");
  for (const std::string& fault : identifiers_of(text_of("protocol/spp/fault.hpp"), "enum class fault"))
    if (fault != "none") BOOST_TEST(page.find(fault) != std::string::npos, fault << " is not on the page");
}

BOOST_AUTO_TEST_CASE(self__flags_a_test_that_is_not_there) {
  BOOST_TEST(missing_tests("`dissector/analysis/rules_test` self__flags_a_test_that_is_not_there").empty());
  BOOST_TEST(missing_tests("`dissector/analysis/rules_test` gone").size() == 1u);
  BOOST_TEST(missing_tests("`gone_test` anything; `dissector/analysis/rules_test` gone").size() == 2u);
  BOOST_TEST(missing_tests("none yet").size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
