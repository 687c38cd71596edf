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

  temporary_folder folder;
  private_lab network = make_network();
};

}  // namespace seqwire::live_runs
