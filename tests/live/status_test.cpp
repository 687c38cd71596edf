// seqwire status, while others talk across an impaired link: what it shows is what they know.
#include <nlohmann/json.hpp>

#include "own_network.hpp"

namespace seqwire {
namespace {

using namespace live_runs;

struct watched_network : own_network {
  run_settings watched(lab_host host) const {
    run_settings settings = inside(host);
    settings.environment.push_back("XDG_RUNTIME_DIR=" + folder.path());
    return settings;
  }
  ended_command status(std::vector<std::string> more) const {
    more.insert(more.begin(), "status");
    return running_command(seqwire_with(more), watched(lab_host::bridge)).finish();
  }
  nlohmann::json processes() const { return nlohmann::json::parse(status({"--json"}).out).at("processes"); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(status_test, watched_network)

BOOST_AUTO_TEST_CASE(status__shows_both_ends_of_a_connection_and_nothing_afterwards) {
  running_command between(bridge({"--delay", "10ms"}), inside(lab_host::bridge));
  BOOST_REQUIRE(between.wait_for("the bridge is up"));
  running_command listening(seqwire_with({"listen", "--interface", "xns0", "--socket", "3000", "--wait"}),
                            watched(lab_host::b));
  BOOST_REQUIRE(listening.wait_for("listening on"));
  const auto alone = processes();  // it waits for a connection in a call that waits
  BOOST_REQUIRE(alone.size() == 1u);
  BOOST_TEST(alone[0].at("accepting")[0].at("socket").get<int>() == 3000);
  BOOST_TEST(alone[0].at("links")[0].at("name").get<std::string>() == "interface xns0");

  run_settings talking = watched(lab_host::a);
  talking.input = "one\ntwo\n";
  talking.keep_input_open = true;
  running_command connecting(seqwire_with({"connect", "1.02000000000b:3000", "--interface", "xns0"}), talking);
  BOOST_REQUIRE(listening.wait_for("two\n"));
  const auto both = processes();
  BOOST_REQUIRE(both.size() == 2u);
  for (const auto& each : both) {
    const bool opener = each.at("process") == connecting.pid();
    BOOST_TEST((opener || each.at("process") == listening.pid()));
    BOOST_REQUIRE(each.at("connections").size() == 1u);
    const auto& connection = each.at("connections")[0];
    BOOST_TEST(connection.at("state").get<std::string>() == "open");
    BOOST_TEST(connection.at(opener ? "peer" : "local").get<std::string>() == "1.02000000000b:3000");
    BOOST_TEST(connection.at(opener ? "records_accepted" : "records_delivered").get<int>() == 2);
    if (opener) BOOST_TEST(connection.at("round_trip").at("minimum_ms").get<double>() >= 20.0);
  }
  const ended_command one = status({std::to_string(connecting.pid())});
  BOOST_TEST(one.exit_code == 0);
  BOOST_TEST(one.err == "");
  BOOST_TEST(one.out.find("to send 2 records, 6 octets, of these 0 not yet sent; ") != std::string::npos, one.out);
  BOOST_TEST(one.out.starts_with(std::to_string(connecting.pid()) + "  "), one.out);

  connecting.end_input();
  listening.end_input();
  BOOST_TEST(connecting.finish().exit_code == 0);
  BOOST_TEST(listening.finish().exit_code == 0);
  const ended_command none = status({});
  BOOST_TEST(none.exit_code == 0);
  BOOST_TEST(none.out == "");
  BOOST_TEST(none.err == "seqwire: no process of yours is at work on a link\n");
  BOOST_TEST(fs::is_empty(folder.path("seqwire")));
}

BOOST_AUTO_TEST_CASE(status__of_file_tools_and_of_processes_that_are_gone) {
  running_command receiving(seqwire_with({"receive", "--interface", "xns0", "--socket", "3000", "--out", "inbox"}),
                            watched(lab_host::b));
  while (processes().size() != 1u) continue;
  BOOST_TEST(processes()[0].at("accepting")[0].at("socket").get<int>() == 3000);
  const std::string process = std::to_string(receiving.pid());
  receiving.signal(SIGKILL);
  receiving.finish();
  BOOST_TEST(!fs::is_empty(folder.path("seqwire")));
  BOOST_TEST(processes().empty());
  BOOST_TEST(fs::is_empty(folder.path("seqwire")));
  const ended_command gone = status({process});
  BOOST_TEST(gone.exit_code == 3);
  BOOST_TEST(gone.err == "seqwire: no such process of yours tells its state\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
