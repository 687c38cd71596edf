// The program of a script: its sockets by name, and calls on them with what must come of each. No call waits.
#pragma once

#include "lab/script/script_packets.hpp"

namespace seqwire {

/// The program of the host, whose calls never wait.
class script_program {
 public:
  script_program(endpoint& at, script_packets& packets) : endpoint_(at), packets_(packets) {}  // both outlive it

  /// Of one call.
  struct outcome {
    std::string got;                 // in the words of the script
    std::vector<std::string> wrong;  // one line for each difference from what the event expects
  };
  /// Makes the call now, and compares what it gave.
  outcome call(const call_event& event);

  /// The socket with this name, or nullptr: it was never opened, or is closed.
  socket* find(const std::string& name) const;

 private:
  outcome open(const call_event& event);
  outcome accept(const call_event& event);
  outcome send(const call_event& event);
  outcome receive(const call_event& event);
  outcome set(const call_event& event);
  outcome get(const call_event& event);
  outcome poll(const call_event& event);
  static outcome compare_address(const call_event& event, const socket_result<xns_address>& actual);

  endpoint& endpoint_;
  script_packets& packets_;
  std::map<std::string, std::unique_ptr<socket>> sockets_;
};

}  // namespace seqwire
