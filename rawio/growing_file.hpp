// A file that somebody is still writing: when there is more of it, and when there will not be. Knows nothing of what is
// in it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "rawio/capture/descriptor.hpp"

namespace seqwire {

/// Watches one file from here on. What is no regular file (a FIFO, which its reader waits for anyway) does not grow.
class growing_file {
 public:
  /// Throws std::system_error when the file cannot be opened or watched.
  explicit growing_file(const std::string& path);

  /// To be asked at the end of what was read. True once there may be more; false when nobody has it open for writing
  /// any more and all was read, or when `enough` says so, which is asked several times a second.
  bool wait(const std::function<bool()>& enough);

 private:
  std::optional<bool> is_being_written() const;  // nothing: nobody knows

  descriptor file_;
  descriptor watch_;
  bool finished_ = false;
};

}  // namespace seqwire
