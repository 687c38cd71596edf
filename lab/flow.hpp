// One flow of records as the programs of its two ends know it: what each end is told, and what became of it. Knows
// neither scenarios nor connections at work (transfer.hpp, workload/datagram_flow.hpp).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lab/time_distribution.hpp"
#include "lab/workload/settings.hpp"
#include "protocol/base/number_ring.hpp"
#include "protocol/spp/connection.hpp"

namespace seqwire {

/// A record with the name it travels under; an empty name is not sent.
struct named_record {
  std::string name;               // relative; '/' between its parts
  slice contents;                 // the whole file
  std::optional<duration> due{};  // not before this, from the flow's start (with responses: from the one before it);
                                  // nothing: as soon as there is room
};

/// Hands out records one at a time; nothing: there are no more.
using record_source = std::function<std::optional<named_record>()>;
/// Takes a record that was delivered. An empty name: none was sent for it.
using record_sink = std::function<void(const std::string& name, const received_record& contents)>;

/// When the records of a flow were due, in order, or submitted where nothing said when: what its two ends share where
/// one process has both, so that latencies can be told.
using due_instants = number_ring<instant>;

/// How far one flow has come at one end.
struct flow_progress {
  std::string label;                     // of outgoing_flow or incoming_flow
  bool opened = false;                   // ever
  end_status status = end_status::none;  // none: it has not ended
  std::uint64_t records = 0;             // contents records submitted or delivered, each datagram once
  std::uint64_t octets = 0;              // of these
  std::uint64_t responses = 0;           // submitted or delivered, of a flow that has them
  duration first_at{};                   // first record submitted or delivered, from the run's origin
  duration last_at{};                    // last record delivered; for a sender the end of the connection
  std::string missing;                   // a name whose contents could never be sent, or never came; empty: none
  // From due (or submitted) to delivered; of requests, to the response. At the end that was delivered the last one of
  // these, and only where it knows when records were due.
  time_distribution latencies;
  // Of a datagram flow's receiver.
  std::uint64_t duplicates = 0;    // datagrams that had come before
  std::uint64_t out_of_order = 0;  // datagrams that came after a later one
};

/// What became of it.
struct flow_result : flow_progress {
  spp_statistics statistics;         // of the connection
  connection_information stands;     // while it is open
  std::vector<std::string> digests;  // SHA-256 of each contents record, in order; with a journal only
};

/// A flow that this host opens, and whose records it sends.
struct outgoing_flow {
  std::string label;     // for results
  xns_address to;        // where the receiver listens
  spp_config config;     // of the connection
  duration start{};      // when records begin, from the run's origin; the connection opens at once
  record_source source;  // asked whenever the connection has room
  flow_type type = flow_type::sequenced_packet;  // of both ends
  bool has_responses = false;                    // each record waits for the response to the one before it
  std::shared_ptr<due_instants> due{};           // where to note them; nullptr: nobody asks
};

/// A flow that this host receives: the first connection to its socket.
struct incoming_flow {
  std::string label;                             // for results
  socket_number socket{};                        // to listen on
  spp_config config;                             // of the connection
  record_sink sink;                              // may be empty; whole records
  flow_type type = flow_type::sequenced_packet;  // of both ends
  std::uint64_t records = 0;                     // of a datagram flow: how many will be sent
  record_source responses{};                     // one is sent for each record; empty: none
  std::shared_ptr<due_instants> due{};           // what the sender noted; nullptr: unknown
};

}  // namespace seqwire
