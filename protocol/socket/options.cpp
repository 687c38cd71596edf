#include "protocol/socket/options.hpp"

#include "protocol/policy/registry.hpp"
#include "protocol/spp/config.hpp"

namespace seqwire {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t longest = 3600 * 24 * second;  // a day
constexpr option_level at_socket = option_level::socket, at_idp = option_level::idp, at_spp = option_level::spp,
                       ours = option_level::seqwire;
using enum socket_option;
using enum option_kind;

constexpr std::array<option_description, option_count> table{{
    {headers_on_input, "headers-on-input", at_idp, 1, "SO_HEADERS_ON_INPUT", boolean, 0, 1, "false", "qdr", true,
     "Each packet is received with its header in front: 12 octets of SPP, or 30 of IDP (netns; on for raw sockets)"},
    {headers_on_output, "headers-on-output", at_idp, 2, "SO_HEADERS_ON_OUTPUT", boolean, 0, 1, "false", "qdr", true,
     "Each send begins with a header: an SPP prototype of which the datastream type and the end-of-message bit are "
     "used, "
     "or a whole IDP header (netns; on for raw sockets)"},
    {default_header, "default-header", at_idp, 3, "SO_DEFAULT_HEADERS", header, 0, 0, "zero", "sqd", true,
     "Datastream type and end-of-message bit (12 octets of SPP), or packet type (30 of IDP), of all that follows "
     "(netns)"},
    {last_header, "last-header", at_spp, 4, "SO_LAST_HEADER", header, 0, 0, "none", "sq", false,
     "The SPP header of the last packet that came into order (netns)"},
    {exchange_id, "exchange-id", at_idp, 6, "SO_SEQNO", number, 0, 0xffffffff, "unpredictable", "d", false,
     "A fresh Packet Exchange id, one more each time (netns)"},
    {all_packets, "all-packets", at_idp, 7, "SO_ALL_PACKETS", boolean, 0, 1, "false", "d", true,
     "SPP and Error packets that come to the number are received too (netns)"},
    {packet_data, "packet-data", at_spp, 8, "SO_MTU", number, 1, 65'000, "what fills the link's MTU", "sqd", true,
     "Octets of data in a full packet; a connection through routers begins with the classic 534 (netns)"},
    {broadcast, "broadcast", at_socket, 0x20, "SO_BROADCAST", boolean, 0, 1, "false", "d", true,
     "Packets may be sent to everybody on a network; permission_denied otherwise (socket(2), netns)"},
    {linger, "linger", at_socket, 0x80, "SO_LINGER", time, -1, longest, "in the background", "sq", true,
     "How long closing waits for the peer: 0 ends at once and loses what is unsent, negative goes on in the background "
     "(socket(2))"},
    {keepalive, "keepalive", at_socket, 0x08, "SO_KEEPALIVE", time, 0, longest, "none", "sq", true,
     "Asks a peer that is silent for so long; a peer silent for give-up is gone; 0: never (socket(2); 4.3BSD: 75 s)"},
    {receive_timeout, "receive-timeout", at_socket, 0x1006, "SO_RCVTIMEO", time, 0, longest, "none", "sqdr", true,
     "How long receive() and accept() wait; 0: as long as it takes (socket(2))"},
    {send_timeout, "send-timeout", at_socket, 0x1005, "SO_SNDTIMEO", time, 0, longest, "none", "sqdr", true,
     "How long send() and connect() wait; 0: as long as it takes (socket(2))"},
    {pending_error, "pending-error", at_socket, 0x1007, "SO_ERROR", number, 0, 4095, "0", "sqdr", false,
     "The error that the next call would tell, which it then does not (socket(2))"},
    {non_blocking, "non-blocking", ours, 1, "", boolean, 0, 1, "false", "sqdr", true,
     "Calls that would wait say operation_would_block instead (O_NONBLOCK)"},
    {explicit_records, "explicit-records", ours, 2, "", boolean, 0, 1, "false", "q", true,
     "A record ends where send_options::end_of_record says so, not with each send (SCTP_EXPLICIT_EOR, RFC 6458)"},
    {keep_remainder, "keep-remainder", ours, 3, "", boolean, 0, 1, "false", "q", true,
     "What of a record does not fit the buffer is left for the next receive() instead of cut off"},
    {allocation, "allocation", ours, 4, "", number, 1, maximum_window, "64", "sq", true,
     "Packets held for the application and for reordering; before connecting (protocol sheet 4.2)"},
    {sender, "sender", ours, 5, "", name, 0, 0, "fixed", "sq", true,
     "The sender's policies by name; before connecting"},
    {window, "window", ours, 6, "", number, 1, maximum_window, "64", "sq", true,
     "The fixed sender's window, or the initial slow start threshold, in packets; before connecting"},
    {acknowledgement, "acknowledgement", ours, 7, "", name, 0, 0, "immediate", "sq", true,
     "When acknowledgements are sent; before connecting"},
    {give_up, "give-up", ours, 8, "", time, second / 10, longest, "120 s", "sq", true,
     "Time without any progress after which a connection has timed out; before connecting"},
    {open_timeout, "open-timeout", ours, 9, "", time, second / 1000, longest, "75 s", "sq", true,
     "Time after which an opening that nobody answers has timed out; before connecting (4.3BSD: 75 s)"},
    {packet_life, "packet-life", ours, 10, "", time, 0, 600 * second, "100 ms", "sq", true,
     "No copy of a packet arrives later than this: bounds how fast numbers may be used again; before connecting"},
    {maximum_record, "maximum-record", ours, 11, "", number, 1, std::int64_t{1} << 40, "268435456", "sq", true,
     "Octets; a longer record ends the connection; before connecting"},
    {send_buffer, "send-buffer", ours, 12, "", number, 1, std::int64_t{1} << 40, "4194304", "sq", true,
     "Octets queued before send() waits; one record always fits; before connecting"},
    {receive_buffer, "receive-buffer", ours, 13, "", number, 542, std::int64_t{1} << 40, "262144", "dr", true,
     "Octets that wait for the program, with 512 for each datagram"},
    {groups, "groups", ours, 14, "", name, 0, 0, "none", "d", true,
     "Multicast hosts whose packets are received too, as twelve hexadecimal digits each, separated by commas"},
    {all_errors, "all-errors", ours, 15, "", boolean, 0, 1, "false", "dr", true,
     "Without a peer, too, Errors about what was sent are told by the next call (as 4.3BSD always did); otherwise "
     "pending-error alone tells them, and no destination keeps packets from another (IP_RECVERR of Linux's ip(7))"},
}};

static_assert(
    [] {
      for (std::size_t index = 0; index < table.size(); ++index)
        if (static_cast<std::size_t>(table[index].which) != index) return false;
      return true;
    }(),
    "the rows stand in the enumeration's order");

std::string name_of(option_kind kind) {
  switch (kind) {
    case boolean: return "yes or no";
    case option_kind::number: return "number";
    case option_kind::time: return "time";
    case name: return "name";
    case header: return "header octets";
  }
  return "?";
}

std::string name_of(option_level level) {
  switch (level) {
    case at_socket: return "socket";
    case at_idp: return "IDP";
    case at_spp: return "SPP";
    case ours: return "ours";
  }
  return "?";
}

std::string joined(std::span<const std::string_view> names) {
  std::string list;
  for (const std::string_view each : names) list.append(list.empty() ? "" : ", ").append(each);
  return list;
}

std::string range_of(const option_description& row) {
  const auto time_of = [](std::int64_t nanoseconds) {
    if (nanoseconds < 0) return std::string("negative");
    if (nanoseconds % second == 0) return std::to_string(nanoseconds / second) + " s";
    return std::to_string(nanoseconds / 1'000'000) + " ms";
  };
  if (row.kind == option_kind::number) return std::to_string(row.least) + " to " + std::to_string(row.most);
  if (row.which == sender) return joined(sender_names());
  if (row.which == acknowledgement) return joined(acknowledgement_names());
  if (row.kind == option_kind::time) return time_of(row.least) + " to " + time_of(row.most);
  return "";
}

std::string types_of(const option_description& row) {
  constexpr std::pair<char, std::string_view> letters[] = {
      {'s', "stream"}, {'q', "sequenced packet"}, {'d', "datagram"}, {'r', "raw"}};
  std::string types;
  for (const auto& [letter, type] : letters)
    if (row.sockets.find(letter) != std::string_view::npos) types.append(types.empty() ? "" : ", ").append(type);
  return types;
}

}  // namespace

