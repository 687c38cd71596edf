// How many instructions something takes, exactly and the same on every machine at any load: a child process does it,
// one instruction at a time.
#pragma once

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdint>

namespace seqwire::test {

/// Instructions of `work`, which happens in a child process. More than `most` are not counted to the end.
template <class Work>
std::uint64_t steps_of(Work&& work, std::uint64_t most = 20000) {
  const pid_t child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::raise(SIGSTOP);
    work();
    ::_exit(0);
  }
  int status = 0;
  std::uint64_t steps = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  BOOST_REQUIRE(WIFSTOPPED(status));
  while (WIFSTOPPED(status) && steps < most) {
    BOOST_REQUIRE(::ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr) == 0);
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    ++steps;
  }
  if (WIFSTOPPED(status)) {
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
  } else {
    BOOST_REQUIRE(WIFEXITED(status));
    BOOST_REQUIRE(WEXITSTATUS(status) == 0);
  }
  return steps;
}

}  // namespace seqwire::test
