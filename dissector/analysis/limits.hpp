// What the files at hand can never decide, and what is lost that would decide it: one line for each kind of loss, for
// the top of the report. Judges nothing.
#pragma once

#include <string>
#include <vector>

#include "dissector/analysis/tracker.hpp"
#include "dissector/analysis/verdict.hpp"

namespace seqwire {

/// `judged` has its rows; `with_journals`: at least one was given. A capture without connections has no limits to tell.
std::vector<std::string> limits_of(const verdict& judged, const tracker& connections, bool with_journals);

}  // namespace seqwire
