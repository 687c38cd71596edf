// Which revision of its sources the program was built from; the definition is written by each build.
#pragma once

#include <string_view>

namespace seqwire {

/// As releases are numbered.
inline constexpr const char* program_version = "0.1.0";

/// The commit, with a digest of what was changed since; the version where it was not built from a checkout.
std::string_view program_revision();

}  // namespace seqwire
