// What the applications say, held against each other and against the records that the captures show.
// Without journals nothing here is applied, and delivery stays undecided.
#pragma once

#include <set>
#include <span>

#include "dissector/analysis/binding.hpp"

namespace seqwire {

/// The ends that wrote a journal: ours, held to our conventions.
std::set<speaker> journaled_ends(std::span<const named_journal> journals);

/// Both ends' journals: prefix, boundaries, attention, incarnation, status.
void judge_journals(docket& charges, std::span<const named_journal> journals);

/// Journals against captures. `capture_ends_early`: a file was cut, so that missing packets prove nothing.
void judge_journals_by_captures(docket& charges, std::span<const named_journal> journals, const tracker& connections,
                                bool capture_ends_early);

/// Without journals: the records at the sender's vantage point against those at the receiver's.
/// `identified`: packet ids show which packets the network changed; without them a difference is a doubt.
/// `deceived`: hosts that got a corrupted packet with a matching checksum; what differs there is no end's fault.
void judge_records_between_vantages(docket& charges, const tracker& connections, bool capture_ends_early,
                                    bool identified, const std::set<host_number>& deceived);

}  // namespace seqwire
