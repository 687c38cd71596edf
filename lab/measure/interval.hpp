// What happened between two instants of a run: the counters of the later report less those of the earlier one, so that
// every measure of an interval can be taken of any interval. What cannot be taken apart, the largest and smallest of
// something, is as in the later report.
#pragma once

#include "lab/experiment.hpp"

namespace seqwire {

/// `later` and `earlier` are of the same run at `until` and `from`, counted from its start; `into` gets everything but
/// `ran`, which is that of the run already.
void difference(const experiment_report& later, duration until, const experiment_report& earlier, duration from,
                experiment_report& into);

}  // namespace seqwire
