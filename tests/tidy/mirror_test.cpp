// Tests mirror the tree: a test has its source in the same folder, a source of protocol/ has its test, and a test file
// has one suite with its own name, because CTest runs it by that name.
#include <set>

#include "tests/tidy/source_tree.hpp"

using namespace seqwire::tidy;

BOOST_AUTO_TEST_SUITE(mirror_test)

// Tests of the project as a whole, which mirror no source.
const std::set<std::string> cross_cutting_folders{
    "tests/tidy",        "tests/oracle",      "tests/demo",    "tests/behaviour",
    "tests/determinism", "tests/canaries",    "tests/papers",  "tests/dissector/wireshark",
    "tests/live",        "tests/examples",    "tests/install", "tests/slurm",
    "tests/scenario",    "tests/lab/command", "tests/browser"};
// Sources of protocol/ whose test is elsewhere; each with its reason.
const std::set<std::string> untested{};

bool is_test(const std::string& path) { return path.starts_with("tests/") && path.ends_with("_test.cpp"); }

std::string source_stem_of(const std::string& test) {
  return test.substr(6, test.size() - 6 - std::string_view("_test.cpp").size());
}

// A test mirrors x.cpp or x.hpp as x_test.cpp, or by topic as x_topic_test.cpp.
bool has_source(const std::set<std::string>& files, std::string stem) {
  const std::size_t name = stem.rfind('/') + 1;
  for (;;) {
    if (files.contains(stem + ".cpp") || files.contains(stem + ".hpp")) return true;
    const std::size_t topic = stem.rfind('_');
    if (topic == std::string::npos || topic <= name) return false;
    stem.resize(topic);
  }
}

complaints orphaned_tests(const std::set<std::string>& files) {
  complaints found;
  for (const std::string& path : files) {
    if (!is_test(path)) continue;
    const std::string folder = path.substr(0, path.rfind('/'));
    const std::string stem = source_stem_of(path);
    if (cross_cutting_folders.contains(folder) || has_source(files, stem)) continue;
    found.push_back(path + " tests neither " + stem + ".cpp nor " + stem + ".hpp");
  }
  return found;
}

complaints untested_sources(const std::set<std::string>& files) {
  complaints found;
  for (const std::string& path : files) {
    if (!is_under(path, "protocol") || !path.ends_with(".cpp") || untested.contains(path)) continue;
    // tests/protocol/x_test.cpp, or the first of tests/protocol/x_topic_test.cpp
    const std::string test = "tests/" + path.substr(0, path.size() - 4) + "_";
    const auto first = files.lower_bound(test);
    if (first == files.end() || !first->starts_with(test) || !is_test(*first))
      found.push_back(path + " has no tests/" + path.substr(0, path.size() - 4) + "_test.cpp");
  }
  return found;
}

complaints misnamed_suites(const std::string& path, const std::string& text) {
  static const std::regex suite(R"((?:^|\n)[ \t]*BOOST_(?:AUTO|FIXTURE)_TEST_SUITE\(\s*(\w+))");
  std::vector<std::string> names;
  const std::string code = code_of(text);
  for (std::sregex_iterator at(code.begin(), code.end(), suite), end; at != end; ++at) names.push_back((*at)[1]);
  const std::string expected = std::filesystem::path(path).stem().string();
  if (names == std::vector<std::string>{expected}) return {};
  return {path + " must have exactly one suite, named " + expected};
}

std::set<std::string> all_files() {
  const auto files = cpp_files();
  return {files.begin(), files.end()};
}

BOOST_AUTO_TEST_CASE(tests__have_their_source) { expect_none(orphaned_tests(all_files())); }

BOOST_AUTO_TEST_CASE(protocol__every_source_has_its_test) { expect_none(untested_sources(all_files())); }

BOOST_AUTO_TEST_CASE(tests__have_one_suite_named_like_the_file) {
  std::size_t seen = 0;
  for (const std::string& path : all_files()) {
    if (!is_test(path)) continue;
    ++seen;
    expect_none(misnamed_suites(path, text_of(path)));
  }
  BOOST_TEST(seen > 10u);
}

BOOST_AUTO_TEST_CASE(self__flags_orphans_untested_sources_and_misnamed_suites) {
  BOOST_TEST(orphaned_tests({"tests/protocol/spp/gone_test.cpp"}).size() == 1u);
  BOOST_TEST(orphaned_tests({"tests/protocol/spp/moved_test.cpp", "protocol/host/moved.cpp"}).size() == 1u);
  BOOST_TEST(orphaned_tests({"tests/protocol/spp/here_test.cpp", "protocol/spp/here.hpp"}).empty());
  BOOST_TEST(orphaned_tests({"tests/tidy/mirror_test.cpp"}).empty());
  BOOST_TEST(untested_sources({"protocol/spp/sender.cpp"}).size() == 1u);
  BOOST_TEST(untested_sources({"protocol/spp/sender.cpp", "tests/protocol/spp/sender_test.cpp"}).empty());
  const std::string suite = "BOOST_AUTO_TEST_SUITE(";
  BOOST_TEST(misnamed_suites("tests/a_test.cpp", suite + "b_test)\n").size() == 1u);
  BOOST_TEST(misnamed_suites("tests/a_test.cpp", suite + "a_test)\n" + suite + "more)\n").size() == 1u);
  BOOST_TEST(misnamed_suites("tests/a_test.cpp", "int x;\n").size() == 1u);
  BOOST_TEST(misnamed_suites("tests/a_test.cpp", suite + "a_test)\n").empty());
}

BOOST_AUTO_TEST_SUITE_END()
