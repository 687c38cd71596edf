// The installed package: a project outside the tree builds against it by find_package, a plain compiler line by
// pkg-config, and the example with a protocol of its own runs, is recorded, judged, and dissected by Wireshark.
#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <set>

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

// What tshark says of the packets that were sent under this header, with the dissector that the program itself
// installed: host, packet id, number, expected, permitted, last, and "again" for a retransmission.
std::set<std::string> seen_by_tshark(const temporary_folder& in, const std::string& header, const std::string& run) {
  const std::string home = "export HOME=$PWD/home XDG_CONFIG_HOME=$PWD/home/.config && ";
  shell(in, home + "own/own-protocol wireshark install && own/own-protocol wireshark doctor");
  std::string fields = " -T fields -E separator=/s -e frame.interface_name -e frame.packet_id";
  for (const char* name : {"number", "expected", "permitted", "last"}) fields += " -e " + header + '.' + name;
  std::set<std::string> seen;
  for (const auto& [filter, suffix] : {std::pair{"!", ""}, std::pair{"", " again"}}) {
    const std::string out =
        shell(in, home + "tshark -n -r " + run + "/capture.pcapng -Y '" + header +
                      " && frame.packet_flags_direction == 2 && " + filter + "seqwire.spp.retransmission'" + fields)
            .out;
    for (std::size_t at = 0, end = 0; (end = out.find('\n', at)) != std::string::npos; at = end + 1)
      seen.insert(out.substr(at, end - at) + suffix);
  }
  return seen;
}

// The same from the events that the hosts recorded.
std::set<std::string> sent_by_hosts(const temporary_folder& in, const std::string& run) {
  std::set<std::string> sent;
  for (const std::string host : {"a", "b"}) {
    const auto file = nlohmann::json::parse(read_whole(in.path(run + '/' + host + ".qlog")));
    for (const auto& event : file.at("traces").at(0).at("events")) {
      if (event.at("name") != "seqwire:packet_sent") continue;
      const auto& data = event.at("data");
      const auto& header = data.at("header");
      sent.insert(fmt::format("{} {} {} {} {} {:d}{}", host, data.at("packet_id").get<unsigned>(),
                              header.at("sequence").get<unsigned>(), header.at("acknowledgement").get<unsigned>(),
                              header.at("allocation").get<unsigned>(), header.at("end_of_record").get<bool>(),
                              data.contains("transmission") ? " again" : ""));
    }
  }
  return sent;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(install_test, installed)

BOOST_AUTO_TEST_CASE(install__a_protocol_of_ones_own_by_find_package) {
  shell(folder, "cmake -S " + sources +
                    "/examples/own-protocol -B own -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH=" + prefix +
                    " -DCMAKE_CXX_COMPILER=" + SEQWIRE_COMPILER + " && cmake --build own");
  const std::string run = "own/own-protocol run " + sources + "/examples/own-protocol/lossy.toml --json --qlog --out ";
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
  for (const auto& [header, protocol] : {std::pair{"lockstep", "lockstep"}, std::pair{"marked_spp", "marked-spp"}}) {
    const auto sent = sent_by_hosts(folder, protocol);
    BOOST_TEST(std::count_if(sent.begin(), sent.end(), [](const auto& each) { return each.ends_with("again"); }) > 2);
    BOOST_TEST(seen_by_tshark(folder, header, protocol) == sent, boost::test_tools::per_element());
  }
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
