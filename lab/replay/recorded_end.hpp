// One end of a captured connection, as a repetition needs it: what arrived there, what left, and what its application
// had it say, put together from what left. Taken from the end's own vantage point where the capture has it. Says what
// keeps it from being repeated. Knows nothing of the engine.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lab/replay/answer.hpp"
#include "protocol/base/result.hpp"
#include "protocol/base/sequence.hpp"
#include "protocol/base/slice.hpp"
#include "protocol/wire/address.hpp"

namespace seqwire {

/// What an application has its end do.
struct utterance {
  /// `open`: of an end that opens the connection.
  enum class kind : std::uint8_t { open, record, attention, close };
  kind what = kind::record;          // as follows
  slice contents;                    // of a record, or the octet of an attention
  std::uint8_t datastream_type = 0;  // of a record
  bool end_of_message = true;        // of a record; false: the capture ends inside
};

/// A packet at the end, in the order of the capture.
struct recorded_packet {
  instant at{};             // when it was seen
  std::uint64_t frame = 0;  // of the capture
  bool left = false;        // the end sent it; else it arrived
  bool closes = false;      // it arrived, and asks to close
  slice arrived;            // the IDP packet
  sent_answer sent;         // of one that left
  /// What the application must have said before it left, and had not before.
  std::vector<utterance> said;
};

/// Whose packets they are, and how complete they are.
struct recorded_end {
  std::size_t connection = 0;            // of the capture, from 0
  std::size_t side = 0;                  // 0: it opened the connection
  std::string seen_at;                   // "a": the interface; printable
  bool own_vantage = false;              // the end's own; else somewhere between the ends
  xns_address own;                       // its address
  xns_address peer;                      // of the other end
  std::uint16_t own_id = 0;              // its connection id
  std::uint16_t peer_id = 0;             // the other end's
  bool opens = false;                    // its first packet was an opening
  packet_count allocation = 0;           // of its first packet: packets it has room for
  std::size_t packet_data = 0;           // octets of data in its largest packet
  std::vector<recorded_packet> packets;  // of this connection, and Errors that arrived
  instant until{};                       // the capture's last packet there
  std::vector<std::string> holes;        // what the capture lacks, a line each: it can be repeated all the same
  std::string unrepeatable;              // one line that says why it cannot be; empty: it can
};

/// Which end of a capture.
struct end_choice {
  std::size_t connection = 0;       // from 0, in the order in which analyze tells of them
  std::optional<std::size_t> side;  // 0: the one that opened; nothing: one whose own vantage point is there
};

inline constexpr std::size_t most_repeated_octets = std::size_t{256} << 20;  // of a connection's packets

/// Reads it. The error is one line for the user: a file that cannot be read twice or is malformed, a connection that is
/// not there or no SPP. `stopped` is asked before every packet; once it says true the error is "stopped".
result<recorded_end, std::string> read_recorded_end(const std::string& capture, const end_choice& choice,
                                                    const std::function<bool()>& stopped = {});

}  // namespace seqwire
