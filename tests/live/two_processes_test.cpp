// Several programs on one interface at the same time: each has a host number of its own, so none refuses what is meant
// for another. A witness on the wire sees that nobody answered an Error to anybody.
#include <nlohmann/json.hpp>

#include "own_network.hpp"

namespace seqwire {
namespace {

using namespace live_runs;

using words = std::vector<std::string>;

struct shared_interfaces : own_network {
  shared_interfaces()
      : between(bridge({"--loss", "2%", "--delay", "1ms", "--seed", "5"}), inside(lab_host::bridge)),
        witness({"tcpdump", "-i", lab_port_b, "-w", folder.path("seen.pcap"), "-U", "--immediate-mode"},
                inside(lab_host::bridge)) {
    BOOST_REQUIRE(between.wait_for("the bridge is up"));
    BOOST_REQUIRE(witness.wait_for("listening on"));
    for (const char* name : {"1", "2"}) write_files({0, 1, 1427, 200'000}, name);
  }

  static words joined(words command, const words& more) {
    command.insert(command.end(), more.begin(), more.end());
    return seqwire_with(command);
  }
  void start_receiver(const std::string& number, const words& more) {
    running.emplace_back(
        std::make_unique<running_command>(joined({"receive", "--out", "inbox" + number, "--record",
                                                  "b" + number + ".pcapng", "--journal", "b" + number + ".journal"},
                                                 more),
                                          inside(lab_host::b)));
  }
  void start_sender(const std::string& number, const words& more) {
    running.emplace_back(std::make_unique<running_command>(
        joined({"send", "files" + number, "--record", "a" + number + ".pcapng", "--journal", "a" + number + ".journal"},
               more),
        inside(lab_host::a)));
  }
  void expect_all_end_well() {
    for (const auto& each : running) {
      const ended_command ended = each->finish();
      BOOST_TEST(ended.exit_code == 0, ended.err);
    }
    running.clear();
  }
  std::ptrdiff_t seen(const std::string& filter) const {
    const ended_command read = running_command({"tcpdump", "-r", folder.path("seen.pcap"), "-n", filter}).finish();
    BOOST_TEST(read.exit_code == 0, read.err);
    return std::count(read.out.begin(), read.out.end(), '\n');
  }
  // `type` is where the IDP packet type stands, in tcpdump's words.
  void expect_no_errors(const std::string& carrier, const std::string& type) {
    witness.signal(SIGINT);
    BOOST_TEST(witness.finish().exit_code == 0);
    BOOST_TEST(seen(carrier + " and " + type + " = 5") > 100);  // SPP: the witness looks at the right octet
    BOOST_TEST(seen(carrier + " and " + type + " = 3") == 0);
  }

  running_command between, witness;
  std::vector<std::unique_ptr<running_command>> running;
};

constexpr const char* ethernet = "ether proto 0x0600";
constexpr const char* type_on_ethernet = "ether[19]";

const words first_at_b{"--interface", "xns0", "--socket", "3000"};
const words second_at_b{"--interface", "xns0", "--host", "02000000001b", "--socket", "3001"};
const words first_at_a{"--interface", "xns0", "--to", "1.02000000000b:3000"};
const words second_at_a{"--interface", "xns0", "--host", "02000000001a", "--to", "1.02000000001b:3001"};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(two_processes_test, shared_interfaces)

BOOST_AUTO_TEST_CASE(ethernet__two_receivers_and_two_senders_at_once) {
  start_sender("1", first_at_a);
  start_sender("2", second_at_a);  // before its receiver is there: the first one's process does not refuse it
  start_receiver("1", first_at_b);
  start_receiver("2", second_at_b);
  expect_all_end_well();
  expect_whole("1");
  expect_whole("2");
  expect_no_errors(ethernet, type_on_ethernet);
}

BOOST_AUTO_TEST_CASE(ethernet__a_listener_and_echoes_beside_a_transfer) {
  running_command listening(
      seqwire_with({"listen", "--interface", "xns0", "--host", "02000000002b", "--socket", "3002", "--wait"}),
      inside(lab_host::b));
  BOOST_REQUIRE(listening.wait_for("listening on 1.02000000002b:3002"));
  start_receiver("1", first_at_b);
  start_sender("1", first_at_a);
  const ended_command asked = running_command(seqwire_with({"ping", "1.02000000002b", "--interface", "xns0", "--host",
                                                            "auto", "--count", "50", "--interval", "1ms", "--json"}),
                                              inside(lab_host::a))
                                  .finish();
  run_settings talking = inside(lab_host::a);
  talking.input = "beside it\n";
  const ended_command said =
      running_command(seqwire_with({"connect", "1.02000000002b:3002", "--interface", "xns0", "--host", "02000000002a"}),
                      talking)
          .finish();
  const ended_command heard = listening.finish();
  expect_all_end_well();
  BOOST_TEST(asked.exit_code == 0, asked.err);
  BOOST_TEST(nlohmann::json::parse(asked.out).at("received").get<int>() > 25);
  BOOST_TEST(said.exit_code == 0, said.err);
  BOOST_TEST(heard.exit_code == 0, heard.err);
  BOOST_TEST(heard.out == "beside it\n");
  expect_whole("1");
  expect_no_errors(ethernet, type_on_ethernet);
}

BOOST_AUTO_TEST_CASE(ethernet__one_that_asks_for_a_number_that_is_taken_harms_nobody) {
  // The answers are watched for before there are any; the transfer is long enough to be met half way.
  write_whole(folder.path("files1/long"), std::string(20'000'000, 'x'));
  running_command answers({"tcpdump", "-l", "-n", "-i", lab_port_b, "--immediate-mode", "ether proto 0x0600"},
                          inside(lab_host::bridge));
  BOOST_REQUIRE(answers.wait_for("listening on"));
  start_sender("1", first_at_a);
  start_receiver("1", first_at_b);
  BOOST_REQUIRE(answers.wait_for("02:00:00:00:00:0b > 02:00:00:00:00:0a"));  // both own their interfaces
  for (const lab_host host : {lab_host::a, lab_host::b})
    expect_complaint(
        running_command(seqwire_with({"ping", "1.02000000001b", "--interface", "xns0"}), inside(host)).finish(), 1,
        "is in use by process");
  expect_all_end_well();
  expect_whole("1");
  expect_no_errors(ethernet, type_on_ethernet);
}

BOOST_AUTO_TEST_CASE(ip__a_local_address_each) {
  for (const auto& [host, address] : {std::pair{lab_host::a, "10.87.0.11/24"}, std::pair{lab_host::b, "10.87.0.12/24"}})
    BOOST_TEST(running_command({"ip", "address", "add", address, "dev", "xns0"}, inside(host)).finish().exit_code == 0);
  start_sender("1", {"--ip", "10.87.0.1", "--to", "1.02000a570002:3000"});
  start_sender("2", {"--ip", "10.87.0.11", "--to", "1.02000a57000c:3000"});
  start_receiver("1", {"--ip", "10.87.0.2", "--socket", "3000"});
  start_receiver("2", {"--ip", "10.87.0.12", "--socket", "3000"});
  expect_all_end_well();
  expect_whole("1");
  expect_whole("2");
  expect_no_errors("ip proto 22", "ip[25]");
}

BOOST_AUTO_TEST_CASE(udp__a_port_each) {
  start_sender("1", {"--udp", "0", "--to", "1.02000a570002:3000"});
  start_sender("2", {"--udp", "0", "--to", "1.02010a570002:3000"});
  start_receiver("1", {"--udp", "10.87.0.2:49152", "--socket", "3000"});
  start_receiver("2", {"--udp", "10.87.0.2:49153", "--socket", "3000"});
  expect_all_end_well();
  expect_whole("1");
  expect_whole("2");
  expect_no_errors("udp and ip[6:2] & 0x3fff = 0", "udp[13]");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
