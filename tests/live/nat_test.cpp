// A client behind a NAT, which is the kernel's own (nftables, masquerade), in the place of the bridge:
//   a 192.168.7.2 ---- 192.168.7.1 :NAT: 10.87.0.9 ---- 10.87.0.2 b
// The server sees the NAT's address only, and a port that is the NAT's choice.
#include "own_network.hpp"

namespace seqwire {
namespace {

using namespace live_runs;

struct behind_a_nat : own_network {
  behind_a_nat() {
    run(lab_host::a, {"ip", "address", "flush", "dev", "xns0"});
    run(lab_host::a, {"ip", "address", "add", "192.168.7.2/24", "dev", "xns0"});
    run(lab_host::a, {"ip", "route", "add", "default", "via", "192.168.7.1"});
    run(lab_host::bridge, {"ip", "address", "add", "192.168.7.1/24", "dev", lab_port_a});
    run(lab_host::bridge, {"ip", "address", "add", "10.87.0.9/24", "dev", lab_port_b});
    run(lab_host::bridge, {"bash", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"});
    run(lab_host::bridge,
        {"nft", "add table ip nat; add chain ip nat out { type nat hook postrouting priority 100; }"});
    bind_to("51000");
  }
  void run(lab_host host, const std::vector<std::string>& command) const {
    const ended_command ended = running_command(command, inside(host)).finish();
    BOOST_REQUIRE_MESSAGE(ended.exit_code == 0, command.front() << ": " << ended.err);
  }
  /// Conversations that begin from now on have this port at the NAT.
  void bind_to(const std::string& port) const {
    run(lab_host::bridge, {"nft", "flush chain ip nat out; add rule ip nat out oifname \"" + std::string(lab_port_b) +
                                      "\" ip protocol udp masquerade to :" + port});
  }

  /// The NAT forgets all conversations, as when it dials anew: the kernel does so when a masqueraded address goes.
  void bind_anew_to(const std::string& port) const {
    run(lab_host::bridge, {"ip", "address", "del", "10.87.0.9/24", "dev", lab_port_b});
    bind_to(port);
    run(lab_host::bridge, {"ip", "address", "add", "10.87.0.9/24", "dev", lab_port_b});
  }

  void start() {
    receiving.emplace(seqwire_with({"receive", "--udp", "10.87.0.2:49152", "--socket", "3000", "--out", "inbox",
                                    "--record", "b.pcapng", "--journal", "b.journal"}),
                      inside(lab_host::b));
    sending.emplace(seqwire_with({"send", "files", "--udp", "0", "--to", "1.02000a570002:3000", "--record", "a.pcapng",
                                  "--journal", "a.journal"}),
                    inside(lab_host::a));
  }

  std::optional<running_command> receiving, sending;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(nat_test, behind_a_nat)

BOOST_AUTO_TEST_CASE(udp__files_arrive_from_behind_a_nat) {
  write_files({0, 1, 1427, 300'000});
  running_command witness({"tcpdump", "-l", "-n", "-i", "xns0", "--immediate-mode", "udp"}, inside(lab_host::b));
  BOOST_REQUIRE(witness.wait_for("listening on"));
  start();
  BOOST_TEST(witness.wait_for("10.87.0.2.49152 > 10.87.0.9.51000: "));  // the server knows the NAT only
  const ended_command sent = sending->finish();
  expect_transfer(sent, receiving->finish());
}

// After the ten seconds for which nobody may take over a learned host's place (docs/carriers.md).
BOOST_AUTO_TEST_CASE(udp__a_client_that_its_nat_binds_anew_is_found_again) {
  running_command witness({"tcpdump", "-l", "-n", "-i", "xns0", "--immediate-mode", "udp"}, inside(lab_host::b));
  BOOST_REQUIRE(witness.wait_for("listening on"));
  running_command listening(seqwire_with({"listen", "--udp", "10.87.0.2:49152", "--socket", "3000", "--wait"}),
                            inside(lab_host::b));
  BOOST_REQUIRE(listening.wait_for("listening on"));
  run_settings typing = inside(lab_host::a);
  typing.keep_input_open = true;
  typing.input = "before\n";
  running_command connecting(seqwire_with({"connect", "1.02000a570002:3000", "--udp", "0"}), typing);
  BOOST_REQUIRE(listening.wait_for("before\n"));
  BOOST_REQUIRE(witness.wait_for("10.87.0.9.51000 > 10.87.0.2.49152: UDP"));

  bind_anew_to("52000");
  connecting.end_input();  // its close must come through for both to end well
  BOOST_TEST(witness.wait_for("10.87.0.2.49152 > 10.87.0.9.52000: "));
  const ended_command a = connecting.finish(), b = listening.finish();
  BOOST_TEST(a.exit_code == 0, a.err);
  BOOST_TEST(b.exit_code == 0, b.err);
  BOOST_TEST(b.out == "before\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
