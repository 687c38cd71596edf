// All impairments and queue disciplines by name, and all that can be said of a link besides channel_settings' own
// members.
#pragma once

#include <span>

#include "sim/queue.hpp"

namespace seqwire {

/// In the order in which they are asked.
std::span<const impairment_type> impairment_types();
std::span<const queue_type> queue_types();  // the first one is the default
/// The parameters of all of them and of the link's carriage, in the order in which they are listed for users.
std::span<const parameter> link_parameters();

}  // namespace seqwire
