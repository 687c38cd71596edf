#include "rawio/child_process.hpp"

#include <signal.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "live_support.hpp"

namespace seqwire {
using live::patience;

BOOST_AUTO_TEST_SUITE(child_process_test)

BOOST_AUTO_TEST_CASE(wait__gives_the_exit_status_and_may_be_asked_again) {
  child_process child = child_process::start([] { return 42; });
  BOOST_TEST(child.wait(patience).value_or(-1) == 42);
  BOOST_TEST(child.wait({}).value_or(-1) == 42);
}

BOOST_AUTO_TEST_CASE(wait__is_bounded_and_a_signal_counts_as_128_and_its_number) {
  child_process child = child_process::start([] { return ::pause(); });
  BOOST_TEST(!child.wait(1_ms).has_value());
  child.signal(SIGTERM);
  BOOST_TEST(child.wait(patience).value_or(-1) == 128 + SIGTERM);
}

BOOST_AUTO_TEST_CASE(start__an_exception_ends_the_child_with_its_own_status) {
  child_process failing = child_process::start([]() -> int { throw std::runtime_error("(expected by this test)"); });
  BOOST_TEST(failing.wait(patience).value_or(-1) == 1);
  child_process refused = child_process::start([]() -> int { throw_raw_socket_refused("(expected by this test)"); });
  BOOST_TEST(refused.wait(patience).value_or(-1) == 77);
}

BOOST_AUTO_TEST_CASE(destructor__ends_a_child_that_still_runs) {
  pid_t pid = 0;
  {
    const child_process child = child_process::start([] { return ::pause(); });
    pid = child.pid();
    BOOST_TEST(static_cast<bool>(open_process(pid)));
  }
  BOOST_TEST(!open_process(pid));
}

BOOST_AUTO_TEST_CASE(start__the_child_does_not_outlive_a_killed_parent) {
  std::array<int, 2> ends{};
  BOOST_REQUIRE(::pipe(ends.data()) == 0);
  const descriptor reading(ends[0]);
  descriptor writing(ends[1]);
  child_process parent = child_process::start([&] {
    const child_process child = child_process::start([] { return ::pause(); });
    const pid_t pid = child.pid();
    if (::write(writing.number(), &pid, sizeof pid) != ssize_t{sizeof pid}) return 1;
    return ::pause();
  });
  writing.close();
  pid_t grandchild = 0;
  BOOST_REQUIRE(::read(reading.number(), &grandchild, sizeof grandchild) == ssize_t{sizeof grandchild});
  const descriptor watched = open_process(grandchild);
  BOOST_REQUIRE(static_cast<bool>(watched));
  parent.signal(SIGKILL);
  BOOST_TEST(wait_readable(watched.number(), patience));
}

BOOST_AUTO_TEST_CASE(execute__runs_a_command_or_says_why_not) {
  child_process command = child_process::start([] { return execute({"sh", "-c", "exit 5"}); });
  BOOST_TEST(command.wait(patience).value_or(-1) == 5);
  child_process missing = child_process::start([] { return execute({"/no/such/command"}); });
  BOOST_TEST(missing.wait(patience).value_or(-1) == 127);
  child_process forbidden = child_process::start([] { return execute({"/"}); });
  BOOST_TEST(forbidden.wait(patience).value_or(-1) == 126);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace seqwire
