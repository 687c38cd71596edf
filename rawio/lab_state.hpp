// What a persistent lab leaves on disk: one JSON file for each lab in a folder that only its user can enter, and the
// proof that the process it names is still the lab's keeper and not a later one of the same number. Enters and ends
// nothing.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "rawio/lab_network.hpp"

namespace seqwire {

/// One line for the user: what cannot be done with this lab, and why.
class lab_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A process number with the time of its start, in clock ticks since the machine's: never given twice.
struct process_identity {
  pid_t pid = 0;              // as this process's namespace numbers it
  std::uint64_t started = 0;  // clock ticks, from /proc/PID/stat

  bool operator==(const process_identity&) const = default;
};
/// Nothing when there is no such process.
std::optional<process_identity> identify_process(pid_t pid);

/// A namespace that the keeper holds: its descriptor there, and what must be found behind it.
struct held_namespace {
  int descriptor = -1;          // number in the keeper's process, for /proc/PID/fd
  namespace_identity identity;  // of the namespace behind it
};

/// What the state file says of a lab.
struct lab_state {
  std::string name;                              // 1 to 32 characters
  process_identity keeper;                       // who holds the namespaces
  std::optional<held_namespace> user_namespace;  // nothing when root made the lab without one
  std::vector<held_namespace> networks;          // by lab_host
  pid_t bridge = 0;                              // the bridge's process; 0: none
  std::optional<int> bridge_status;              // its exit status once it has ended

  /// In the environment of every command executed in the lab: SEQWIRE_LAB=name/pid/started.
  std::string mark() const;
};

/// The folder of the user's labs: $XDG_RUNTIME_DIR/seqwire, else /run/seqwire for root and seqwire-UID in the temporary
/// folder for others. Made with mode 0700. Throws lab_error when it belongs to somebody else or is open to others.
std::filesystem::path lab_folder();

/// Throws lab_error unless the name is 1 to 32 letters, digits, '-' and '_'.
void require_lab_name(const std::string& name);
// Within lab_folder(), whether it is there or not; require_lab_name() has been asked.
std::filesystem::path lab_state_path(const std::string& name);
std::filesystem::path lab_log_path(const std::string& name);

/// Nothing when there is no lab of that name. Throws lab_error when the file is damaged.
std::optional<lab_state> read_lab_state(const std::string& name);
/// Whole or not at all. Throws std::system_error.
void write_lab_state(const lab_state& state);
/// State and log; nothing happens when there are none.
void remove_lab_files(const std::string& name);

/// A living keeper, proved: a pidfd, and its namespaces opened.
struct living_keeper {
  descriptor process;                       // a pidfd
  descriptor user_namespace;                // none when root made the lab
  std::vector<network_namespace> networks;  // by lab_host
};
/// Nothing when the keeper has ended, or when that process is not the keeper any more.
std::optional<living_keeper> find_keeper(const lab_state& state);

/// Running processes that carry the lab's mark or, where the keeper is given, are in one of the namespaces that it
/// holds; without the bridge's, and without this process and its ancestors.
std::vector<pid_t> find_lab_processes(const lab_state& state, const living_keeper* keeper);

}  // namespace seqwire
