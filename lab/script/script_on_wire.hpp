// Plays the packets of a script against a host of the real world, whatever protocol engine it has: the script is its
// peer on a link, time is the clock's, and a packet may come a little early or late. There is no program and no engine
// to ask: calls, counters and states cannot stand in such a script.
#pragma once

#include "lab/script/script_player.hpp"
#include "rawio/live_link.hpp"

namespace seqwire {

/// Who is tested, and how exactly.
struct wire_test {
  network_number network{1};   // of the link
  host_number host{};          // that is tested
  duration tolerance = 10_ms;  // before and after the instant that a line says
};

/// The first line that needs the engine, as one line for the user; nothing: the script can be played on the wire.
std::optional<std::string> needs_engine(const script& text);

/// Returns when the script is over or has failed. Packets of other hosts are passed over.
script_outcome play_on_wire(const script& text, const wire_test& against, live_link& on);

}  // namespace seqwire
