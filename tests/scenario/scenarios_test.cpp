// Every script of this folder holds.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "lab/script/script_parser.hpp"
#include "lab/script/script_player.hpp"

using namespace seqwire;

namespace {

const std::string folder = std::string(SEQWIRE_SOURCE_DIR) + "/tests/scenario";

// The first failure of a script with any of its seeds, as text; empty: it holds.
std::string failure_of(const script& text) {
  for (std::uint64_t seed = text.first_seed;; ++seed) {
    const script_outcome outcome = play_script(text, seed);
    if (outcome.failure) return render_failure(text, outcome);
    if (seed == text.last_seed) return "";
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scenarios_test)

BOOST_AUTO_TEST_CASE(scripts__hold) {
  for (const std::string& path : scripts_below(folder)) {
    const auto text = read_script(path);
    BOOST_TEST(text.has_value(), (text ? "" : text.error().message));
    if (!text) continue;
    const std::string failed = failure_of(*text);
    BOOST_TEST(failed.empty(), failed);
  }
}

BOOST_AUTO_TEST_CASE(scripts__are_many_and_cover_every_theme) {
  const auto all = scripts_below(folder);
  BOOST_TEST(all.size() >= 120u);
  for (const char* theme : {"open", "data", "windows", "probes", "retransmission", "attention", "close", "abort",
                            "errors", "datagram", "echo", "sockets"}) {
    const std::string part = std::string("/scenario/") + theme + "/";
    BOOST_TEST(std::count_if(all.begin(), all.end(),
                             [&](const std::string& path) { return path.find(part) != std::string::npos; }) >= 5,
               theme);
  }
}

BOOST_AUTO_TEST_CASE(scripts__begin_with_what_they_are_about) {
  for (const std::string& path : scripts_below(folder)) {
    std::ifstream file(path);
    std::string first;
    std::getline(file, first);
    BOOST_TEST(first.starts_with("# "), path);
    BOOST_TEST(first.size() <= 120u, path);
  }
}

BOOST_AUTO_TEST_SUITE_END()
