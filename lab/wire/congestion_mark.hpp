// Congestion marks on what a bridge carries: Ethernet frames with IPv4 or IPv6 whose sender takes marks (RFC 3168).
#pragma once

#include <optional>

#include "protocol/base/slice.hpp"

namespace seqwire {

/// The frame with "congestion experienced" in its IP header; nothing: it carries no IP, or its sender takes no marks.
/// Any octets will do.
std::optional<slice> mark_congestion(const slice& frame);

}  // namespace seqwire
