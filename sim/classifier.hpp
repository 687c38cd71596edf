// What a link can know of the packets that it carries: which flow each belongs to, and whether it carries data. Reads
// IDP and whatever header the catalogue knows behind it, by roles; other packets are of one flow and carry none.
#pragma once

#include "protocol/base/bytes.hpp"
#include "sim/queue.hpp"

namespace seqwire {

/// `packet` is a frame without its link header; any octets will do.
frame_class classify_packet(octets_view packet);

}  // namespace seqwire
