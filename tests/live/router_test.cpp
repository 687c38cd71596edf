// seqwire router, routes and time: two networks with a router between them in namespaces.
#include <ctime>
#include <nlohmann/json.hpp>

#include "own_network.hpp"

namespace seqwire {
namespace {

using namespace live_runs;

// Host a is on network 1, host b on network 2; the router stands where the bridge would.
struct two_networks : own_network {
  two_networks()
      : router(seqwire_with({"router", std::string("1=") + lab_port_a, std::string("2=") + lab_port_b, "--json"}),
               inside(lab_host::bridge)) {
    BOOST_REQUIRE(router.wait_for("reaches 1 (0), 2 (0)"));
  }
  ended_command at(lab_host host, const std::vector<std::string>& words) const {
    return running_command(seqwire_with(words), inside(host)).finish();
  }
  // Through the router, as ping sees it.
  void wait_until_b_answers() const {
    ended_command asked;
    for (int attempts = 0; attempts < 100 && asked.exit_code != 0; ++attempts)
      asked = at(lab_host::a, {"ping", "2.02000000000b", "--interface", "xns0", "--network", "1", "--count", "1",
                               "--timeout", "50ms"});
    BOOST_REQUIRE_MESSAGE(asked.exit_code == 0, asked.err);
  }

