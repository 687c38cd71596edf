// The states of one SPP connection, as data.
//
//   closed --open_actively--> opening --answered--------> open --close--> close_requested --close_reply--> lingering
//      \                         \--met (both opened)--> answering           \--peer_close--> close_replying   |
//       \--open_passively--> answering --confirmed--> open --peer_close--> close_replying --reply_settled--> lingering
//   lingering --linger_over--> closed                 every state but closed --fail--> closed
//
// Opening is section 5.1 of the protocol sheet, closing by datastream types 254 and 255 section 5.4; `met` is the
// rendezvous of two ends that open to each other. Listening is the host's business: a listener has no connection.
// Actions live in the connection; this file only says what may follow what.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace seqwire {

/// Where a connection stands; `closed` at its end is left no more.
enum class connection_state : std::uint8_t {
  closed,     // nothing yet, or everything over
  opening,    // our opening packet is out, no answer yet
  answering,  // we know the peer, the peer has not shown that it knows our connection id
  open,
  close_requested,  // we asked to close (254 queued or sent) and still receive
  close_replying,   // the peer asked; our 255 follows what was accepted before
  lingering,        // closed gracefully; late duplicates are still answered
};
inline constexpr int connection_state_count = 7;  // a row each in the tests' matrix

/// What makes a connection change its state (protocol sheet 5).
enum class connection_event : std::uint8_t {
  open_actively,
  open_passively,
  answered,       // the first packet that carries our id
  met,            // an opening packet from the peer that we are opening to
  confirmed,      // a packet that carries our id, while answering
  close,          // the application has nothing more to send
  peer_close,     // 254 arrived, in order
  close_reply,    // 255 arrived, in order
  reply_settled,  // our 255 is acknowledged
  linger_over,
  fail,  // gave up, refused, aborted by either side
};
inline constexpr int connection_event_count = 11;  // a row each in the tests' matrix

/// One row of the table.
struct transition {
  // In this state this event leads to that one.
  connection_state from;
  connection_event event;
  connection_state to;
};

/// All legal changes; every other pair is refused (reliability rule I19).
inline constexpr transition connection_transitions[] = {
    {connection_state::closed, connection_event::open_actively, connection_state::opening},
    {connection_state::closed, connection_event::open_passively, connection_state::answering},
    {connection_state::opening, connection_event::answered, connection_state::open},
    {connection_state::opening, connection_event::met, connection_state::answering},
    {connection_state::opening, connection_event::fail, connection_state::closed},
    {connection_state::answering, connection_event::confirmed, connection_state::open},
    {connection_state::answering, connection_event::fail, connection_state::closed},
    {connection_state::open, connection_event::close, connection_state::close_requested},
    {connection_state::open, connection_event::peer_close, connection_state::close_replying},
    {connection_state::open, connection_event::fail, connection_state::closed},
    {connection_state::close_requested, connection_event::peer_close, connection_state::close_replying},
    {connection_state::close_requested, connection_event::close_reply, connection_state::lingering},
    {connection_state::close_requested, connection_event::fail, connection_state::closed},
    {connection_state::close_replying, connection_event::close_reply, connection_state::lingering},
    {connection_state::close_replying, connection_event::reply_settled, connection_state::lingering},
    {connection_state::close_replying, connection_event::fail, connection_state::closed},
    {connection_state::lingering, connection_event::linger_over, connection_state::closed},
    {connection_state::lingering, connection_event::fail, connection_state::closed},
};

/// Where the event leads, or nothing: the event is not legal in this state.
constexpr std::optional<connection_state> next_state(connection_state from, connection_event event) {
  for (const transition& row : connection_transitions)
    if (row.from == from && row.event == event) return row.to;
  return std::nullopt;
}

// The enumerator's own word with spaces, as documents and scripts write it.
std::string_view name_of(connection_state state);
std::string_view name_of(connection_event event);

}  // namespace seqwire
