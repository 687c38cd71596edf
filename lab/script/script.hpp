// A conformance script as a checked list of events: what a peer sends, what the host must answer and when, what a
// program calls and what it gets. Names of fields come from the layouts in the catalogue, so a header added there can
// be written here at once. Knows no text (script_parser.hpp) and runs nothing (script_player.hpp).
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "protocol/host/host.hpp"
#include "protocol/socket/endpoint.hpp"
#include "protocol/wire/catalogue.hpp"

namespace seqwire {

/// A constant, or a variable and what is added to it, modulo 2^64.
struct script_number {
  std::string variable;        // without $; empty: none
  std::uint64_t constant = 0;  // added to the variable, or all
};

/// One field as a line writes it.
struct written_field {
  /// How the line says it.
  enum class kind : std::uint8_t {
    value,
    binding,  // of an expected packet: the variable takes whatever stands there
    any,      // of an expected packet: not compared
    wrong,    // of a checksum: not the right one
    absent,   // of a checksum: not checked
  };
  const field_description* field = nullptr;  // never nullptr once it is read
  kind what = kind::value;                   // decides whether `number` counts
  script_number number;                      // of value and binding
};

/// One header as a line writes it.
struct written_header {
  const layout_description* layout = nullptr;  // of the catalogue
  std::vector<written_field> fields;           // that are written; the others have their defaults

