// A run that a signal ended: thrown once every file is closed at a whole record, so that the command can end with the
// exit code that tells which signal it was.
#pragma once

#include <stdexcept>
#include <string>

namespace seqwire {

class interrupted : public std::runtime_error {
 public:
  explicit interrupted(int signal)
      : std::runtime_error("stopped by signal " + std::to_string(signal)), signal_(signal) {}
  int signal() const { return signal_; }

 private:
  int signal_;
};

}  // namespace seqwire
