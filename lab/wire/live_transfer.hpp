// A transfer program on a packet link, in real time, until it is done or interrupted: the body of `send` and `receive`.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lab/transfer.hpp"

namespace seqwire {

struct live_transfer_settings {
  std::string interface;
  std::optional<host_number> host;  // default: the interface's own address
  network_number network{1};
  duration packet_life = 100_ms;  // one Ethernet segment
  std::uint64_t seed = 0;         // of connection ids
  std::string record;             // capture to write; empty: none
  std::string journal;            // journal to write; empty: none
  std::string end;                // "a" or "b": what the journal calls this end
  bool progress = false;          // show on standard error how far it is
  bool to_standard_output = false;
  std::optional<std::uint64_t> records;  // how many there will be, where that is known
  std::optional<xns_address> peer;       // whom we open to: its silence is told before the opening is given up
  duration open_timeout{};               // when that will be
};

struct live_transfer_outcome {
  std::vector<flow_result> flows;
  host_statistics counters;
  std::uint64_t receive_drops = 0;
  int stopped_by_signal = 0;
  bool reader_gone = false;  // whoever read standard output
  std::string trouble;       // what kept it from finishing; empty: nothing
};

/// What flows may need of the transfer that they become part of.
struct live_transfer_site {
  std::size_t packet_data = 0;  // octets of data that fill a packet
  /// Writes to standard output, with to_standard_output only. Never waits for its reader: while that is slow the
  /// program takes no more records from the connection, whose allocation then holds the sender back.
  record_sink standard_output;
};

/// Opens the interface, lets `build` add flows to the program, and serves until all flows have ended and everything is
/// written, a signal comes, the interface is gone, or nobody reads standard output any more. Throws std::system_error,
/// privilege_error.
live_transfer_outcome run_live_transfer(const live_transfer_settings& settings,
                                        const std::function<void(transfer_program&, const live_transfer_site&)>& build);

}  // namespace seqwire
