// The whole seqwire command as a function: for its own main(), and for that of a user who adds a protocol first
// (lab/protocols.hpp, docs/own-protocol.md).
#pragma once

namespace seqwire {

/// Parses, runs the chosen subcommand, and turns every failure into one line; returns the exit code.
int command_main(int count, char** arguments);

}  // namespace seqwire