  /// The first with this meaning, or nullptr.
  const written_field* find(role meaning) const;
};

/// What follows the headers, as a line writes it.
struct written_data {
  /// How the line says it; unsaid: none when sent, any when expected.
  enum class kind : std::uint8_t {
    unsaid,
    contents,
    size,   // so many octets: 0, 1, 2, ... when sent, whatever they are when expected
    quote,  // the beginning of a packet that has a name, as an Error has it
  };
  kind what = kind::unsaid;  // decides which of the others counts
  octets contents;           // of contents
  std::size_t size = 0;      // of size, octets
  std::string packet;        // of quote, its name
};

/// Headers, outermost first, and what follows them.
struct written_contents {
  std::vector<written_header> headers;  // may be none
  written_data data;                    // behind the last header
};

/// One packet as a line writes it.
struct written_packet {
  written_contents contents;  // without headers: the octets of a whole frame
  std::string name;           // by which later lines may quote it; empty: none
  // Of what is sent, once it is built:
  std::vector<std::size_t> flipped;  // octets of which one bit is changed
  std::optional<std::size_t> cut;    // to so many octets
  std::size_t padding = 0;           // octets behind the end
};

/// The peer sends: `<`.
struct inject_event {
  written_packet packet;  // what is not written has its default
};
/// The host sends: `>`.
struct expect_event {
  written_packet packet;  // what is not written is not compared
};
/// Nothing leaves for so long.
struct silence_event {
  duration span{};  // from the event before
};
/// What has left by then is not looked at.
struct ignore_event {};
/// From now on packets that leave do not arrive: the next, the one after it, ... by ordinal from 1.
struct lose_event {
  std::vector<std::uint64_t> ordinals;  // as written; at least one
};
/// The host's link takes no packets, or takes them again.
struct link_event {
  bool full = false;  // it takes none
};
/// The conversation begins anew: what injected packets say when a line does not.
struct forget_event {};
/// What injected packets say in these fields from now on.
struct default_event {
  written_header header;  // its fields only
};

/// The calls of socket.hpp; `local` to `peer` ask for names.
enum class socket_call : std::uint8_t {
  socket,
  bind,
  listen,
  accept,
  connect,
  send,
  receive,
  set,
  get,
  shutdown,
  close,
  poll,
  local,
  peer,
};

/// What one receive() must bring.
struct expected_message {
  written_contents contents;  // headers where the socket shows them
  bool end = false;           // of the connection
  // As received has them, all compared.
  bool end_of_record = false;
  bool truncated = false;
  bool at_mark = false;
  bool attention = false;
  // Nothing: not compared.
  std::optional<std::uint64_t> true_size;
  std::optional<std::uint64_t> datastream_type;
  std::optional<xns_address> from;
};

/// Of each call the members that it has a use for.
struct call_event {
  socket_call call{};                  // which decides what counts
  std::string socket;                  // its name
  std::string made;                    // the name of the socket that accept() makes
  socket_type type{};                  // of socket
  std::optional<packet_type> only;     // of socket
  std::uint64_t number = 0;            // the backlog, or the room to receive into
  xns_address address;                 // of bind and connect, or expected of local and peer
  socket::direction direction{};       // of shutdown
  written_contents contents;           // of send
  send_options sending;                // of send
  receive_options receiving;           // of receive
  socket_option option{};              // of set and get
  std::optional<option_value> value;   // to set, or expected; nothing: a header, in contents
  std::optional<std::errc> error;      // expected
  std::optional<std::uint64_t> count;  // octets that send() must take; nothing: all
  expected_message message;            // of receive
  readiness ready;                     // of poll, expected
};

/// Between what is asked for and the line's number.
enum class comparison : std::uint8_t { equal, unequal, less, less_or_equal, greater, greater_or_equal };

/// A number that the host, or one of its connections, can be asked for.
using script_counter = std::variant<drop_reason, std::uint64_t host_statistics::*, std::uint64_t spp_statistics::*,
                                    std::uint64_t (*)(const connection_information&), std::uint64_t (*)(const host&)>;

/// A connection: by the name of its socket, or by the variable that holds its id.
struct connection_name {
  std::string name;          // of a socket, or a variable's without $
  bool is_variable = false;  // it is a variable's
};

/// A counter must compare so with the number, now.
struct counter_event {
  script_counter counter;  // which
  connection_name of;      // empty: the host's
  comparison how{};        // counter first, number second
  script_number number;    // known by then
};

/// A connection must be in this state, now.
struct state_event {
  connection_name of;                     // which
  std::optional<connection_state> state;  // nothing: the host knows it no more
};

/// A connection must have ended so.
struct status_event {
  connection_name of;   // which
  end_status status{};  // none: it has not ended
};

/// The line on which something stands.
struct script_place {
  std::string file;   // as it was given or included
  unsigned line = 0;  // from 1
};
std::string to_string(const script_place& at);  // "file:line"

/// One line that does something.
struct script_event {
  script_place at;   // for messages
  std::string text;  // the line as it is written, without the comment
  // After the event before it. Only packets that are expected may have room between the two.
  duration earliest{};
  duration latest{};
  std::variant<inject_event, expect_event, silence_event, ignore_event, lose_event, link_event, forget_event,
               default_event, call_event, counter_event, state_event, status_event>
      what;
};

/// A script as it was read; complete, and nothing of it has run.
struct script {
  std::string name;                         // the file's
  std::string about;                        // its first line, a comment
  std::uint64_t first_seed = 1;             // it is played with each of these
  std::uint64_t last_seed = 1;              // inclusive
  network_number network{1};                // of the host's link
  std::size_t mtu = 1500;                   // octets, as link_capabilities
  std::size_t half_open = 1024;             // host_config::maximum_half_open
  duration quarantine = 200_ms;             // host_config::id_quarantine
  endpoint_config endpoint;                 // the program's
  std::vector<std::string> broken_by_peer;  // rules of verify by number, "I07"
  std::vector<script_event> events;         // in the order of their lines
};

/// Who takes part: the host of the engine, and the peer that the script plays.
inline constexpr host_number script_host{0x02000000000b};
inline constexpr host_number script_peer{0x02000000000a};  // never has an engine

/// Every error that a socket's calls have, by name.
std::optional<std::errc> find_error(std::string_view name);
std::string name_of_error(const std::error_code& error);  // find_error()'s inverse
std::vector<std::string> error_names();                   // all that find_error() knows

/// "drop.bad_checksum", "errors_sent"; of a connection "retransmissions", "in_flight".
std::optional<script_counter> find_counter(std::string_view name);
bool is_of_connection(const script_counter& counter);  // else the host's
std::vector<std::string> counter_names();              // all that find_counter() knows

/// A name as a script writes it: "wrong connection id" -> "wrong_connection_id".
std::string as_word(std::string_view name);

}  // namespace seqwire
