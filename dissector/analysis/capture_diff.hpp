// diff: two captures in, the packets in which they differ out, by connection and number. Says what was said and how
// often, and only when asked also when; a connection's data packets are compared by absolute number, its system packets
// by what they acknowledge and allow. Reads both captures twice: to pair their connections, then side by side, so that
// what is kept does not grow with their length as long as they say the same. Judges neither. docs/diff.md
#pragma once

#include <array>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "dissector/analysis/connection_pairing.hpp"

namespace seqwire {

/// How a packet differs.
enum class difference_kind : std::uint8_t {
  only_in_first,   // its number, or what it says, is not in the second
  only_in_second,  // and the other way round
  contents,        // data, datastream type, end of message or attention of a number
  times_sent,      // the same packet, not as often
  time,            // the first sending, from the connection's first packet; only when asked for
};
inline constexpr std::size_t difference_kinds = 5;  // how many there are
std::string_view name_of(difference_kind kind);     // "only in A", ...

/// One packet in one capture, however often it was sent there.
struct packet_sight {
  std::uint64_t hash = 0;    // of what was said, in every transmission
  std::uint64_t frame = 0;   // the first that shows it; 0: none does
  instant at{};              // of that frame
  std::uint32_t times = 0;   // it was sent; copies that the network made are not counted
  std::uint32_t octets = 0;  // of its data
  // As its header has them.
  std::uint8_t datastream_type = 0;
  bool attention = false;
  bool end_of_record = false;
};

/// What a system packet says.
struct system_words {
  // Of the other direction's packets: all below the one arrived, all up to the other may be sent.
  absolute_number acknowledgement = 0;
  absolute_number allocation = 0;

  absolute_number next = 0;              // number of the sender's next data packet
  bool acknowledgement_request = false;  // it asks for an answer
  bool opening = false;                  // it knows no id of its peer yet
  auto operator<=>(const system_words&) const = default;
};

/// A packet that differs.
struct packet_difference {
  std::size_t pair = 0;                              // index into capture_diff::connections
  std::size_t direction = 0;                         // 0: by the first side of the connection of the first capture
  difference_kind kind = difference_kind::contents;  // in which way
  std::optional<system_words> system;                // nothing: a data packet
  absolute_number number = 0;                        // of a data packet
  std::array<packet_sight, 2> sights;                // in each capture
  std::array<std::uint64_t, 2> frame_before{};       // the number below it was last seen there; 0: there is none
  duration offset{};                                 // from the connection's first packet, by the earlier of the two
};

/// Numbers of packets, not of transmissions.
struct direction_counts {
  std::uint64_t same = 0;                                   // in every way that was asked for
  std::array<std::uint64_t, difference_kinds> different{};  // by difference_kind
  std::array<std::uint64_t, 2> sent_more{};  // of times_sent: by the capture in which it was sent more often
};

/// One pair of connections.
struct connection_diff {
  connection_pair which;                                              // which two they are
  std::array<std::array<speaker, 2>, 2> ends{};                       // by capture, each in the first capture's order
  std::array<instant, 2> starts{instant::never(), instant::never()};  // the first packet compared, by capture
  std::array<std::array<std::string, 2>, 2> seen_at{};      // by direction and capture: "leaving at a"; empty: not
  std::array<std::array<direction_counts, 2>, 2> counts{};  // by direction; data packets, then system packets
  bool differs() const;                                     // in any of them
};

/// A connection that the other capture does not have.
struct lonely_connection {
  std::size_t capture = 0;        // 0 or 1
  std::size_t connection = 0;     // index there
  std::array<speaker, 2> ends{};  // the one that opened first, where that was seen
  std::uint64_t packets = 0;      // at the vantage point that saw most
};

/// What two captures have and have not in common.
struct capture_diff {
  // By capture: A, B.
  std::array<std::string, 2> files;
  std::array<std::uint64_t, 2> frames{};
  std::array<std::uint64_t, 2> unanswered_openings{};
  std::vector<connection_diff> connections;  // that both have, in the order of the first capture
  std::vector<lonely_connection> lonely;     // the first capture's before the second's
  std::uint64_t differences = 0;             // packets, once for each kind in which they differ
  std::vector<packet_difference> listed;     // the earliest of them
  bool everything = false;                   // all were asked for
  std::vector<std::string> holes;            // what could not be compared, a line each

  /// Nothing differs, as far as could be compared.
  bool same() const;
  /// 0: the same; 3: they differ; 4: the same as far as could be compared, and there are holes.
  int exit_code() const;
};

/// What counts as a difference, and what is told of it.
struct diff_options {
  bool system_packets = true;           // compare them, too
  std::optional<duration> tolerance{};  // compare times, which may be so far apart
  bool everything = false;              // list each difference, not only the first 20
  /// Packets kept while the other capture may still show them; further ones are not compared, which is a hole.
  std::size_t most_rows = std::size_t{1} << 20;
};

inline constexpr std::size_t most_listed_at_all = std::size_t{1} << 20;  // differences listed, who asks for everything

/// Compares two files. The error is one line for the user: a file that cannot be read, or not twice, is malformed, or
/// is the other one. `stopped` is asked before every packet; once it says true the error is "stopped".
result<capture_diff, std::string> diff_files(const std::string& first, const std::string& second,
                                             const diff_options& options, const std::function<bool()>& stopped = {});

/// For people: the first difference, a table for each pair that differs, then the list.
std::string render_text(const capture_diff& of);
nlohmann::json to_json(const capture_diff& of);  // schema seqwire.diff/1

}  // namespace seqwire
