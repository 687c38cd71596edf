// What a person does who has never seen the project: install the dissector, run the demo, open its capture, filter
// retransmissions. The frames that are left are those that the run's own record says were sent again, at each host, and
// no other; nor does what the network doubled pass for one.
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using namespace command_runner;
using nlohmann::json;

// Packets at a vantage point: "a 17" is the one with packet id 17 at host a.
using packets = std::set<std::string>;

struct recorded {
  packets sent_again;      // at the host that sent it
  packets received_again;  // at the other one, another copy of its number having come before
  packets doubled;         // there: this very packet having come before
  std::uint64_t counted_by_engines = 0;
};

struct new_user {
  new_user() {
    here.environment = {"HOME=" + home.path(), "XDG_CONFIG_HOME=" + home.path(".config")};
    const ended_command installed = seqwire_command({"wireshark", "install", "--profile"}, here);
    BOOST_REQUIRE_MESSAGE(installed.exit_code == 0, installed.err);
  }

  // Runs it into "out", with what the hosts recorded.
  recorded run(std::vector<std::string> words, const std::string& folder) {
    words.insert(words.end(), {"--set", "scenario.qlog=true", "--out", home.path("out")});
    const ended_command ended = seqwire_command(words, here);
    BOOST_REQUIRE_MESSAGE(ended.exit_code == 0, ended.err);
    capture = home.path(folder + "/capture.pcapng");
    recorded all;
    const json summary = json::parse(read_whole(home.path(folder + "/summary.json")));
    for (const auto& [name, host] : summary.at("hosts").items()) {
      for (const json& flow : host.at("flows"))
        all.counted_by_engines += flow.at("retransmissions").get<std::uint64_t>();
      read_events(name, json::parse(read_whole(home.path(folder + '/' + name + ".qlog"))), all);
    }
    return all;
  }

  // The packets that pass a display filter.
  packets filtered(const std::string& filter) const {
    const ended_command said =
        running_command({"tshark", "-n", "-C", "seqwire", "-r", capture, "-Y", filter, "-T", "fields", "-E",
                         "separator=/s", "-e", "frame.interface_name", "-e", "frame.packet_id"},
                        here)
            .finish();
    BOOST_TEST(said.exit_code == 0, said.err);
    packets found;
    for (std::size_t at = 0, end = 0; (end = said.out.find('\n', at)) != std::string::npos; at = end + 1)
      BOOST_TEST(found.insert(said.out.substr(at, end - at)).second, "twice: " << said.out.substr(at, end - at));
    return found;
  }

  void expect_agreement(const recorded& truth) const {
    BOOST_TEST(filtered("seqwire.spp.retransmission && frame.packet_flags_direction == 2") == truth.sent_again,
               boost::test_tools::per_element());
    BOOST_TEST(truth.sent_again.size() == truth.counted_by_engines);
    BOOST_TEST(filtered("seqwire.spp.retransmission && frame.packet_flags_direction == 1") == truth.received_again,
               boost::test_tools::per_element());
    BOOST_TEST(filtered("seqwire.spp.network_duplicate") == truth.doubled, boost::test_tools::per_element());
    BOOST_TEST(filtered("seqwire.spp.repeated").empty());  // nothing is left undecided
  }

  temporary_folder home;
  run_settings here;
  std::string capture;

 private:
  static void read_events(const std::string& host, const json& file, recorded& to) {
    // By connection and number: the packets that have come with it.
    std::map<std::pair<std::string, std::int64_t>, std::set<std::uint64_t>> come;
    for (const json& trace : file.at("traces"))
      for (const json& event : trace.at("events")) {
        const json& data = event.at("data");
        if (!data.contains("number") || !data.contains("packet_id") || !data.value("checksum_right", true)) continue;
        const std::uint64_t id = data.at("packet_id").get<std::uint64_t>();
        const std::string packet = fmt::format("{} {}", host, id);
        if (event.at("name") == "seqwire:packet_sent" && data.contains("transmission")) to.sent_again.insert(packet);
        if (event.at("name") != "seqwire:packet_received") continue;
        auto& copies = come[{event.at("group_id").get<std::string>(), data.at("number").get<std::int64_t>()}];
        if (copies.contains(id)) to.doubled.insert(packet);
        else if (!copies.empty()) to.received_again.insert(packet);
        copies.insert(id);
      }
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(wireshark_test, new_user)

BOOST_AUTO_TEST_CASE(retransmissions__of_the_demo_are_those_that_were_sent) {
  const recorded truth = run({"demo", "--only", "sim"}, "out/simulator");
  BOOST_TEST(truth.sent_again.size() > 20u);
  BOOST_TEST(truth.received_again.size() > 0u);
  BOOST_TEST(truth.doubled.size() > 10u);
  expect_agreement(truth);
}

BOOST_AUTO_TEST_CASE(retransmissions__of_many_flows_in_bad_weather) {
  const recorded truth = run({"run", SEQWIRE_SOURCE_DIR "/examples/scenarios/both-ways.toml", "--set", "link.loss=8%",
                              "--set", "link.duplication=5%", "--set", "link.corruption=2%"},
                             "out");
  BOOST_TEST(truth.sent_again.size() > 20u);
  expect_agreement(truth);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