  running_command router;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(router_test, two_networks)

BOOST_AUTO_TEST_CASE(router__files_cross_it_and_its_counters_say_so) {
  write_whole(folder.path("files/one"), std::string(200'000, 'x'));
  write_whole(folder.path("files/two"), "y");
  running_command receiving(
      seqwire_with({"receive", "--interface", "xns0", "--socket", "3000", "--network", "2", "--out", "inbox"}),
      inside(lab_host::b));
  wait_until_b_answers();
  const ended_command sent = at(lab_host::a, {"send", "files", "--interface", "xns0", "--network", "1", "--to",
                                              "2.02000000000b:3000", "--record", "a.pcapng"});
  BOOST_TEST(sent.exit_code == 0, sent.err);
  BOOST_TEST(receiving.finish().exit_code == 0);
  expect_files();
  // One capture, at the sender: its hops and its packets are right as far as it can tell.
  const ended_command judged = seqwire_command({"verify", "a.pcapng"}, {.folder = folder.path()});
  BOOST_TEST((judged.exit_code == 0 || judged.exit_code == 4), judged.out << judged.err);

  router.signal(SIGINT);
  const ended_command ended = router.finish();
  BOOST_TEST(ended.exit_code == 128 + SIGINT, ended.err);
  const auto told = nlohmann::json::parse(ended.out);
  BOOST_TEST(told.at("schema").get<std::string>() == "seqwire.router/1");
  BOOST_TEST(told.at("forwarded").get<int>() > 400);  // 375 packets of data and their acknowledgements
}

BOOST_AUTO_TEST_CASE(ping__through_it_and_to_networks_that_nobody_knows) {
  running_command answering(
      seqwire_with({"receive", "--interface", "xns0", "--socket", "3000", "--network", "2", "--out", "inbox"}),
      inside(lab_host::b));
  wait_until_b_answers();
  expect_complaint(at(lab_host::a, {"ping", "77.02000000000b", "--interface", "xns0", "--network", "1"}), 1,
                   "no router knows a way to network 77");
}

// Whoever does not name the network of the link takes the other's for it, and is told what may be missing.
BOOST_AUTO_TEST_CASE(connect__without_network_names_the_option) {
  expect_complaint(at(lab_host::a, {"connect", "2.02000000000b:3000", "--interface", "xns0", "--timeout", "50ms"}), 3,
                   "if network 2 is beyond a router, name ours by --network");
  const ended_command asked =
      at(lab_host::a, {"ping", "2.02000000000b", "--interface", "xns0", "--count", "1", "--timeout", "50ms"});
  BOOST_TEST(asked.exit_code == 3);
  BOOST_TEST(asked.err.find("name ours by --network") != std::string::npos, asked.err);
}

// Over UDP a server that has said nothing is reached where --peer says it is.
BOOST_AUTO_TEST_CASE(router__over_udp_reaches_the_servers_that_it_is_told) {
  const auto here = [&] { return inside(lab_host::b); };
  running_command between(
      seqwire_with({"router", "1=udp:127.0.0.1:49153", "2=udp:127.0.0.1:49154", "--peer", "2=127.0.0.1:49152"}),
      here());
  BOOST_REQUIRE(between.wait_for("reaches 1 (0), 2 (0)"));
  running_command serving(
      seqwire_with({"receive", "--udp", "127.0.0.1:49152", "--network", "2", "--socket", "3000", "--out", "inbox"}),
      here());
  ended_command asked;
  for (int attempts = 0; attempts < 50 && asked.exit_code != 0; ++attempts)
    asked = running_command(seqwire_with({"ping", "2.02007f000001", "--udp", "0", "--network", "1", "--peer",
                                          "127.0.0.1:49153", "--count", "1", "--timeout", "100ms"}),
                            here())
                .finish();
  BOOST_TEST(asked.exit_code == 0, asked.err);
  between.signal(SIGINT);
  const ended_command ended = between.finish();
  BOOST_TEST(ended.err.find("servers, which have not, by --peer 1=[HOST=]IP[:PORT]") != std::string::npos, ended.err);
  BOOST_TEST(ended.err.find("by --peer 2=") == std::string::npos, ended.err);
}

BOOST_AUTO_TEST_CASE(routes__are_what_the_router_tells) {
  const ended_command asked = at(lab_host::a, {"routes", "--interface", "xns0", "--wait", "300ms", "--json"});
  BOOST_TEST(asked.exit_code == 0, asked.err);
  const auto routes = nlohmann::json::parse(asked.out).at("routes");
  BOOST_TEST_REQUIRE(routes.size() == 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    BOOST_TEST(routes[i].at("network").get<std::string>() == std::to_string(i + 1));
    BOOST_TEST(routes[i].at("routers").get<int>() == 1);
  }
}

BOOST_AUTO_TEST_CASE(time__is_told_through_the_router_and_to_everybody_on_the_link) {
  const auto now = [] { return static_cast<double>(std::time(nullptr)); };
  const double before = now();
  running_command serving(seqwire_with({"time", "--serve", "--interface", "xns0", "--network", "2"}),
                          inside(lab_host::b));
  BOOST_REQUIRE(serving.wait_for("answering on"));
  wait_until_b_answers();
  const ended_command asked =
      at(lab_host::a, {"time", "2.02000000000b", "--interface", "xns0", "--network", "1", "--json"});
  BOOST_TEST(asked.exit_code == 0, asked.err);
  const auto told = nlohmann::json::parse(asked.out);
  BOOST_TEST(told.at("from").get<std::string>() == "2.02000000000b:8");
  BOOST_TEST((told.at("unix_seconds").get<double>() >= before && told.at("unix_seconds").get<double>() <= now() + 1));
  // Everybody is everybody on the link: a router passes no broadcasts on.
  expect_complaint(at(lab_host::a, {"time", "--interface", "xns0", "--timeout", "50ms", "--attempts", "2"}), 3,
                   "no time from anybody");
  serving.signal(SIGTERM);
  const ended_command served = serving.finish();
  BOOST_TEST(served.exit_code == 128 + SIGTERM);
  BOOST_TEST(served.err.find("1 request answered") != std::string::npos, served.err);
}

BOOST_AUTO_TEST_CASE(time__a_server_is_on_network_1_unless_told_otherwise) {
  running_command serving(seqwire_with({"time", "--serve", "--interface", "xns0"}), inside(lab_host::a));
  BOOST_REQUIRE(serving.wait_for("answering on 1.02000000000a:8"));
  const ended_command asked = at(lab_host::b, {"time", "1.02000000000a", "--interface", "xns0", "--network", "2",
                                               "--timeout", "50ms", "--attempts", "8"});
  BOOST_TEST(asked.exit_code == 0, asked.err);
  BOOST_TEST(asked.out.find(" UTC from 1.02000000000a:8; ") != std::string::npos, asked.out);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
