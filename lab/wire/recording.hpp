// A link's capture, where a command is asked for one: the link to use instead, and what the file still needs when all
// is over. Whatever the carrier, the capture shows Ethernet frames, which every tool reads (docs/carriers.md).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "rawio/live_link.hpp"
#include "rawio/recorder.hpp"

namespace seqwire {

/// A link's capture, if one is wanted.
class recording {
 public:
  /// To the file, under this name of the interface; no path: nothing is recorded. The link outlives it. Throws
  /// std::system_error.
  recording(live_link& of, const std::optional<std::string>& path, const std::string& interface_name);

  /// The link to work with; it records what passes.
  link& used() { return recorder_ ? static_cast<link&>(*recorder_) : link_; }
  /// So that a killed process leaves it whole until now.
  void flush();
  /// The last call: what the kernel lost is noted, the file closed. What went wrong with it, or nothing.
  std::optional<std::string> finish();

 private:
  live_link& link_;
  std::unique_ptr<capture_writer> capture_;
  std::unique_ptr<recorder> recorder_;
};

}  // namespace seqwire
