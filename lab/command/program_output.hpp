// Runs another program to its end and keeps what it says, within bounds of time and size. No shell is involved.
#pragma once

#include <string>
#include <vector>

namespace seqwire {

/// What a program said.
struct program_output {
  int status = 127;  // exit status; 127 where there is no such program; 128 plus the signal that ended it
  std::string out;   // at most 16 MiB of standard output
  std::string err;   // and of standard error
};

/// Runs the command (searched in PATH) with nothing to read. One that has not ended after a minute is killed: 137.
/// Throws std::system_error when no process can be started.
program_output output_of_program(const std::vector<std::string>& command);

}  // namespace seqwire
