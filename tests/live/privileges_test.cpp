// What every command that reads from a network may do while it reads: nothing that opening its links needed.
#include <boost/test/unit_test.hpp>

#include "own_network.hpp"

namespace seqwire {
namespace {

using namespace live_runs;

// A line of /proc/PID/status such as "CapEff:"; nothing once the process is gone.
std::string status_value(pid_t of, const std::string& name) {
  std::ifstream status("/proc/" + std::to_string(of) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name)) return line.substr(line.find_first_not_of(" \t", name.size()));
  return "";
}

// Looked at until its system calls are filtered, which is the last thing given up, or it has ended.
void gives_everything_up(running_command& command) {
  while (status_value(command.pid(), "Seccomp:") != "2" && !status_value(command.pid(), "State:").starts_with("Z"))
    continue;
  if (status_value(command.pid(), "Seccomp:") != "2") {
    const ended_command ended = command.finish();
    BOOST_ERROR(ended.err + ended.out);
    return;
  }
  BOOST_TEST(status_value(command.pid(), "NoNewPrivs:") == "1");
  const std::string to_files = ::geteuid() == 0 ? "0000000000000006" : "0000000000000000";
  for (const char* set : {"CapEff:", "CapPrm:"}) BOOST_TEST(status_value(command.pid(), set) == to_files, set);
  for (const char* set : {"CapInh:", "CapAmb:"})
    BOOST_TEST(status_value(command.pid(), set) == "0000000000000000", set);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(privileges_test, own_network)

BOOST_AUTO_TEST_CASE(drop_privileges__every_command_on_a_link_does) {
  fs::create_directories(folder.path("files"));
  write_whole(folder.path("files/one"), "one");
  write_whole(folder.path("wait.sqs"), "< xns_echo operation=request destination_socket=2 \"hello\"\n! 60s\n");
  const std::vector<std::string> commands[] = {
      {"listen", "--interface", "xns0", "--socket", "3000"},
      {"connect", "1.02000000000b:3000", "--interface", "xns0"},
      {"send", "files", "--interface", "xns0", "--to", "1.02000000000b:3000"},
      {"receive", "--interface", "xns0", "--socket", "3000", "--out", "inbox"},
      {"ping", "1.02000000000b", "--interface", "xns0"},
      {"perf", "server", "--interface", "xns0"},
      {"perf", "client", "1.02000000000b", "--interface", "xns0"},
      {"time", "--interface", "xns0", "--attempts", "10"},
      {"routes", "--interface", "xns0", "--wait", "60s"},
      {"router", "1=xns0", "2=udp:0"},
      {"record", "--interface", "xns0", "--write", "frames.pcapng"},
      {"script", "wait.sqs", "--interface", "xns0", "--against", "1.02000000000b"},
  };
  for (const auto& words : commands) BOOST_TEST_CONTEXT(words.front() << ' ' << words[1]) {
      run_settings settings = inside(lab_host::a);
      settings.keep_input_open = true;
      running_command command(seqwire_with(words), settings);
      gives_everything_up(command);
    }
  running_command between(bridge({}), inside(lab_host::bridge));
  gives_everything_up(between);
}

// They make a network of their own, in which one process is both hosts and the bridge.
BOOST_AUTO_TEST_CASE(drop_privileges__the_wire_half_of_run_and_demo_does) {
  write_whole(folder.path("files/one"), std::string(100'000, 'x'));
  write_whole(folder.path("slow.toml"), "[link]\ndelay = \"1s\"\n[[flow]]\nfiles = \"files\"\n");
  const std::vector<std::string> commands[] = {
      {"run", "slow.toml", "--on", "wire"},
      {"demo", "files", "--only", "wire", "--set", "link.delay=1s"},
  };
  for (const auto& words : commands) BOOST_TEST_CONTEXT(words.front()) {
      running_command command(seqwire_with(words), {.folder = folder.path()});
      gives_everything_up(command);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