std::string option_chapter() {
  std::string text =
      "# Socket options\n\n"
      "Generated from the table in `protocol/socket/options.cpp`: `seqwire options > docs/options.md`.\n"
      "4.3BSD's netns options keep their names and numbers; ours are at a level of their own.\n\n"
      "| option | historic name | level, number | value | range | initially | sockets | what it does |\n"
      "|---|---|---|---|---|---|---|---|\n";
  for (const option_description& row : table) {
    const std::string cells[] = {"`" + std::string(row.name) + "`",
                                 std::string(row.historic_name),
                                 name_of(row.level) + ", " + std::to_string(row.number),
                                 name_of(row.kind) + (row.settable ? "" : ", read only"),
                                 range_of(row),
                                 std::string(row.initially),
                                 types_of(row),
                                 std::string(row.documentation)};
    for (const std::string& cell : cells) text += "| " + cell + " ";
    text += "|\n";
  }
  text +=
      "\nOf netns two options are not here. SO_NSIP_ROUTE (5) gave IDP over IP its way to a host: that is a carrier's "
      "peer (docs/carriers.md), not a socket's. SO_NEWCALL (10) let a program end records and see their types: "
      "explicit-records does the one, and receive() tells the other anyway.\n";
  return text;
}

std::span<const option_description, option_count> option_table() { return table; }

const option_description& describe(socket_option which) { return table[static_cast<std::size_t>(which)]; }

std::optional<socket_option> find_option(option_level level, std::int32_t number) {
  for (const option_description& row : table) {
    // netns has its header options at both of its levels.
    const bool same_level = row.level == level || (row.level == at_idp && level == at_spp);
    if (same_level && row.number == number) return row.which;
  }
  return std::nullopt;
}

}  // namespace seqwire
