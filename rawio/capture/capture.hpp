// Captures: pcapng written and read by our own code (libpcap shows no interface, direction, comment, packet id or drop
// count of a pcapng), pcap read through libpcap. No kernel interface beyond files: simulator and dissector use this
// too. pcapng: draft-ietf-opsawg-pcapng. One interface block for each vantage point, nanosecond stamps, direction in
// the flags, one packet id for the same packet at every vantage point, comments that say what became of a packet.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"
#include "protocol/base/time.hpp"

namespace seqwire {

/// Link types of https://www.tcpdump.org/linktypes.html that occur here.
enum class link_type : std::uint16_t { ethernet = 1, raw_ip = 101, linux_cooked = 113, user0 = 147, ipv4 = 228 };

/// Of a packet at its vantage point; the numbers are those of pcapng's flags (draft section 4.3.1).
enum class capture_direction : std::uint8_t { unknown = 0, in = 1, out = 2 };

/// One vantage point.
struct capture_interface {
  std::string name;                      // "a", "b": the host that watched
  std::string description;               // for people
  link_type type = link_type::ethernet;  // of all its packets
  std::uint32_t snap_length = 262144;    // octets kept of a packet
};

/// What an interface says at the end of a capture.
struct interface_statistics {
  std::uint64_t received = 0;  // packets that reached the vantage point
  std::uint64_t dropped = 0;   // of these, lost by the capture itself
};

/// A packet as a capture tells of it.
struct captured_packet {
  std::size_t interface = 0;  // index into the reader's interfaces()
  instant at{};               // nanoseconds since the Unix epoch (0 for a simulator's start)
  capture_direction direction = capture_direction::unknown;  // unknown where the file does not say
  std::optional<std::uint64_t> packet_id;  // the same for the same packet at every vantage point of the file
  std::uint64_t dropped_before = 0;        // packets lost by the capture between the one before and this one
  std::size_t original_length = 0;         // octets on the wire; frame.size() unless the capture cut it
  octets frame;                            // from the link header on
  std::vector<std::string> comments;       // what became of it, in the file's order
};

/// One line for the user: what was wrong, where.
struct capture_error {
  std::string file;          // its path
  std::uint64_t offset = 0;  // octets from the start of the file, or of what gzip compressed
  std::string what;          // "block length 7, expected a multiple of 4 of at least 12"
  bool truncated = false;    // the file ends in the middle of a block: everything before it was read
};
std::string to_string(const capture_error& error);  // that line

/// What the section header says.
struct capture_writer_options {
  std::string application = "seqwire";  // section header: who wrote it
  std::string comment;                  // section header: scenario, seed
};

/// Writes a pcapng. A process killed at any moment leaves a file that reads to the last whole block. A full disk does
/// not stop the run: the first error is kept, later packets are counted and not written, and the file ends inside a
/// block, so that its readers know that packets are missing.
class capture_writer {
 public:
  /// Creates the file ("-": standard output) and writes the section header at once. Throws std::system_error naming the
  /// path when the file cannot be made; what fails later, a full disk at the section header too, is error()'s.
  capture_writer(const std::string& path, const capture_writer_options& options);
  ~capture_writer();
  capture_writer(const capture_writer&) = delete;
  capture_writer& operator=(const capture_writer&) = delete;

  /// Adds a vantage point and returns its index. Any time before its first packet.
  std::size_t add_interface(const capture_interface& interface);

  /// What is said of a packet beside its octets.
  struct packet_block {
    std::size_t interface = 0;                                 // of add_interface()
    instant at{};                                              // not before the epoch
    capture_direction direction = capture_direction::unknown;  // unknown: no flags are written
    std::optional<std::uint64_t> packet_id = {};               // nothing: none is written
    std::uint64_t dropped_before = 0;                          // as captured_packet; 0: nothing is written
    std::string_view comment = {};                             // none when empty; cut after 65535 octets
    std::span<const std::string> more_comments = {};           // behind it, each like it
    std::size_t original_length = 0;                           // on the wire; what is given where that is more
  };
  /// Appends one packet made of up to three pieces (link header, headers, body); they are joined in the block, and cut
  /// at the interface's snap length.
  void write(const packet_block& block, octets_view first, octets_view second = {}, octets_view third = {});

  /// Appends an interface's statistics block: once for each, at the end.
  void write_statistics(std::size_t interface, instant at, const interface_statistics& statistics);

  /// Hands all whole blocks to the operating system. Called by itself when the buffer is full.
  void flush();
  /// Flushes and closes. After this only the getters may be called.
  void close();

  std::uint64_t packets_written() const;      // that are in the file or on their way to it
  std::uint64_t octets_written() const;       // the file's size once all is flushed
  std::uint64_t packets_not_written() const;  // because of the error
  /// The first error of writing, as a sentence that names the path; nothing while all is well.
  std::optional<std::string> error() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// What becomes of the damaged places of a capture.
enum class damage_handling : std::uint8_t {
  refuse,    // reading ends there with an error
  leave_out  // reading goes on behind the place, and says what is missing
};

/// Reads pcapng (both byte orders, any time resolution, several sections) and, through libpcap, pcap in all its
/// variants, compressed with gzip or not, by looking at the file's first octets. Every length is checked before it is
/// used, and memory is bounded by the longest block, whatever a file unpacks to.
class capture_reader {
 public:
  /// Opens and reads the file's head. Errors: not readable, neither pcapng nor pcap, malformed. Behind damage, a pcapng
  /// goes on with the next block whose lengths agree; a pcap, which has nothing to find its records by, ends where they
  /// do not follow each other any more, as if it were cut there. `grows`, where there is one, is asked at the file's
  /// end whether to look again; it may wait (growing_file).
  static result<capture_reader, capture_error> open(const std::string& path,
                                                    damage_handling damaged = damage_handling::refuse,
                                                    std::function<bool()> grows = {});
  // The other can only be destroyed.
  capture_reader(capture_reader&&) noexcept;
  capture_reader& operator=(capture_reader&&) noexcept;
  ~capture_reader();

  /// The next packet; nothing at the end of the file; or what is wrong there, after which reading has ended.
  /// The packet is valid until the next call.
  result<const captured_packet*, capture_error> next();

  /// The interfaces seen so far; complete at the end.
  const std::vector<capture_interface>& interfaces() const;
  /// What the interfaces' statistics blocks said, by interface index; zeros where there was none. Complete at the end.
  const std::vector<interface_statistics>& statistics() const;
  /// What was left out so far, one line for each place, the first so many; how many places there were.
  const std::vector<capture_error>& left_out() const;
  std::uint64_t places_left_out() const;               // of those, told or not
  static constexpr std::size_t most_places_told = 32;  // by left_out()

 private:
  struct state;
  explicit capture_reader(std::unique_ptr<state> state);
  std::unique_ptr<state> state_;
};

}  // namespace seqwire
