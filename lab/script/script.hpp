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
  std::string variable;  // without $; empty: none
  std::uint64_t constant = 0;
};

/// One field as a line writes it.
struct written_field {
  enum class kind : std::uint8_t {
    value,
    binding,  // of an expected packet: the variable takes whatever stands there
    any,      // of an expected packet: not compared
    wrong,    // of a checksum: not the right one
    absent,   // of a checksum: not checked
  };
  const field_description* field = nullptr;
  kind what = kind::value;
  script_number number;
};

struct written_header {
  const layout_description* layout = nullptr;
  std::vector<written_field> fields;

  const written_field* find(role meaning) const;
};

struct written_data {
  enum class kind : std::uint8_t {
    unsaid,
    contents,
    size,   // so many octets: 0, 1, 2, ... when sent, whatever they are when expected
    quote,  // the beginning of a packet that has a name, as an Error has it
  };
  kind what = kind::unsaid;
  octets contents;
  std::size_t size = 0;
  std::string packet;
};

/// Headers, outermost first, and what follows them.
struct written_contents {
  std::vector<written_header> headers;
  written_data data;
};

struct written_packet {
  written_contents contents;  // without headers: the octets of a whole frame
  std::string name;           // by which later lines may quote it; empty: none
  // Of what is sent, once it is built:
  std::vector<std::size_t> flipped;  // octets of which one bit is changed
  std::optional<std::size_t> cut;    // to so many octets
  std::size_t padding = 0;           // octets behind the end
};

struct inject_event {
  written_packet packet;
};
struct expect_event {
  written_packet packet;
};
/// Nothing leaves for so long.
struct silence_event {
  duration span{};
};
/// What has left by then is not looked at.
struct ignore_event {};
/// From now on packets that leave do not arrive: the next, the one after it, ... by ordinal from 1.
struct lose_event {
  std::vector<std::uint64_t> ordinals;
};
/// The host's link takes no packets, or takes them again.
struct link_event {
  bool full = false;
};
/// The conversation begins anew: what injected packets say when a line does not.
struct forget_event {};
/// What injected packets say in these fields from now on.
struct default_event {
  written_header header;
};

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
  written_contents contents;
  bool end = false;  // of the connection
  bool end_of_record = false;
  bool truncated = false;
  bool at_mark = false;
  bool attention = false;
  std::optional<std::uint64_t> true_size;
  std::optional<std::uint64_t> datastream_type;
  std::optional<xns_address> from;
};

/// Of each call the members that it has a use for.
struct call_event {
  socket_call call{};
  std::string socket;  // its name
  std::string made;    // the name of the socket that accept() makes
  socket_type type{};
  std::optional<packet_type> only;
  std::uint64_t number = 0;  // the backlog, or the room to receive into
  xns_address address;
  socket::direction direction{};
  written_contents contents;
  send_options sending;
  receive_options receiving;
  socket_option option{};
  std::optional<option_value> value;   // to set, or expected; nothing: a header, in contents
  std::optional<std::errc> error;      // expected
  std::optional<std::uint64_t> count;  // octets that send() must take; nothing: all
  expected_message message;
  readiness ready;
};

enum class comparison : std::uint8_t { equal, unequal, less, less_or_equal, greater, greater_or_equal };

/// A number that the host, or one of its connections, can be asked for.
using script_counter = std::variant<drop_reason, std::uint64_t host_statistics::*, std::uint64_t spp_statistics::*,
                                    std::uint64_t (*)(const connection_information&), std::uint64_t (*)(const host&)>;

/// A connection: by the name of its socket, or by the variable that holds its id.
struct connection_name {
  std::string name;
  bool is_variable = false;
};

struct counter_event {
  script_counter counter;
  connection_name of;  // empty: the host's
  comparison how{};
  script_number number;
};

struct state_event {
  connection_name of;
  std::optional<connection_state> state;  // nothing: the host knows it no more
};

struct status_event {
  connection_name of;
  end_status status{};
};

/// The line on which something stands.
struct script_place {
  std::string file;
  unsigned line = 0;
};
std::string to_string(const script_place& at);

struct script_event {
  script_place at;
  std::string text;  // the line as it is written, without the comment
  // After the event before it. Only packets that are expected may have room between the two.
  duration earliest{};
  duration latest{};
  std::variant<inject_event, expect_event, silence_event, ignore_event, lose_event, link_event, forget_event,
               default_event, call_event, counter_event, state_event, status_event>
      what;
};

struct script {
  std::string name;   // the file's
  std::string about;  // its first line, a comment
  std::uint64_t first_seed = 1;
  std::uint64_t last_seed = 1;
  network_number network{1};
  std::size_t mtu = 1500;
  std::size_t half_open = 1024;
  duration quarantine = 200_ms;
  endpoint_config endpoint;
  std::vector<std::string> broken_by_peer;  // rules of verify by number, "I07"
  std::vector<script_event> events;
};

/// Who takes part: the host of the engine, and the peer that the script plays.
inline constexpr host_number script_host{0x02000000000b};
inline constexpr host_number script_peer{0x02000000000a};

/// Every error that a socket's calls have, by name.
std::optional<std::errc> find_error(std::string_view name);
std::string name_of_error(const std::error_code& error);
std::vector<std::string> error_names();

/// "drop.bad_checksum", "errors_sent"; of a connection "retransmissions", "in_flight".
std::optional<script_counter> find_counter(std::string_view name);
bool is_of_connection(const script_counter& counter);
std::vector<std::string> counter_names();

/// A name as a script writes it: "wrong connection id" -> "wrong_connection_id".
std::string as_word(std::string_view name);

}  // namespace seqwire
