// The reference of the public interface is built from the headers without a warning, and a public name without a
// comment is one.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace fs = std::filesystem;

namespace {

const std::string sources = SEQWIRE_SOURCE_DIR;

struct reference_fixture {
  std::string folder = (fs::temp_directory_path() / "seqwire-reference-XXXXXX").string();

  reference_fixture() { BOOST_TEST_REQUIRE(::mkdtemp(folder.data()) != nullptr); }
  ~reference_fixture() { fs::remove_all(folder); }

  /// Builds the reference with these further lines of configuration. False: there were warnings.
  bool build(const std::string& further = "") const {
    std::ofstream(folder + "/further") << "OUTPUT_DIRECTORY = " << folder << '\n' << further;
    const std::string command =
        "cd '" + sources + "' && cat docs/Doxyfile " + folder + "/further | doxygen - 2>" + log();
    return std::system(command.c_str()) == 0;
  }
  std::string log() const { return folder + "/warnings"; }
  std::string warnings() const {
    std::ifstream from(log());
    return {std::istreambuf_iterator<char>(from), {}};
  }
};

// Each rule of scripts/reference-filter once, and after it a name to which the rule does not reach.
constexpr const char* header = R"(// A file.
#pragma once

namespace seqwire {

/// A type.
struct sample {
  int trailing = 0;     // so many
  int plain_1 = 0;
  // A sentence about a run.
  int first = 0;
  int second = 0;

  int plain_2 = 0;
  // a heading
  int plain_3 = 0;
  /// The next one's.
  int next = 0;
  int plain_4 = 0;

  sample(const sample&) = delete;
  bool operator==(const sample&) const = default;
};

/// An enumeration.
enum class kind { one, two };
enum class plain_5 { one, two };

struct sample_header {
  int number;
  int plain_6;
};
using sample_layout = layout<sample_header, "sample", "A header; of octets", field<&sample_header::number, 8, "A row">>;

struct plain_7 {
  int documented;  // within
};

}  // namespace seqwire
)";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(reference_test, reference_fixture)

BOOST_AUTO_TEST_CASE(reference__builds_without_warnings) {
  const bool without = build();
  BOOST_TEST(without, warnings());
  // Something of each floor is in it.
  for (const char* page : {"classseqwire_1_1socket.html", "classseqwire_1_1internetwork.html",
                           "classseqwire_1_1live__endpoint.html", "structseqwire_1_1scenario.html"})
    BOOST_TEST(fs::exists(folder + "/html/" + page), page);
}

BOOST_AUTO_TEST_CASE(reference__names_without_a_comment_are_warnings) {
  std::ofstream(folder + "/sample.hpp") << header;
  BOOST_TEST(!build("INPUT = " + folder + "/sample.hpp\n"));
  const std::string told = warnings();
  std::size_t lines = 0;
  for (const char each : told) lines += each == '\n';
  BOOST_TEST(lines == 7, told);
  for (const char* name : {"plain_1", "plain_2", "plain_3", "plain_4", "plain_5", "plain_6", "plain_7"})
    BOOST_TEST(told.find(name) != std::string::npos, name << " is not in\n" << told);
}

BOOST_AUTO_TEST_SUITE_END()
