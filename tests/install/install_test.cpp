// The installed package: a project outside the tree builds against it by find_package, a plain compiler line by
// pkg-config, and the example with a protocol of its own runs, is recorded and judged.
#include <boost/test/unit_test.hpp>

#include "tests/command_runner.hpp"

using namespace seqwire::command_runner;

namespace {

ended_command shell(const temporary_folder& in, const std::string& line) {
  const ended_command ended = running_command({"/bin/sh", "-c", line}, {.folder = in.path()}).finish();
  BOOST_REQUIRE_MESSAGE(ended.exit_code == 0, line << "\n" << ended.out << ended.err);
  return ended;
}

struct installed {
  installed() { shell(folder, std::string("cmake --install ") + SEQWIRE_BINARY_DIR + " --prefix " + prefix); }
  const std::string sources = SEQWIRE_SOURCE_DIR;
  temporary_folder folder;
  const std::string prefix = folder.path("prefix");
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(install_test, installed)

BOOST_AUTO_TEST_CASE(install__a_protocol_of_ones_own_by_find_package) {
  shell(folder, "cmake -S " + sources +
                    "/examples/own-protocol -B own -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH=" + prefix +
                    " -DCMAKE_CXX_COMPILER=" + SEQWIRE_COMPILER + " && cmake --build own");
  const std::string run = "own/own-protocol run " + sources + "/examples/own-protocol/lossy.toml --json --out ";
  for (const std::string protocol : {"spp", "marked-spp", "lockstep"})
    shell(folder, run + protocol + " --set scenario.protocol=" + protocol);
  const std::string headers = shell(folder, "own/own-protocol headers").out;
  BOOST_TEST(headers.find("## lockstep") != std::string::npos);
  BOOST_TEST(headers.find("behind idp where packet_type is 20") != std::string::npos);
  // What was recorded is told and judged by the header's roles; without them nothing could be.
  const std::string judged = shell(folder,
                                   "own/own-protocol verify lockstep/capture.pcapng --journal "
                                   "lockstep/a.journal.ndjson --journal lockstep/b.journal.ndjson")
                                 .out;
  BOOST_TEST(judged.find("holds: ") != std::string::npos, judged);
  // The same seed, the same octets.
  shell(folder, run + "again && cmp lockstep/capture.pcapng again/capture.pcapng");
}

BOOST_AUTO_TEST_CASE(install__a_plain_compiler_line_by_pkg_config) {
  const std::string flags =
      "$(PKG_CONFIG_PATH=" + prefix + "/" + SEQWIRE_LIBRARY_FOLDER + "/pkgconfig pkg-config --cflags --libs seqwire)";
  shell(folder, std::string(SEQWIRE_COMPILER) + " " + sources + "/tests/install/hello.cpp -o hello " + flags);
  BOOST_TEST(shell(folder, "./hello").out == "hello\n");
}

BOOST_AUTO_TEST_SUITE_END()
