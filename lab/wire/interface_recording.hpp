// Recording what crosses interfaces of this machine: rings in, capture files out, one interface block for each
// interface, frames in the order of their time. Knows nothing of what a frame says.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "protocol/base/time.hpp"

namespace seqwire {

/// When one file ends and the next begins.
struct file_rotation {
  std::uint64_t octets = 0;         // of a file, at least; 0: it may grow
  duration span{};                  // from a file's first frame; 0: as long as it takes
  std::optional<std::size_t> kept;  // files that stay, the latest; nothing: all
  /// There is to be more than one file.
  bool is_wanted() const { return octets != 0 || span > duration{}; }
};

/// What is to be recorded, and where.
struct interface_recording_settings {
  std::vector<std::string> interfaces;       // Ethernet, each once
  std::string filter;                        // pcap-filter(7); empty: every frame
  bool promiscuous = true;                   // frames for other hosts, too
  std::uint32_t snap_length = 262144;        // octets kept of a frame
  std::size_t ring_octets = 32 << 20;        // of each interface, for what is not yet written
  std::string path;                          // a pcapng file; "-": standard output; with rotation see rotated_name()
  file_rotation rotation;                    // none: one file
  std::optional<std::uint64_t> most_frames;  // ends it
  std::optional<duration> longest;           // ends it
};

/// "dump.pcapng", 7 -> "dump-00007.pcapng".
std::string rotated_name(const std::string& path, std::uint64_t number);

/// What an interface came to.
struct recorded_interface {
  std::string name;            // as given
  std::uint64_t recorded = 0;  // frames that are in files, or were until rotation deleted these
  std::uint64_t dropped = 0;   // frames that found the ring full
};

/// A recording so far, or at its end.
struct interface_recording {
  std::vector<recorded_interface> interfaces;  // in the order given
  std::vector<std::string> files;              // that are there, the oldest first
  int stopped_by_signal = 0;                   // SIGINT or SIGTERM
  std::string trouble;                         // one line, when something other than the user ended it

  std::uint64_t recorded() const;  // frames of all interfaces
  std::uint64_t dropped() const;   // the same
};

/// Records until a limit, a signal or trouble: a full disk, an interface that is gone. Privileges are dropped once the
/// rings are open; files are made after that, as whoever called. `ready` is called once frames are recorded, `progress`
/// some times a second. Throws what packet_ring and capture_writer do, and std::invalid_argument for the filter.
interface_recording record_interfaces(const interface_recording_settings& settings, const std::function<void()>& ready,
                                      const std::function<void(const interface_recording&)>& progress);

}  // namespace seqwire
