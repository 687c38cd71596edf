// seqwire ping: echoes between two namespaces, through weather, and to nobody.
#include <nlohmann/json.hpp>

#include "own_network.hpp"

namespace seqwire {
namespace {

using namespace live_runs;

std::vector<std::string> ping(std::vector<std::string> more) {
  more.insert(more.begin(), {"ping", "1.02000000000b", "--interface", "xns0", "--interval", "2ms"});
  return seqwire_with(more);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(ping_test, own_network)

BOOST_AUTO_TEST_CASE(ping__every_length_comes_back_unless_the_link_loses_it) {
  running_command between(bridge({"--delay", "5ms"}), inside(lab_host::bridge));
  BOOST_REQUIRE(between.wait_for("the bridge is up"));
  running_command answering(receive({"--out", "inbox"}), inside(lab_host::b));
  // Until the other host is there nothing answers.
  int attempts = 0;
  while (running_command(ping({"--count", "1", "--timeout", "50ms"}), inside(lab_host::a)).finish().exit_code != 0)
    BOOST_REQUIRE(++attempts < 200);
  for (const char* size : {"0", "3", "4", "57", "1467", "1468"}) {
    const ended_command ended =
        running_command(ping({"--count", "3", "--size", size, "--json"}), inside(lab_host::a)).finish();
    BOOST_TEST(ended.exit_code == 0, ended.err);
    const auto told = nlohmann::json::parse(ended.out);
    BOOST_TEST(told.at("schema").get<std::string>() == "seqwire.ping/1");
    if (std::string(size) > "3") BOOST_TEST(told.at("received").get<int>() == 3, size);
    for (const auto& reply : told.at("replies")) {
      BOOST_TEST(reply.at("octets").get<int>() == std::stoi(size));
      if (std::stoi(size) >= 4) BOOST_TEST(reply.at("seconds").get<double>() >= 0.010);
    }
  }
  expect_complaint(running_command(ping({"--size", "1469"}), inside(lab_host::a)).finish(), 2,
                   "at most 1468, what fills a packet; got 1469");
}

// Whoever is in a hurry does not wait for routers that do not answer.
BOOST_AUTO_TEST_CASE(ping__is_interrupted_while_it_looks_for_a_way) {
  running_command witness({"tcpdump", "-n", "-c", "1", "-i", lab_port_a, "--immediate-mode", "ether proto 0x0600"},
                          inside(lab_host::bridge));
  BOOST_REQUIRE(witness.wait_for("listening on"));
  running_command lost(seqwire_with({"ping", "5.02000000000b", "--interface", "xns0", "--network", "1"}),
                       inside(lab_host::a));
  BOOST_TEST(witness.finish().exit_code == 0);  // it has asked
  lost.signal(SIGINT);
  const ended_command ended = lost.finish();
  BOOST_TEST(ended.exit_code == 130);
  BOOST_TEST(ended.err == "seqwire: interrupted: by signal 2\n");
}

BOOST_AUTO_TEST_CASE(ping__nobody_is_a_failed_check) {
  running_command between(bridge({"--loss", "100%"}), inside(lab_host::bridge));
  BOOST_REQUIRE(between.wait_for("the bridge is up"));
  const ended_command ended =
      running_command(ping({"--count", "2", "--timeout", "50ms"}), inside(lab_host::a)).finish();
  BOOST_TEST(ended.exit_code == 3);
  BOOST_TEST(ended.out == "2 sent, 0 received, 100 % lost\n");
}

BOOST_AUTO_TEST_CASE(ping__a_signal_ends_it_with_what_it_knows) {
  running_command between(bridge({}), inside(lab_host::bridge));
  BOOST_REQUIRE(between.wait_for("the bridge is up"));
  running_command answering(receive({"--out", "inbox"}), inside(lab_host::b));
  running_command asking(
      seqwire_with({"ping", "1.02000000000b", "--interface", "xns0", "--interval", "5ms", "--count", "1000000"}),
      inside(lab_host::a));
  BOOST_REQUIRE(asking.wait_for("56 octets from 1.02000000000b"));
  asking.signal(SIGINT);
  const ended_command ended = asking.finish();
  BOOST_TEST(ended.exit_code == 130);
  BOOST_TEST(ended.out.find("% lost; round trip") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
