// What subcommands share: standard output that nobody reads, times to wait.
#include "lab/command/command.hpp"

#include <fcntl.h>

#include <csignal>

#include "tests/command_runner.hpp"

using namespace seqwire;

namespace {

// Calls print_data() in a child whose standard output is a pipe, and tells what it said: 1 true, 2 false.
int printed(bool full, bool reader_gone, bool signalled) {
  child_process child = child_process::start([=] {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0 || ::dup2(pipe[1], STDOUT_FILENO) < 0) return 3;
    ::fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK);
    const std::string much(4096, 'x');
    while (full && ::write(STDOUT_FILENO, much.data(), much.size()) > 0) continue;
    ::fcntl(STDOUT_FILENO, F_SETFL, 0);
    ::signal(SIGPIPE, SIG_IGN);
    ::close(pipe[1]);
    if (reader_gone) ::close(pipe[0]);
    sigset_t blocked;
    ::sigemptyset(&blocked);
    ::sigaddset(&blocked, SIGINT);
    ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
    if (signalled) ::raise(SIGINT);
    return print_data("said\n") ? 1 : 2;
  });
  return child.wait(60_s).value_or(-1);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(command_test)

BOOST_AUTO_TEST_CASE(print_data__does_not_keep_a_signal_from_being_taken) {
  BOOST_TEST(printed(false, false, false) == 1);
  BOOST_TEST(printed(false, false, true) == 1);  // there is room
  BOOST_TEST(printed(true, false, true) == 2);
  BOOST_TEST(printed(false, true, false) == 2);
}

BOOST_AUTO_TEST_CASE(parse_span__is_bounded) {
  BOOST_TEST((parse_span("--wait", "20ms") == 20_ms));
  BOOST_TEST((parse_span("--wait", "1h") == 3600_s));
  for (const char* refused : {"0", "61m", "2562047h", "", "x", "-1s"})
    BOOST_CHECK_THROW(parse_span("--wait", refused), usage_error);
}

BOOST_AUTO_TEST_SUITE_END()
