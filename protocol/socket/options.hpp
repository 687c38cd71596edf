// Every option of a socket, in one table: 4.3BSD's under their historic names and numbers, and ours. What is not in the
// table does not exist; docs/options.md is printed from it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/base/time.hpp"
#include "protocol/wire/spp.hpp"

namespace seqwire {

/// Where 4.3BSD keeps an option: its setsockopt() level. Ours are at a level of their own.
enum class option_level : std::int32_t { socket = 0xffff, idp = 0, spp = 5, seqwire = 0x5351 };

/// All options, in the order of docs/options.md, which says what each one does.
enum class socket_option : std::uint8_t {
  // 4.3BSD
  headers_on_input,
  headers_on_output,
  default_header,
  last_header,
  exchange_id,
  all_packets,
  packet_data,
  broadcast,
  linger,
  keepalive,
  receive_timeout,
  send_timeout,
  pending_error,
  // ours
  non_blocking,
  explicit_records,
  keep_remainder,
  allocation,
  sender,
  window,
  acknowledgement,
  give_up,
  open_timeout,
  packet_life,
  maximum_record,
  send_buffer,
  receive_buffer,
  groups,
  all_errors,
};
inline constexpr std::size_t option_count =
    static_cast<std::size_t>(socket_option::all_errors) + 1;  // rows of the table

/// Booleans, numbers and sizes, times, names, headers as they stand on the wire.
using option_value = std::variant<bool, std::int64_t, duration, std::string, octets>;

/// Which alternative of option_value an option takes; `number` and sizes are integers.
enum class option_kind : std::uint8_t { boolean, number, time, name, header };

/// One row of the table.
struct option_description {
  socket_option which;             // its place in the table
  std::string_view name;           // as scenarios, the command and docs/options.md write it
  option_level level;              // where a historic program looks for it
  std::int32_t number;             // at its level; historic where there is a historic name
  std::string_view historic_name;  // empty: ours
  option_kind kind;                // of its value
  std::int64_t least;              // of numbers; of times in nanoseconds
  std::int64_t most;               // both inclusive
  std::string_view initially;      // as people write it
  std::string_view sockets;  // the types that have it: some of "s" stream, "q" sequenced packet, "d" datagram, "r" raw
  bool settable;             // false: for reading only
  std::string_view documentation;  // one sentence, with the source
};

/// In the order of socket_option.
std::span<const option_description, option_count> option_table();
const option_description& describe(socket_option which);  // its row
/// By its level and number, as a port of a historic program has them.
std::optional<socket_option> find_option(option_level level, std::int32_t number);

/// docs/options.md, from the table.
std::string option_chapter();

}  // namespace seqwire
