// The known name nearest to one that is not known: for "did you mean".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace seqwire {

/// The name with the smallest edit distance to `unknown`, if that is at most a third of its length, or 2.
std::optional<std::string> nearest(std::string_view unknown, const std::vector<std::string>& known);

}  // namespace seqwire
