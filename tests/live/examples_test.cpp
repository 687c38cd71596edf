// The examples between two namespaces: the text that runs on the simulator runs on the wire.
#include "own_network.hpp"

namespace seqwire {
namespace {

using namespace live_runs;

struct joined_hosts : own_network {
  joined_hosts() : between(bridge({"--loss", "5%", "--delay", "1ms", "--seed", "3"}), inside(lab_host::bridge)) {
    BOOST_REQUIRE(between.wait_for("the bridge is up"));
  }
  // Both ends of an example; the client comes again until the server is there.
  ended_command run(const std::string& name, std::string& served) const {
    const std::string program = std::string(SEQWIRE_EXAMPLES) + "/" + name;
    running_command server({program, "--server", "xns0"}, inside(lab_host::b));
    run_settings at_client = inside(lab_host::a);
    at_client.environment = {"FILE=" + sent()};
    ended_command client;
    for (int attempts = 0; attempts < 100 && client.exit_code != 0; ++attempts)
      client = running_command({program, "--client", "xns0", "1.02000000000b"}, at_client).finish();
    if (name != "time_client") served = server.finish().out;  // that one waits for more
    return client;
  }
  std::string sent() const { return folder.path("sent.bin"); }
  running_command between;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(examples_test, joined_hosts)

BOOST_AUTO_TEST_CASE(examples__run_on_the_wire) {
  std::string served;
  BOOST_TEST(run("echo", served).out == "[a record]\n[]\n[another one]\n");
  run("packet_group", served);
  BOOST_TEST(served.find("packet 2, type 7, end of message: packets\n") != std::string::npos, served);
  run("attention", served);
  BOOST_TEST(served == "attention: !\nrecord 1\nrecord 2\n(here it was sent) record 3\n");
  run("chat", served);
  BOOST_TEST(served.find("Ann to Ben: What gets lost?\n") != std::string::npos, served);
  write_whole(sent(), std::string(1'500'000, 'x') + std::string(500'000, 'y'));
  run("file_transfer", served);
  BOOST_TEST(served == "received-sent.bin: 2000000 octets\n");
  BOOST_TEST(digest_of(folder.path("received-sent.bin")) == digest_of(sent()));
  BOOST_TEST(run("time_client", served).out.find("seconds since 1970, says 1.02000000000b:8\n") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
