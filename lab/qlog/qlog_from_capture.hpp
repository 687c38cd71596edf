// Captures as qlog files, one for each vantage point: the packets' half of docs/qlog.md, of captures that no run of
// ours made. What an engine thought is in no capture.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "protocol/base/result.hpp"

namespace seqwire {

/// Writes INTERFACE.qlog for each interface that saw packets into the folder, which is made where it is not there, and
/// returns the paths. A file that is there is replaced. The error is one line for the user: a capture that cannot be
/// read, is malformed, or has more interfaces than files can be open. `stopped` as walk_capture() has it. Throws
/// std::system_error when a file cannot be written.
result<std::vector<std::string>, std::string> qlog_from_capture(const std::string& capture, const std::string& folder,
                                                                const std::function<bool()>& stopped = {});

}  // namespace seqwire
