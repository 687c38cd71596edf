#include "protocol/spp/state.hpp"

namespace seqwire {

std::string_view name_of(connection_state state) {
  switch (state) {
    case connection_state::closed: return "closed";
    case connection_state::opening: return "opening";
    case connection_state::answering: return "answering";
    case connection_state::open: return "open";
    case connection_state::close_requested: return "close requested";
    case connection_state::close_replying: return "close replying";
    case connection_state::lingering: return "lingering";
  }
  return "unknown";
}

std::string_view name_of(connection_event event) {
  switch (event) {
    case connection_event::open_actively: return "open actively";
    case connection_event::open_passively: return "open passively";
    case connection_event::answered: return "answered";
    case connection_event::met: return "met";
    case connection_event::confirmed: return "confirmed";
    case connection_event::close: return "close";
    case connection_event::peer_close: return "peer close";
    case connection_event::close_reply: return "close reply";
    case connection_event::reply_settled: return "reply settled";
    case connection_event::linger_over: return "linger over";
    case connection_event::fail: return "fail";
  }
  return "unknown";
}

}  // namespace seqwire
