// A capture that is being written, passed on to whoever watches it: block by block as they become whole, at the pace of
// its own time stamps if wanted. Knows pcapng only as far as this program writes it.
#pragma once

#include <functional>
#include <string>

#include "protocol/base/time.hpp"

namespace seqwire {

/// How a relay ended.
enum class relay_end : std::uint8_t {
  finished,     // the writer has ended, and every whole block was passed on
  reader_gone,  // nobody reads any more
  stopped,      // as the caller wished
};

/// What a relay is to do.
struct relay_settings {
  std::string path;                    // of the capture, which may not be there yet
  int to = -1;                         // a descriptor; a pipe is waited for
  double pace = 0;                     // seconds of the capture in one of ours; 0: as fast as it is written
  std::function<bool()> writer_ended;  // asked when there is nothing more to pass on
  std::function<bool()> stopped;       // asked some times a second
};

/// Passes the capture on until one of the three ends. Throws std::system_error when it cannot be read or written, and
/// std::runtime_error when it is not what capture_writer writes.
relay_end relay_capture(const relay_settings& settings);

}  // namespace seqwire
