#include "lab/command/program_output.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>

#include "rawio/child_process.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

constexpr duration longest_run = 60_s;
constexpr rlim_t most_output = 16 << 20;

// In memory: a child that says much never waits for a reader, and one that says too much is stopped by the limit.
descriptor place_for_output(const char* name) {
  descriptor place(::memfd_create(name, MFD_CLOEXEC));
  if (!place) throw_system_error("making room for a program's output");
  return place;
}

std::string contents_of(const descriptor& place) {
  std::string contents;
  std::array<char, 65536> block;
  ssize_t got = 0;
  while ((got = ::pread(place.number(), block.data(), block.size(), static_cast<off_t>(contents.size()))) > 0)
    contents.append(block.data(), static_cast<std::size_t>(got));
  return contents;
}

}  // namespace

program_output output_of_program(const std::vector<std::string>& command) {
  const descriptor out = place_for_output("out"), err = place_for_output("err");
  child_process child = child_process::start([&] {
    const descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const rlimit limit{most_output, most_output};
    if (::dup2(nothing.number(), STDIN_FILENO) < 0 || ::dup2(out.number(), STDOUT_FILENO) < 0 ||
        ::dup2(err.number(), STDERR_FILENO) < 0 || ::setrlimit(RLIMIT_FSIZE, &limit) != 0)
      return 126;
    ::signal(SIGPIPE, SIG_DFL);
    ::signal(SIGXFSZ, SIG_DFL);
    return execute(command);
  });
  const auto status = child.wait(longest_run);
  if (!status) child.signal(SIGKILL);
  return {status.value_or(128 + SIGKILL), contents_of(out), contents_of(err)};
}

}  // namespace seqwire
