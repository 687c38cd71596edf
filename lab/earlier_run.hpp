// What an earlier run left in the folder of a new one: which files those are, and that they are a run's. Nothing of
// them may stay, because it would be taken for the new run's.
#pragma once

#include <string>
#include <vector>

#include "protocol/base/result.hpp"

namespace seqwire {

/// The files of an earlier run in `directory`, whether it left all of them or few, because a signal ended it. What is
/// no plain file, a FIFO or a device, is the user's arrangement for the run to come and no part of an earlier one. The
/// error is one line that names what bears the name of a run's file and is not of a run.
result<std::vector<std::string>, std::string> files_of_earlier_run(const std::string& directory);

/// Removes them. Throws std::system_error, and then has removed nothing, where there is an error as above.
void remove_earlier_run(const std::string& directory);

}  // namespace seqwire
