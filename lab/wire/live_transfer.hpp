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
};

struct live_transfer_outcome {
  std::vector<flow_result> flows;
  host_statistics counters;
  std::uint64_t receive_drops = 0;
  int stopped_by_signal = 0;
  std::string trouble;  // what kept it from finishing; empty: nothing
};

/// Opens the interface, lets `build` add flows to the program (told the octets of data that fill a packet), and serves
/// until all flows have ended, a signal comes or the interface is gone. Throws std::system_error, privilege_error.
live_transfer_outcome run_live_transfer(const live_transfer_settings& settings,
                                        const std::function<void(transfer_program&, std::size_t packet_data)>& build);

}  // namespace seqwire
