// The records of flows that send no files: as arrivals.hpp says, with contents that are made from the seed.
#pragma once

#include "lab/flow.hpp"
#include "lab/workload/arrivals.hpp"

namespace seqwire {

/// All records of the flow, the same in every run with this seed. Those of a bulk flow are due as soon as there is
/// room.
record_source made_records(const flow_settings& of, std::uint64_t seed);

/// What answers the requests of a request-response flow: as many records of its response_size as anybody asks for.
record_source made_responses(const flow_settings& of, std::uint64_t seed);

}  // namespace seqwire
