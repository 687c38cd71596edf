// require() ends the process, in every build type, and says where and what.
#include "protocol/base/require.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <string>

BOOST_AUTO_TEST_SUITE(require_test)

struct death {
  int status;
  std::string last_words;
};

// Runs require(condition) in a child process and waits for its end.
death require_in_child(bool condition) {
  int ends[2];
  BOOST_REQUIRE_EQUAL(pipe(ends), 0);
  const pid_t child = fork();
  BOOST_REQUIRE_GE(child, 0);
  if (child == 0) {
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    signal(SIGABRT, SIG_DFL);  // the test framework's handler would report a failed test
    dup2(ends[1], STDERR_FILENO);
    require(condition);
    _exit(0);
  }
  close(ends[1]);
  death outcome{};
  char letter;
  while (read(ends[0], &letter, 1) == 1) outcome.last_words += letter;
  close(ends[0]);
  BOOST_REQUIRE_EQUAL(waitpid(child, &outcome.status, 0), child);
  return outcome;
}

BOOST_AUTO_TEST_CASE(require__true_is_silent) {
  const death outcome = require_in_child(true);
  BOOST_TEST(WIFEXITED(outcome.status));
  BOOST_TEST(outcome.last_words == "");
}

BOOST_AUTO_TEST_CASE(require__false_aborts_with_place_and_condition) {
  const death outcome = require_in_child(false);
  BOOST_TEST(WIFSIGNALED(outcome.status));
  BOOST_TEST(WTERMSIG(outcome.status) == SIGABRT);
  BOOST_TEST(outcome.last_words.find("require_test.cpp:") != std::string::npos);
  BOOST_TEST(outcome.last_words.find("requirement failed: condition") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
