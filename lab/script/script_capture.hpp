// What a script's run leaves: its packets as a capture, written to a file or judged at once by the rules of verify.
#pragma once

#include "lab/script/script_player.hpp"

namespace seqwire {

/// A pcapng with one interface, the host's or, of a run on the wire, the peer's. Throws std::system_error.
void write_script_capture(const std::string& path, const script& text, const script_outcome& outcome);

/// The rules that the packets break, a sentence for each; those that the script says its peer breaks are left out.
/// A packet that the script lost was sent all the same: the vantage point is the host's.
std::vector<std::string> broken_rules(const script& text, const script_outcome& outcome);

}  // namespace seqwire
