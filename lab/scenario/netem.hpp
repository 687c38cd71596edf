// One direction of a link in the words of Linux's netem (tc-netem(8)), both ways. What one of the two cannot say, or
// says differently, is refused by name rather than dropped. Knows no interface and runs no tc.
#pragma once

#include <string>
#include <string_view>

#include "lab/scenario/units.hpp"
#include "sim/channel.hpp"

namespace seqwire {

/// What is wrong, as one line.
struct netem_error {
  std::string message;  // one line for the user
};

/// "delay 20ms 5ms distribution normal loss 1%", with or without the tc command in front. What is not said is as a link
/// has it by default.
result<channel_settings, netem_error> from_netem(std::string_view arguments);
/// The arguments for netem; empty when the link does nothing.
result<std::string, netem_error> to_netem(const channel_settings& of);

}  // namespace seqwire
