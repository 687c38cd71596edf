// Journals: what the application at one end says it submitted and what was delivered to it, one JSON object a line
// (NDJSON). Without them a capture cannot prove delivery.
//   {"journal":"seqwire","version":1,"end":"a"}
//   {"event":"open","connection":0,"local":"1.02000000000a:3001","peer":"1.02000000000b:3000","local_id":17185,"peer_id":34661}
//   {"event":"submitted","connection":0,"record":0,"octets":5,"sha256":"...","datastream_type":0,"attention":false}
//   {"event":"delivered","connection":0,"record":0,"octets":5,"sha256":"...","datastream_type":0,"attention":false}
//   {"event":"ended","connection":0,"status":"closed gracefully"}
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"
#include "protocol/wire/address.hpp"

namespace seqwire {

/// One record, at one end, as submitted or as delivered.
struct journal_record {
  std::uint64_t number = 0;  // counted from 0 for each connection and direction; attentions have a count of their own
  std::uint64_t octets = 0;  // 0: a record of length zero
  std::string sha256;        // 64 hexadecimal digits, lower case
  // As sent and received (protocol sheet 4.1).
  std::uint8_t datastream_type = 0;
  bool attention = false;

  bool operator==(const journal_record&) const = default;
};

/// One connection as one end saw it.
struct journal_connection {
  std::uint64_t connection = 0;  // this end's own number for it
  // As when it opened; the other end's journal has them the other way round.
  xns_address local{};
  xns_address peer{};
  std::uint16_t local_id = 0;
  std::uint16_t peer_id = 0;
  // In order; attentions and other records count apart.
  std::vector<journal_record> submitted;
  std::vector<journal_record> delivered;
  std::string status;  // empty: the journal ends before the connection did
};

/// Everything one end's journal says.
struct journal {
  std::string end;                              // "a", "b"
  std::vector<journal_connection> connections;  // in the order in which they opened
};

/// Writes a journal line by line. Like the capture writer, a full disk does not stop the run.
class journal_writer {
 public:
  /// Creates the file and writes the first line at once. Throws std::system_error naming the path when there is no such
  /// file to be made; what fails later, a full disk at the first line too, is error()'s.
  journal_writer(const std::string& path, std::string_view end);
  ~journal_writer();
  journal_writer(const journal_writer&) = delete;
  journal_writer& operator=(const journal_writer&) = delete;

  /// Before anything else of this connection; the number is new.
  void opened(std::uint64_t connection, const xns_address& local, const xns_address& peer, std::uint16_t local_id,
              std::uint16_t peer_id);
  /// What the engine accepted.
  void submitted(std::uint64_t connection, const journal_record& record);
  /// What the application was given.
  void delivered(std::uint64_t connection, const journal_record& record);
  /// The status is not empty.
  void ended(std::uint64_t connection, std::string_view status);
  /// Hands all whole lines to the operating system. Called by itself when the buffer is full.
  void flush();
  void close();                              // flushes first; nothing can be written afterwards
  std::optional<std::string> error() const;  // as capture_writer's

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// One line for the user: what was wrong, where.
struct journal_error {
  std::string file;        // its path
  std::uint64_t line = 0;  // from 1
  std::string what;        // "expected ...; got ..."
};

/// Strict: an unknown key, a missing one or a value out of range is an error. A last line without its newline is what a
/// killed writer left, and is not there.
result<journal, journal_error> read_journal(const std::string& path);

/// SHA-256 of the octets as 64 lower-case hexadecimal digits (libsodium).
std::string sha256_hexadecimal(octets_view contents);

/// As octets, for comparison and storage.
using sha256_digest = std::array<octet, 32>;
/// The digest behind 64 hexadecimal digits.
sha256_digest sha256_from_hexadecimal(std::string_view digits);

/// SHA-256 of contents that are never in memory as a whole.
class sha256_stream {
 public:
  sha256_stream();
  ~sha256_stream();
  // The other can only be destroyed.
  sha256_stream(sha256_stream&&) noexcept;
  sha256_stream& operator=(sha256_stream&&) noexcept;

  void append(octets_view contents);  // any number of times
  /// The digest of all that was appended; what is appended next begins anew.
  sha256_digest finish();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace seqwire
