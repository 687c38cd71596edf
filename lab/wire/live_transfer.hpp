// A transfer program on a link, in real time, until it is done or interrupted: the body of `send` and `receive`.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lab/transfer.hpp"
#include "rawio/live_link.hpp"

namespace seqwire {

/// What a transfer on a real link is told.
struct live_transfer_settings {
  network_number network{1};             // of the link
  std::uint64_t seed = 0;                // of connection ids
  std::optional<std::string> record;     // capture to write
  std::string journal;                   // journal to write; empty: none
  std::string end;                       // "a" or "b": what the journal calls this end
  bool progress = false;                 // show on standard error how far it is
  bool to_standard_output = false;       // records go there
  std::optional<std::uint64_t> records;  // how many there will be, where that is known
  std::optional<xns_address> peer;       // whom we open to: its silence is told before the opening is given up
  duration open_timeout{};               // when that will be
  std::size_t maximum_record = 0;        // octets that a record of the connection may have
  duration give_up{};                    // after how much silence, of a connection that is open
};

/// How it went.
struct live_transfer_outcome {
  std::vector<flow_result> flows;   // in the order in which they were added
  host_statistics counters;         // of the whole run
  std::uint64_t receive_drops = 0;  // lost before the engine saw them
  int stopped_by_signal = 0;        // 0: none did
  bool reader_gone = false;         // whoever read standard output
  std::string trouble;              // what kept it from finishing; empty: nothing
};

/// Lets `build` add flows to the program; what it is given writes to standard output, with to_standard_output only, and
/// never waits for its reader: while that is slow the program takes no more records from the connection, whose
/// allocation then holds the sender back. Serves until all flows have ended and everything is written, a signal
/// comes, the link is gone, or nobody reads standard output any more. Where connections are open then they are aborted,
/// and for up to 2 s more what their peers send is answered by Errors, from which these learn of it: SPP has no reset.
/// Gives up privileges once its files are open. Throws std::system_error, and what a sink throws.
live_transfer_outcome run_live_transfer(live_link& connected, const live_transfer_settings& settings,
                                        const std::function<void(transfer_program&, const record_sink&)>& build);

}  // namespace seqwire
