// Records in a stream of octets, as `listen` and `connect` read and write them: lines, a length before each, or none at
// all. Knows no descriptor.
#pragma once

#include <optional>
#include <string>

#include "protocol/base/result.hpp"
#include "protocol/base/slice.hpp"

namespace seqwire {

/// Where records begin and end in plain octets.
enum class framing : std::uint8_t {
  lines,            // a record is a line without its newline; what follows the last newline is one, too
  length_prefixed,  // four octets of length, the highest first, and then the record
  none,             // octets as they come
};

/// Takes octets in any pieces, and gives records.
class record_splitter {
 public:
  /// A record longer than `longest` is an error.
  record_splitter(framing how, std::size_t longest) : how_(how), longest_(longest) {}

  /// Octets behind those before; not after end().
  void push(octets_view more);
  /// No more octets will come.
  void end() { ended_ = true; }
  /// The next record, or nothing while it is not whole. The error is one line; everything before it was given.
  result<std::optional<slice>, std::string> next();
  /// end() was called and everything was given.
  bool finished() const { return ended_ && begin_ == held_.size(); }

 private:
  std::optional<slice> take(std::size_t size, std::size_t and_skip);
  result<std::optional<slice>, std::string> too_long() const;

  framing how_;
  std::size_t longest_;
  octets held_;
  std::size_t begin_ = 0;    // of what was not given
  std::size_t scanned_ = 0;  // up to here there is no newline
  bool ended_ = false;
};

/// What stands before a record of this size, and what after it.
std::string frame_start(framing how, std::size_t size);
std::string frame_end(framing how);  // a newline, or nothing

}  // namespace seqwire
