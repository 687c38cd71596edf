// The text of a script to its checked list of events. Every line is checked whole before anything runs: fields by the
// layouts, options, counters and errors by their tables, variables and sockets by the lines before.
#pragma once

#include "lab/script/script.hpp"

namespace seqwire {

/// "file:line: what; expected ...; got ...".
struct script_error {
  std::string message;  // without a newline
};

/// Every .sqs file below the folder, in order. Throws std::filesystem::filesystem_error.
std::vector<std::string> scripts_below(const std::string& folder);

/// Files of a script, included ones too, are at most 1 MiB each and 100,000 events together.
result<script, script_error> read_script(const std::string& path);
/// The same from text; `name` stands for the file in messages, and included files are looked for beside it.
result<script, script_error> parse_script(std::string_view text, const std::string& name);

}  // namespace seqwire
