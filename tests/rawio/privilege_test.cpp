#include "rawio/privilege.hpp"

#include <fcntl.h>
#include <linux/if_packet.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <fstream>
#include <string>
#include <utility>

#include "rawio/child_process.hpp"

using namespace seqwire;

namespace {

// A line of /proc/self/status such as "CapEff:".
std::string status_value(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name)) return line.substr(line.find_first_not_of(" \t", name.size()));
  return "";
}

// What a process with these variables of sudo has left; 0 when all is as expected.
int check_after_drop(const char* effective, bool as_nobody) {
  drop_privileges();
  if (status_value("CapEff:") != effective) return 1;
  if (status_value("CapPrm:") != effective) return 2;
  if (status_value("CapAmb:") != "0000000000000000") return 3;
  if (status_value("CapBnd:") != "0000000000000000" && geteuid() == 0) return 4;
  if (status_value("NoNewPrivs:") != "1") return 5;
  if (::socket(AF_PACKET, SOCK_RAW, 0) >= 0) return 6;
  if (status_value("Seccomp:") != "2") return 8;
  if (as_nobody && (getuid() != 65534 || setuid(0) == 0)) return 7;
  return 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(privilege_test)

BOOST_AUTO_TEST_CASE(drop_privileges__leaves_nothing_to_open_a_packet_socket_with) {
  // Root keeps CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, anybody else nothing.
  child_process child = child_process::start([] {
    unsetenv("SUDO_UID");
    return check_after_drop(geteuid() == 0 ? "0000000000000006" : "0000000000000000", false);
  });
  BOOST_TEST(child.wait(10_s).value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(drop_privileges__leaves_no_program_to_execute_and_no_process_to_look_into) {
  child_process child = child_process::start([] {
    drop_privileges();
    const auto refused = [](long outcome) { return outcome == -1 && errno == EPERM; };
    char name[] = "/bin/true";
    char* const words[] = {name, nullptr};
    if (!refused(::execv(name, words))) return 1;
    if (!refused(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr))) return 2;
    if (!refused(::unshare(CLONE_NEWUSER))) return 3;
    if (!refused(::socket(AF_INET6, SOCK_DGRAM, 0))) return 4;
    if (::socket(AF_UNIX, SOCK_STREAM, 0) < 0 || ::socket(AF_INET, SOCK_DGRAM, 0) < 0) return 5;
    if (::open("/proc/self/status", O_RDONLY | O_CLOEXEC) < 0) return 6;
    return 0;
  });
  BOOST_TEST(child.wait(10_s).value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(drop_privileges__becomes_the_caller_of_sudo) {
  if (geteuid() != 0) return;  // sudo makes root, nobody else
  child_process child = child_process::start([] {
    setenv("SUDO_UID", "65534", 1);
    setenv("SUDO_GID", "65534", 1);
    return check_after_drop("0000000000000000", true);
  });
  BOOST_TEST(child.wait(10_s).value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(files_of_caller__makes_files_of_the_caller_of_sudo_while_it_lives) {
  if (geteuid() != 0) return;
  child_process child = child_process::start([] {
    const auto owner_of_new_file = [](const char* pattern) {
      std::string path(pattern);
      const int made = ::mkstemp(path.data());
      struct stat status {};
      const bool known = ::fstat(made, &status) == 0;
      ::unlink(path.c_str());
      ::close(made);
      return known ? std::pair(status.st_uid, status.st_gid) : std::pair<uid_t, gid_t>(1, 1);
    };
    setenv("SUDO_UID", "65534", 1);
    setenv("SUDO_GID", "65533", 1);
    {
      const files_of_caller as_caller;
      if (owner_of_new_file("/tmp/seqwire-test-XXXXXX") != std::pair<uid_t, gid_t>(65534, 65533)) return 1;
    }
    if (owner_of_new_file("/tmp/seqwire-test-XXXXXX") != std::pair<uid_t, gid_t>(0, 0)) return 2;
    unsetenv("SUDO_UID");
    const files_of_caller as_nobody_else;
    return owner_of_new_file("/tmp/seqwire-test-XXXXXX") == std::pair<uid_t, gid_t>(0, 0) ? 0 : 3;
  });
  BOOST_TEST(child.wait(10_s).value_or(-1) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
