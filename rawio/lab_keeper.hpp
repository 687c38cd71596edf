// A lab that outlives the command which made it: a keeper process in the background holds its namespaces and runs its
// bridge, so that the lab is gone whenever the keeper is. Other commands find it by its name, and touch it only after
// the proof that it is the one which was made (rawio/lab_state.hpp).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rawio/lab_state.hpp"

namespace seqwire {

inline constexpr const char* default_lab_name = "lab";  // where the user names none

/// Runs in the lab's bridge namespace, in a process of its own, until SIGTERM; calls `ready` once frames pass. Standard
/// output and error go to the lab's log.
using bridge_program = std::function<int(const std::function<void()>& ready)>;

/// Makes the lab and returns once it works. Without a bridge program nothing passes between port-a and port-b. What a
/// crashed keeper left behind under this name is cleaned up before. Throws lab_error (it is up already, the bridge
/// ended at once), privilege_error, std::system_error.
void bring_lab_up(const std::string& name, const lab_options& options, const bridge_program& bridge = {});

/// Crashed: there is a state file, and its keeper does not live any more.
enum class lab_condition : std::uint8_t { absent, up, crashed };

/// As `seqwire lab status` prints it.
struct lab_report {
  lab_condition condition = lab_condition::absent;  // at the moment of the question
  std::optional<lab_state> state;                   // unless absent
  std::vector<pid_t> processes;                     // that run in the lab, the bridge apart
};
/// What is known of the lab. Changes nothing.
lab_report examine_lab(const std::string& name);

/// Ends the lab: its bridge, its keeper, every process in it (SIGTERM, then SIGKILL; never this one and its ancestors)
/// and its files; of a crashed lab the commands that were executed in it. False when there was no such lab.
bool take_lab_down(const std::string& name);

/// Moves this process, which must have one thread, into a host of the lab for good; what it executes then counts as the
/// lab's. Throws lab_error when the lab is not up.
void enter_lab(const std::string& name, lab_host host);

}  // namespace seqwire
