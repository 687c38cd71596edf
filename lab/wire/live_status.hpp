// What a host in the real world is doing, for `seqwire status`: its links, its counters, whoever listens, every
// connection with what ss -i would tell of a TCP one.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "protocol/host/host.hpp"
#include "rawio/live_link.hpp"
#include "rawio/status_socket.hpp"

namespace seqwire {

/// "seqwire.status/1" of a host on these links, in the order of its own; `command` is how the process was called. Asks
/// the kernel for what links have lost. Of each list the first 4096 are told, and how many that leaves out: never more
/// than longest_status.
nlohmann::json describe_host(const host& on, const std::vector<live_link*>& links, const std::string& command);

/// A command's side of `seqwire status`. Make it before privileges are given up.
class live_status {
 public:
  live_status();

  int descriptor_number() const { return socket_.descriptor_number(); }  // as status_socket's
  /// Answers those who ask now.
  void serve(const host& on, const std::vector<live_link*>& links);

 private:
  std::string command_;
  status_socket socket_;
};

}  // namespace seqwire
