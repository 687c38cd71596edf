// What `seqwire wireshark doctor` looks at: the tshark that is here, what install wrote, and whether the two read a
// packet together.
#pragma once

#include <string>
#include <vector>

#include "lab/command/wireshark_installation.hpp"

namespace seqwire {

/// One thing that was looked at.
struct doctor_finding {
  std::string subject;  // "tshark", "profile"
  bool well = true;     // whether it is as it should be
  std::string found;    // one line
  std::string way_out;  // what to do; empty when all is well
};

/// In the order in which to read them. Where there is no tshark that is the only one, and `could_run` becomes false.
/// Writes a small capture into a temporary folder that goes again.
std::vector<doctor_finding> examine_wireshark(const wireshark_folders& folders, bool& could_run);

}  // namespace seqwire
