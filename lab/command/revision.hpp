// Which revision of its sources the program was built from; the definition is written by each build.
#pragma once

#include <string_view>

namespace seqwire {

/// The commit, with a digest of what was changed since; the version where it was not built from a checkout.
std::string_view program_revision();

}  // namespace seqwire
