// Files as captures, journals and input logs need them: an output made of whole units (blocks, lines) that survives a
// full disk and a killed process, and an input read forwards through a bounded buffer, compressed or not. Knows nothing
// of what a unit contains.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"
#include "rawio/capture/descriptor.hpp"
#include "rawio/capture/gunzip.hpp"

namespace seqwire {

/// How many of the octets, from the front, are whole lines.
std::size_t whole_lines(octets_view written);

/// Gathers whole units in a buffer and writes them out together. When a write fails, the error is kept and nothing more
/// is written; the file then ends inside a unit, so that whoever reads it sees that it is not whole.
class output_file {
 public:
  /// How many of the octets, from the front, are whole units. The octets begin with a unit.
  using unit_scan = std::size_t (*)(octets_view);

  /// Creates or empties the file; "-" is standard output. Throws std::system_error naming the path.
  output_file(const std::string& path, unit_scan whole_units);
  output_file(const output_file&) = delete;
  output_file& operator=(const output_file&) = delete;
  ~output_file() { close(); }

  /// Room for one unit of exactly `size` octets, all of which the caller fills before any other call. Writes the units
  /// before it out when the buffer is full. Null when the file is closed or has failed.
  octet* append(std::size_t size);

  /// Writes out what is in the buffer; errors are error()'s.
  void flush();
  /// Flushes and closes; append() gives nullptr from now on.
  void close();

  /// Octets of units that are in the file or on their way to it.
  std::uint64_t size() const { return flushed_ + used_; }
  /// The first error as a sentence.
  const std::optional<std::string>& error() const { return error_; }
  /// After an error: the units that were in the buffer and did not reach the file.
  octets_view lost() const { return lost_; }
  /// After an error: whether the last unit in the file lost its end, because the disk was full just behind it.
  bool last_unit_cut() const { return last_unit_cut_; }

 private:
  std::size_t write_out();
  void cut_last_unit();
  void fail(int error_number);

  std::string path_;
  unit_scan whole_units_;
  descriptor file_;
  octets buffer_;
  std::size_t used_ = 0;
  std::uint64_t flushed_ = 0;
  std::optional<std::string> error_;
  octets_view lost_;
  bool last_unit_cut_ = false;
};

/// Reads a file forwards.
class input_file {
 public:
  /// The error is the operating system's word for it.
  static result<input_file, std::string> open(const std::string& path);

  /// At least `wanted` octets from here on, fewer only where the file ends or reading fails. Valid until the next call.
  /// The buffer grows to `wanted`, so the caller has checked it against a limit.
  octets_view peek(std::size_t wanted) {
    if (filled_ - begin_ < wanted) fill(wanted);
    return {buffer_.data() + begin_, filled_ - begin_};
  }
  /// size <= what peek() returned.
  void skip(std::size_t size) {
    begin_ += size;
    offset_ += size;
  }
  /// Octets skipped so far.
  std::uint64_t offset() const { return offset_; }
  /// If what stands at the file's beginning is gzip's, peek() gives what was compressed from here on, and offset()
  /// counts that. Before anything is skipped.
  void unpack_if_packed();
  /// The file may grow: asked at its end each time, whether to look again. It may wait for it. Nothing: it may not.
  void grows(std::function<bool()> look_again) { look_again_ = std::move(look_again); }
  /// Reading failed, which is no plain end of the file; and why, in words.
  bool failed() const { return !error_.empty(); }
  const std::string& error() const { return error_; }  // the system's words or gzip's, once failed()
  /// It failed because the file ends in the middle of what gzip compressed.
  bool cut_short() const { return cut_short_; }

 private:
  explicit input_file(descriptor file) : file_(std::move(file)) {}
  void fill(std::size_t wanted);
  void unpack();
  std::size_t read(octet* into, std::size_t room);
  std::size_t read_unpacked(octet* into, std::size_t room);

  struct packed_input {
    gunzip from;
    octets buffer;
    octets_view left;  // of the buffer
  };

  descriptor file_;
  std::optional<packed_input> packed_;
  std::function<bool()> look_again_;
  octets buffer_;
  std::size_t begin_ = 0;
  std::size_t filled_ = 0;
  std::uint64_t offset_ = 0;
  std::string error_;
  bool cut_short_ = false;
};

}  // namespace seqwire
