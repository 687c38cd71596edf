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

// The commands of the guide, line by line, with folders of this test's own in place of those it names.
std::vector<std::string> commands_of_guide(const installed& at) {
  const std::string guide = read_whole(at.sources + "/docs/own-protocol.md");
  const std::string opening = "```sh\n";
  const std::size_t begin = guide.find(opening) + opening.size();
  std::string block = guide.substr(begin, guide.find("```", begin) - begin);
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"build/release", SEQWIRE_BINARY_DIR},
                                 {"/tmp/seqwire", at.prefix},
                                 {"/tmp/own-protocol", at.folder.path("own")},
                                 {"examples/own-protocol", at.sources + "/examples/own-protocol"}})
    for (std::size_t place = 0; (place = block.find(from, place)) != std::string::npos; place += to.size())
      block.replace(place, from.size(), to);
  std::vector<std::string> lines;
  for (std::size_t place = 0, end = 0; (end = block.find('\n', place)) != std::string::npos; place = end + 1)
    lines.push_back(block.substr(place, end - place));
  return lines;
}

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
  std::size_t runs = 0;
  for (const std::string& line : commands_of_guide(*this)) {
    const bool wire = line.find("--on wire") != std::string::npos;
    // A user's machine may refuse a network of the run's own.
    shell(folder, "export CXX=" SEQWIRE_COMPILER "; " + line + (wire && ::geteuid() != 0 ? " || test $? -eq 77" : ""));
    runs += line.find("own-protocol run ") != std::string::npos ? 1u : 0u;
  }
  BOOST_TEST(runs == 3u);
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
