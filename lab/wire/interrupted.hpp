// A run that a signal ended: thrown once every file is closed at a whole record, so that the command can end with the
// exit code that tells which signal it was.
#pragma once

#include <stdexcept>
#include <string>

namespace seqwire {

/// Thrown by what a signal ends.
class interrupted : public std::runtime_error {
 public:
  /// SIGINT or SIGTERM.
  explicit interrupted(int signal)
      : std::runtime_error("stopped by signal " + std::to_string(signal)), signal_(signal) {}
  int signal() const { return signal_; }  // an exit code is 128 plus this

 private:
  int signal_;
};

}  // namespace seqwire
