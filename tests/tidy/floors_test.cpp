// The house: an include only ever points down, never up and never sideways.
#include <map>
#include <set>

#include "tests/tidy/source_tree.hpp"

using namespace seqwire::tidy;

BOOST_AUTO_TEST_SUITE(floors_test)

// Which folders a folder may include beside itself. A file belongs to the longest folder that contains it.
const std::map<std::string, std::set<std::string>> floors{
    {"protocol/base", {}},
    {"protocol/wire", {"protocol/base"}},
    {"protocol/policy", {"protocol/base", "protocol/wire"}},
    {"protocol/spp", {"protocol/base", "protocol/wire", "protocol/policy"}},
    {"protocol/host", {"protocol/base", "protocol/wire", "protocol/policy", "protocol/spp"}},
    {"protocol/socket", {"protocol/base", "protocol/wire", "protocol/policy", "protocol/spp", "protocol/host"}},
    {"rawio/capture", {"protocol/base", "protocol/wire"}},
    {"sim",
     {"protocol/base", "protocol/wire", "protocol/policy", "protocol/spp", "protocol/host", "protocol/socket",
      "rawio/capture"}},
    {"rawio",
     {"protocol/base", "protocol/wire", "protocol/policy", "protocol/spp", "protocol/host", "protocol/socket",
      "rawio/capture"}},
    {"dissector", {"protocol/base", "protocol/wire", "rawio/capture"}},
    {"lab",
     {"protocol/base", "protocol/wire", "protocol/policy", "protocol/spp", "protocol/host", "protocol/socket",
      "rawio/capture", "rawio", "sim", "dissector"}},
    {"bench",
     {"protocol/base", "protocol/wire", "protocol/policy", "protocol/spp", "protocol/host", "protocol/socket",
      "rawio/capture", "rawio", "sim", "dissector", "lab"}},
    {"lab/command",
     {"protocol/base", "protocol/wire", "protocol/policy", "protocol/spp", "protocol/host", "protocol/socket",
      "rawio/capture", "rawio", "sim", "dissector", "lab", "bench"}},
};

std::string floor_of(const std::string& path) {
  std::string longest;
  for (const auto& [folder, below] : floors)
    if (is_under(path, folder) && folder.size() > longest.size()) longest = folder;
  return longest;
}

complaints forbidden_arrows(const std::string& path, const std::string& text) {
  complaints found;
  const std::string from = floor_of(path);
  if (from.empty()) return found;  // tests and examples stand outside the house and look at all of it
  for (const include_line& include : includes_of(text)) {
    const std::string to = floor_of(include.name);
    if (to.empty() && include.angled) continue;  // a system header: banned_headers_test
    if (to.empty())
      found.push_back(path + " includes \"" + include.name + "\", which is no path from the root to a floor");
    else if (to != from && !floors.at(from).contains(to))
      found.push_back(path + " (" + from + ") must not include " + include.name + " (" + to + ")");
  }
  return found;
}

BOOST_AUTO_TEST_CASE(floors__every_arrow_points_down) {
  std::size_t inside = 0;
  for (const std::string& path : cpp_files()) {
    expect_none(forbidden_arrows(path, text_of(path)));
    inside += floor_of(path).empty() ? 0u : 1u;
  }
  BOOST_TEST(inside > 20u, "the project's files were not found");
}

BOOST_AUTO_TEST_CASE(floors__every_source_stands_on_a_floor) {
  for (const std::string folder : {"protocol", "rawio", "sim", "dissector", "lab"})
    for (const std::string& path : cpp_files(folder)) BOOST_TEST(!floor_of(path).empty(), path << " is on no floor");
}

BOOST_AUTO_TEST_CASE(floors__below_is_transitive) {
  for (const auto& [folder, below] : floors)
    for (const std::string& lower : below)
      for (const std::string& lowest : floors.at(lower))
        BOOST_TEST(below.contains(lowest), folder << " sees " << lower << " but not " << lowest);
}

BOOST_AUTO_TEST_CASE(self__flags_up_sideways_and_relative_includes) {
  const auto count = [](const std::string& path, const std::string& header) {
    return forbidden_arrows(path, "// x\n#include \"" + header + "\"\n").size();
  };
  BOOST_TEST(count("protocol/wire/x.cpp", "protocol/spp/connection.hpp") == 1u);
  BOOST_TEST(count("protocol/policy/x.cpp", "protocol/spp/connection.hpp") == 1u);
  BOOST_TEST(count("protocol/spp/x.cpp", "protocol/host/host.hpp") == 1u);
  BOOST_TEST(count("sim/x.cpp", "rawio/clock.hpp") == 1u);
  BOOST_TEST(count("rawio/x.cpp", "sim/schedule.hpp") == 1u);
  BOOST_TEST(count("rawio/capture/x.cpp", "protocol/host/link.hpp") == 1u);
  BOOST_TEST(count("dissector/analysis/verify.cpp", "protocol/spp/state.hpp") == 1u);
  BOOST_TEST(count("dissector/analysis/verify.cpp", "protocol/policy/recovery.hpp") == 1u);
  BOOST_TEST(count("lab/x.cpp", "tests/tidy/source_tree.hpp") == 1u);
  BOOST_TEST(count("lab/x.cpp", "x.hpp") == 1u);
  BOOST_TEST(forbidden_arrows("protocol/base/x.cpp", "#include <protocol/wire/idp.hpp>").size() == 1u);

  BOOST_TEST(count("protocol/spp/x.cpp", "protocol/policy/recovery.hpp") == 0u);
  BOOST_TEST(count("sim/x.cpp", "rawio/capture/capture.hpp") == 0u);
  BOOST_TEST(count("lab/x.cpp", "sim/schedule.hpp") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
