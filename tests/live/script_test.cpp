// seqwire script against a host on the wire: another process, another engine for all that the script knows.
#include "own_network.hpp"

namespace seqwire {
namespace {

using namespace live_runs;

const std::string echoes =
    "# An echo comes back.\n< xns_echo operation=request destination_socket=2 \"hello\"\n"
    "> xns_echo operation=reply source_host=$host source_socket=2 \"hello\"\n! 20ms\n";
const std::string silent = "# It does not.\n< xns_echo operation=request destination_socket=2 \"hello\"\n! 200ms\n";

std::vector<std::string> script(std::vector<std::string> more) {
  more.insert(more.begin(), {"script", "--against", "1.02000000000b", "--interface", "xns0", "--tolerance", "2s"});
  return seqwire_with(more);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(script_test, own_network)

BOOST_AUTO_TEST_CASE(script__is_the_peer_of_a_host_on_the_wire) {
  write_whole(folder.path("echo.sqs"), echoes);
  write_whole(folder.path("silent.sqs"), silent);
  write_whole(folder.path("calls.sqs"), "socket d datagram\n");
  running_command between(bridge({}), inside(lab_host::bridge));
  BOOST_REQUIRE(between.wait_for("the bridge is up"));
  running_command answering(receive({"--out", "inbox"}), inside(lab_host::b));
  // Until the other host is there nothing answers.
  int attempts = 0;
  const std::vector<std::string> ping{"ping", "1.02000000000b", "--interface", "xns0", "--count",
                                      "1",    "--timeout",      "50ms"};
  while (running_command(seqwire_with(ping), inside(lab_host::a)).finish().exit_code != 0)
    BOOST_REQUIRE(++attempts < 200);
  const ended_command held = running_command(script({"echo.sqs"}), inside(lab_host::a)).finish();
  BOOST_TEST(held.exit_code == 0, held.err << held.out);
  const ended_command failed = running_command(script({"silent.sqs"}), inside(lab_host::a)).finish();
  BOOST_TEST(failed.exit_code == 3, failed.err << failed.out);
  BOOST_TEST(failed.out.find("actual    > xns_echo operation=reply \"hello\"") != std::string::npos, failed.out);
  BOOST_TEST(fs::exists(folder.path("seqwire-script/silent.pcapng")));
  expect_complaint(running_command(script({"calls.sqs"}), inside(lab_host::a)).finish(), 2,
                   "calls.sqs:1: this line needs the engine");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
