// Runs the real command as a process of its own, for the tests of what a user sees: arguments in, standard output,
// standard error and exit code out. Waits on descriptors, never for time; whoever does not end is killed and reported.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "rawio/capture/journal.hpp"
#include "rawio/child_process.hpp"

namespace seqwire::command_runner {

namespace fs = std::filesystem;

constexpr int patience_ms = 60'000;  // a bound for what comes sooner unless something is broken

/// A folder that goes with the test.
class temporary_folder {
 public:
  temporary_folder() {
    std::string pattern = (fs::temp_directory_path() / "seqwire-test-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~temporary_folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  std::string path(const std::string& name = "") const { return name.empty() ? path_ : path_ + '/' + name; }

 private:
  std::string path_;
};

inline std::string read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}
inline void write_whole(const std::string& path, std::string_view contents) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << contents;
}
inline std::string digest_of(const std::string& path) { return sha256_hexadecimal(view_of(read_whole(path))); }

struct run_settings {
  std::string folder = {};                    // where it runs; empty: here
  std::string input = {};                     // what it reads
  std::vector<std::string> environment = {};  // NAME=value, added
  std::function<void()> before_exec = [] {};  // in the child
  bool keep_input_open = false;               // its input does not end before end_input()
};

struct ended_command {
  int exit_code = -1;  // 128 plus the signal that ended it
  std::string out;
  std::string err;
};

/// One process. Its output is collected while somebody waits.
class running_command {
 public:
  explicit running_command(std::vector<std::string> arguments, const run_settings& settings = {});
  running_command(const running_command&) = delete;
  running_command& operator=(const running_command&) = delete;
  ~running_command() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }

  pid_t pid() const { return pid_; }
  void signal(int number) const { ::kill(pid_, number); }
  /// More for it to read; what fits a pipe.
  void write_input(std::string_view text) const {
    BOOST_REQUIRE(::write(input_.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  void end_input() { input_.close(); }

  /// Until standard error or output contains the text; false when the process ended or patience did.
  bool wait_for(std::string_view text) {
    while (out_.find(text) == std::string::npos && err_.find(text) == std::string::npos)
      if (!collect()) return false;
    return true;
  }

  ended_command finish() {
    while (collect()) {
    }
    if (!ended_) {
      BOOST_ERROR("the command did not end; it said: " + err_ + out_);
      ::kill(pid_, SIGKILL);
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), out_, err_};
  }

 private:
  bool collect();
  static void drain(const descriptor& from, std::string& to) {
    std::array<char, 65536> block;
    ssize_t got = 0;
    while ((got = ::read(from.number(), block.data(), block.size())) > 0)
      to.append(block.data(), static_cast<std::size_t>(got));
  }

  pid_t pid_ = -1;
  descriptor process_, output_, errors_, input_;
  std::string out_, err_;
  bool ended_ = false;
};

inline running_command::running_command(std::vector<std::string> arguments, const run_settings& settings) {
  std::array<int, 2> in{}, out{}, err{};
  BOOST_REQUIRE(::pipe2(in.data(), O_CLOEXEC) == 0);
  BOOST_REQUIRE(::pipe2(out.data(), O_CLOEXEC) == 0);
  BOOST_REQUIRE(::pipe2(err.data(), O_CLOEXEC) == 0);
  input_ = descriptor(in[1]);
  output_ = descriptor(out[0]);
  errors_ = descriptor(err[0]);
  std::vector<char*> words;
  for (std::string& each : arguments) words.push_back(each.data());
  words.push_back(nullptr);
  pid_ = ::fork();
  BOOST_REQUIRE(pid_ >= 0);
  if (pid_ == 0) {
    ::dup2(in[0], STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    for (const std::string& each : settings.environment) ::putenv(::strdup(each.c_str()));
    if (!settings.folder.empty() && ::chdir(settings.folder.c_str()) != 0) ::_exit(126);
    settings.before_exec();
    ::execvp(words[0], words.data());
    ::_exit(127);
  }
  for (const int mine : {in[0], out[1], err[1]}) ::close(mine);
  for (const int mine : {out[0], err[0]}) ::fcntl(mine, F_SETFL, O_NONBLOCK);
  process_ = open_process(pid_);
  static const auto ignored = ::signal(SIGPIPE, SIG_IGN);
  static_cast<void>(ignored);
  // Inputs of these tests fit a pipe.
  BOOST_REQUIRE(::write(in[1], settings.input.data(), settings.input.size()) ==
                static_cast<ssize_t>(settings.input.size()));
  if (!settings.keep_input_open) input_.close();
}

// Takes what there is; false once the process has ended or nothing came for as long as patience lasts.
inline bool running_command::collect() {
  if (ended_) return false;
  std::array<pollfd, 3> watched{pollfd{process_.number(), POLLIN, 0},
                                pollfd{output_ ? output_.number() : -1, POLLIN, 0},
                                pollfd{errors_ ? errors_.number() : -1, POLLIN, 0}};
  if (::poll(watched.data(), watched.size(), patience_ms) <= 0) return false;
  ended_ = watched[0].revents != 0;
  for (const auto& [index, from, to] : {std::tuple{1u, &output_, &out_}, std::tuple{2u, &errors_, &err_}}) {
    if (*from) drain(*from, *to);
    if ((watched[index].revents & POLLHUP) != 0) from->close();
  }
  return !ended_;
}

inline std::vector<std::string> seqwire_with(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), SEQWIRE_COMMAND);
  return arguments;
}

/// Runs `seqwire ARGUMENTS...` to its end.
inline ended_command seqwire_command(std::vector<std::string> arguments, const run_settings& settings = {}) {
  return running_command(seqwire_with(std::move(arguments)), settings).finish();
}

/// Runs a line of shell in which $seqwire is the command.
inline ended_command shell(const std::string& line, run_settings settings = {}) {
  settings.environment.push_back(std::string("seqwire=") + SEQWIRE_COMMAND);
  return running_command({"bash", "-c", line}, settings).finish();
}

/// Bad usage or a failure as a user must see it: nothing on standard output, one line, the exit code.
inline void expect_complaint(const ended_command& ended, int exit_code, std::string_view containing) {
  BOOST_TEST(ended.exit_code == exit_code, ended.err);
  BOOST_TEST(ended.out == "");
  BOOST_TEST(ended.err.starts_with("seqwire: error: "), ended.err);
  BOOST_TEST(std::count(ended.err.begin(), ended.err.end(), '\n') == 1, ended.err);
  BOOST_TEST(ended.err.find(containing) != std::string::npos, "expected \"" << containing << "\" in: " << ended.err);
}

}  // namespace seqwire::command_runner
