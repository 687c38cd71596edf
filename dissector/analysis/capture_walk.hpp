// Whole captures, packet by packet: what verify, analyze and diff have in common where they meet files. Knows nothing
// of what a packet says.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rawio/capture/capture.hpp"

namespace seqwire {

/// What a capture says at its end.
struct walked_capture {
  std::vector<capture_interface> interfaces;     // all of them
  std::vector<interface_statistics> statistics;  // by interface index; zeros where there was none
  std::optional<std::string> cut_short;          // the file ends in the middle of a block: one line
  std::vector<std::string> left_out;             // damaged places, a line each, and one more for those beyond the first
};

/// How captures are read.
struct capture_reading {
  std::function<bool()> stopped = {};  // asked before every packet; once it says true the error is "stopped"
  damage_handling damaged = damage_handling::refuse;  // what becomes of broken places
  /// As capture_reader::open() has it: the captures are still being written. What is asked for `stopped` then ends them
  /// as if they had ended there.
  std::function<bool()> grows = {};
};

/// Shows every packet in order with its own interface. The error is one line for the user: a file that cannot be read
/// or is malformed.
result<walked_capture, std::string> walk_capture(
    const std::string& path, const std::function<void(const captured_packet&, const capture_interface&)>& visit,
    const capture_reading& how = {});

/// One line if two of the paths are the same file.
std::optional<std::string> given_twice(std::span<const std::string> paths);

/// A name from inside a file, as one line for a terminal.
std::string printable_name(std::string_view name);

}  // namespace seqwire
