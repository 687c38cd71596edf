// Our events in the words that qvis knows: qlog 0.3 with QUIC's event names. QUIC never uses a packet number twice and
// acknowledges ranges, so each transmission gets a number of its own, and what a cumulative acknowledgement newly
// covers becomes ranges of the transmissions that had arrived.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "protocol/base/result.hpp"

namespace seqwire {

/// Files of one run, each of one host; both ends' together make the arrows of sequence diagrams. A trace for each
/// connection at each host. The error is one line with the file's name.
result<nlohmann::json, std::string> to_qvis(const std::vector<std::string>& files);

/// Octets of one file at most.
inline constexpr std::size_t maximum_qlog_size = std::size_t{1} << 30;

}  // namespace seqwire
