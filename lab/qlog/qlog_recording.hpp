// A run's events for its hosts, if they are wanted: NAME.qlog beside the capture (docs/qlog.md). While the run goes on,
// only what no packet shows is written down, by a program that stands around the host's own and looks at the
// connections whenever the host is driven: states, windows, round trips, timers. Packets come from the capture when the
// run is over. So the engine knows nothing of it, and a run without events does nothing for them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "protocol/host/application.hpp"

namespace seqwire {

/// "a.qlog": the events of host a.
std::string qlog_name(const std::string& host);
// Behind a host's name.
inline constexpr const char* qlog_extension = ".qlog";
inline constexpr const char* qlog_notes_extension = ".qlog.notes";
/// What the run notes before it is over; not there afterwards.
std::string qlog_notes_name(const std::string& host);

/// The events of a run.
class qlog_recording {
 public:
  /// Of a run that writes to this folder.
  explicit qlog_recording(std::string folder);
  ~qlog_recording();
  qlog_recording(const qlog_recording&) = delete;  // programs refer to it
  qlog_recording& operator=(const qlog_recording&) = delete;

  /// The program to run on the host in place of this one, which outlives the run. The host is named as in the topology,
  /// and so its interface in the capture, or its interfaces: r1-0, r1-1, ... Times count from the origin. Throws
  /// std::system_error.
  application& watched(const std::string& host, application& program, instant origin);

  /// Writes the files, of all that were watched, from the run's closed capture; `title` is for people. Once. One line
  /// for each that is not whole.
  std::vector<std::string> finish(const std::string& capture, const std::string& title);

 private:
  class watch;
  std::string folder_;
  std::vector<std::unique_ptr<watch>> watches_;
};

}  // namespace seqwire
