// A file that says when records are due and how long they are, for the workload "trace". On each line the seconds from
// the flow's start and the octets, never going back: "0.0125 1400". Lines that are empty or begin with # are passed
// over. The file is a stranger's.
#pragma once

#include "lab/scenario/scenario_text.hpp"
#include "lab/workload/settings.hpp"

namespace seqwire {

/// The records of a trace; `name` stands for the file in messages. The error is one line: "FILE:3: the record is due
/// before the one ahead of it; expected at least 1.5s; got 1.25".
result<std::vector<arrival>, text_error> parse_record_trace(std::string_view text, const std::string& name);
/// The same from a file of at most maximum_record_trace octets; an empty path is no trace.
result<record_trace, text_error> read_record_trace(const std::string& path);

/// Largest file, octets.
inline constexpr std::size_t maximum_record_trace = std::size_t{32} << 20;

}  // namespace seqwire
