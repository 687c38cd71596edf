// Captures with what verify found of them as packet comments, which Wireshark shows in the packet's details and finds
// by the filter "frame.comment". Everything else stays as it is.
#pragma once

#include <string>
#include <string_view>

#include "dissector/analysis/verdict.hpp"
#include "rawio/capture/capture.hpp"

namespace seqwire {

/// Comments of ours begin so; a verdict of the copy does not take them for the link's.
inline constexpr std::string_view annotation_prefix = "verify: ";

/// Copies one of the captures that were judged, as pcapng, frame numbers kept. Each frame that a finding names has a
/// comment: "verify: violated I09 honest acknowledgement: ..."; frames that only bear witness say for which. The copy
/// holds what verify read: of a capture that ends inside a block, all before it. `file` indexes `of`.files, `from` is
/// that file's path, `damaged` as verify had it. Returns how many frames have comments, or one line for the user; a
/// copy that could not be finished is removed.
result<std::size_t, std::string> write_annotated_copy(const verdict& of, std::size_t file, const std::string& from,
                                                      const std::string& to,
                                                      damage_handling damaged = damage_handling::refuse);

}  // namespace seqwire
