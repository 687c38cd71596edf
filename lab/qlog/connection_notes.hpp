// What changes at a host's connections, noted line by line while the run goes on. A line is the instant in nanoseconds
// since the origin, whether it explains the packets of that instant (timers do) or follows from them, and the event.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "protocol/host/host.hpp"
#include "rawio/capture/file.hpp"

namespace seqwire {

/// One line of notes.
struct connection_note {
  duration at{};                // since the origin
  bool before_packets = false;  // of the same instant
  std::string event;            // an object of JSON
};

/// Looks at connections and writes what is new.
class connection_notes {
 public:
  /// Throws std::system_error naming the path.
  connection_notes(const std::string& path, instant origin);

  /// Of all of SPP's connections.
  void look(instant now, const spp_protocol& at);
  /// Flushes and closes; what went wrong, or nothing.
  std::optional<std::string> close();

  /// The note in a line of the file; nothing for any other line.
  static std::optional<connection_note> parse(const std::string& line);

 private:
  struct known {
    connection_information information;
    spp_statistics statistics;
    std::size_t packet_data = 0;
    bool seen = false;  // at the last look
    std::string group;
  };

  void compare(instant now, const spp_connection& of, known& before);
  void note_timers(instant now, const known& before, const spp_statistics& after);
  void note_metrics(instant now, const spp_connection& of, const known& before);
  void write(instant now, bool before_packets, const std::string& group, std::string_view name,
             const std::string& data);

  output_file file_;
  instant origin_;
  std::map<connection_handle, known> known_;
};

}  // namespace seqwire
