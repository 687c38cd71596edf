// Calls on sockets as a line writes them: "send t "abc" end_of_record = broken_pipe".
#pragma once

#include "lab/script/contents_parser.hpp"

namespace seqwire {

/// The call that this word names.
std::optional<socket_call> find_call(std::string_view word);
std::vector<std::string> call_names();  // in the order of socket_call

/// The rest of the line behind the call's name.
call_event parse_call(socket_call call, script_line& line, script_names& names);

}  // namespace seqwire
