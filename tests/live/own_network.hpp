// A network of the test's own: two hosts and a bridge in namespaces that go with the object, and commands run in them.
#pragma once

#include "rawio/lab_network.hpp"
#include "rawio/setup_error.hpp"
#include "tests/command_runner.hpp"

namespace seqwire::live_runs {

using namespace command_runner;

inline const bool guard_is_on = ::setenv(network_guard_variable, "1", 1) == 0;

/// Ends the test program with "skipped" where an ordinary user may not have a network; root always may.
inline private_lab make_network() {
  try {
    return private_lab();
  } catch (const privilege_error& refused) {
    if (::geteuid() == 0) throw;
    std::fprintf(stderr, "skipped: %s\n", refused.what());
    std::fflush(nullptr);
    ::_exit(77);
  }
}

struct own_network {
  run_settings inside(lab_host host) const {
    run_settings settings{.folder = folder.path()};
    settings.before_exec = [this, host] {
      if (network.user_namespace() >= 0) enter_user_namespace(network.user_namespace());
      network.network_of(host).enter();
    };
    return settings;
  }
  std::vector<std::string> send(std::vector<std::string> more) const {
    more.insert(more.begin(), {"send", "--interface", "xns0", "--to", "1.02000000000b:3000"});
    return seqwire_with(more);
  }
  std::vector<std::string> receive(std::vector<std::string> more) const {
    more.insert(more.begin(), {"receive", "--interface", "xns0", "--socket", "3000"});
    return seqwire_with(more);
  }
  /// What `seqwire bridge` is given to stand between the hosts.
  std::vector<std::string> bridge(std::vector<std::string> more) const {
    more.insert(more.begin(), {"bridge", lab_port_a, lab_port_b, "--json"});
    return seqwire_with(more);
  }
  /// Files of these sizes to be sent, each of a letter of its own; `number` stands behind every name and changes the
  /// letters, where there are several transfers.
  void write_files(std::initializer_list<std::size_t> sizes, const std::string& number = "") const {
    const std::size_t first = number.empty() ? 0 : std::stoul(number);
    for (const std::size_t size : sizes)
      write_whole(folder.path("files" + number + "/of-" + std::to_string(size)),
                  std::string(size, static_cast<char>('a' + (first + size) % 26)));
  }
  /// What is in "files" came to "inbox".
  void expect_files(const std::string& number = "") const {
    std::size_t files = 0;
    for (const auto& each : fs::directory_iterator(folder.path("files" + number))) {
      const std::string name = each.path().filename();
      BOOST_TEST(digest_of(folder.path("inbox" + number + "/" + name)) == digest_of(each.path()), name);
      ++files;
    }
    BOOST_TEST(files > 0u);
    BOOST_TEST(!fs::exists(folder.path("inbox" + number + "/.part")));
  }
  /// And the captures and journals of both ends, "a.pcapng", "a.journal" and so on, hold.
  void expect_whole(const std::string& number = "") const {
    expect_files(number);
    const ended_command judged =
        seqwire_command({"verify", "a" + number + ".pcapng", "b" + number + ".pcapng", "--journal",
                         "a" + number + ".journal", "--journal", "b" + number + ".journal"},
                        {.folder = folder.path()});
    BOOST_TEST(judged.exit_code == 0, judged.err << judged.out);
  }
  /// Both ends ended well, and what they left is whole.
  void expect_transfer(const ended_command& sent, const ended_command& received) const {
    BOOST_TEST(sent.exit_code == 0, sent.err);
    BOOST_TEST(received.exit_code == 0, received.err);
    expect_whole();
  }

  temporary_folder folder;
  private_lab network = make_network();
};

}  // namespace seqwire::live_runs
