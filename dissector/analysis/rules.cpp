#include "dissector/analysis/rules.hpp"

namespace seqwire {
namespace {

using enum rule_evidence;

constexpr std::array<rule_row, rule_count> table{{
    {rule_id::no_invention, "I01", "no invention",
     "each delivered record is one that the peer submitted: length, SHA-256, datastream type", journals, true},
    {rule_id::prefix, "I02", "prefix", "what was delivered is a prefix of what was submitted: no loss, duplicate, swap",
     journals, true},
    {rule_id::boundary_integrity, "I03", "boundary integrity",
     "records begin and end where the sender put it: at its vantage, at the receiver's, in the journals", capture,
     true},
    {rule_id::no_partial_on_failure, "I04", "no partial on failure",
     "a connection that failed delivered whole records or none", journals, false},
    {rule_id::attention, "I05", "attention", "one octet each, delivered once and in order, never as record data",
     capture, false},
    {rule_id::immutability, "I06", "immutability",
     "every transmission of a number has the same data, datastream type, end-of-message and attention", capture, false},
    {rule_id::no_acknowledgement_of_the_unsent, "I07", "no acknowledgement of the unsent",
     "no acknowledgement goes beyond what its peer has emitted", senders_vantage, true},
    {rule_id::acknowledgement_monotone, "I08", "acknowledgement monotone",
     "acknowledgements never go back in the order of emission", senders_vantage, false},
    {rule_id::honest_acknowledgement, "I09", "honest acknowledgement",
     "all that an acknowledgement covers arrived before it left", receivers_vantage, true},
    {rule_id::window_respected, "I10", "window respected",
     "data stay within the allocation that has arrived; attention and close may exceed it by one", senders_vantage,
     true},
    {rule_id::no_shrink, "I11", "no shrink",
     "an emitted allocation never decreases and never lies below acknowledgement - 1", senders_vantage, false},
    {rule_id::half_space, "I12", "half-space",
     "windows and flights stay below 32,768; no old copy is taken for a new number", senders_vantage, true},
    {rule_id::system_packets_consume_no_sequence, "I13", "system packets consume no sequence",
     "system packets carry no data and no number of their own; data are numbered without gaps", senders_vantage, true},
    {rule_id::retransmit_only_outstanding, "I14", "retransmit only outstanding",
     "nothing is sent again 10 ms or more after its acknowledgement arrived", senders_vantage, false},
    {rule_id::receiver_acceptance, "I15", "receiver acceptance", "data are accepted exactly within the window", engine,
     true},
    {rule_id::connection_match, "I16", "connection match",
     "nothing is emitted on an open connection with a connection id that is not its own", senders_vantage, true},
    {rule_id::incarnation, "I17", "incarnation",
     "no record of an earlier connection between the same addresses is delivered in a later one", journals, false},
    {rule_id::connection_id_freshness, "I18", "connection-id freshness",
     "no opening uses the id of an earlier, closed connection between the same socket and host", senders_vantage, true},
    {rule_id::legal_transitions_only, "I19", "legal transitions only",
     "opening before data, close reply only when asked, no opening after the answer", senders_vantage, true},
    {rule_id::agreement_on_open, "I20", "agreement on open",
     "both ends use each other's id; the first number is 0; one answer to one opening", capture, true},
    {rule_id::graceful_close, "I21", "graceful close",
     "after a close request nothing new but the close reply, after that nothing; all before it is delivered", capture,
     false},
    {rule_id::one_terminal_event, "I22", "one terminal event", "every connection ends with exactly one status",
     journals, false},
    {rule_id::status_is_true, "I23", "status is true",
     "closed gracefully at both ends: all that was submitted was delivered, both ways", journals, false},
    {rule_id::memory_bound, "I24", "memory bound", "memory stays within the configured buffers", engine, false},
    {rule_id::work_bound, "I25", "work bound", "work per packet does not grow with a jump of the number", engine,
     false},
    {rule_id::output_bound, "I26", "output bound",
     "octets to a peer that has not proved itself are at most three times those from it", senders_vantage, true},
    {rule_id::no_storm, "I27", "no storm",
     "no 20 system packets within 4 s that say nothing new; unanswered retransmissions of a number back off",
     senders_vantage, true},
    {rule_id::timer_sanity, "I28", "timer sanity", "outstanding data or a closed window has a timer", engine, false},
    {rule_id::deadlock_free, "I29", "deadlock-free", "undelivered data always has an event to come", engine, false},
    {rule_id::progress_after_heal, "I30", "progress after heal", "when the faults stop, everything arrives", engine,
     false},
    {rule_id::fairness_to_the_reader, "I31", "fairness to the reader", "a window update reaches the sender", engine,
     false},
    {rule_id::give_up_bound, "I32", "give-up bound", "a dead path is given up in time, once", engine, false},
    {rule_id::determinism, "I33", "determinism", "the same seed gives the same octets", engine, false},
    {rule_id::conservation, "I34", "conservation", "every packet that arrives was emitted: the network invents none",
     packet_ids, true},
    {rule_id::capture_truth, "I35", "capture truth",
     "stamps in order and lengths right at each vantage point; a packet leaves it once", capture, false},
    {rule_id::dissector_agreement, "I36", "dissector agreement", "tshark prints the fields that we decode", engine,
     false},
    {rule_id::codec_round_trip, "I37", "codec round trip",
     "what leaves a host is well formed and has the right checksum", senders_vantage, false},
    {rule_id::counters_add_up, "I38", "counters add up", "received is accepted and every drop reason", engine, false},
    {rule_id::statistics_against_ghost, "I39", "statistics against ghost", "no round-trip sample from a retransmission",
     engine, false},
    {rule_id::application_interface, "I40", "application interface", "the application is told the truth", engine,
     false},
    {rule_id::same_packet_same_octets, "I41", "same packet, same octets",
     "a packet has the same octets at every vantage point unless it is marked as corrupted", packet_ids, false},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].id) != i) return false;
  return true;
}
static_assert(in_order());

}  // namespace

const std::array<rule_row, rule_count>& rules() { return table; }

std::string_view name_of(rule_evidence evidence) {
  switch (evidence) {
    case capture: return "a capture";
    case senders_vantage: return "a capture at the sender, with directions";
    case receivers_vantage: return "a capture at the receiver, with directions";
    case packet_ids: return "two vantage points with packet ids";
    case journals: return "journals of both ends";
    case engine: return "the engine's own state";
  }
  return "";
}

}  // namespace seqwire
