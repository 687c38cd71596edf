// Who owns an interface: one process for each pair (interface, XNS host), or for what else may have one owner only. Two
// programs with the same host number would answer "no such socket" for each other's sockets. The claim is a name of an
// abstract AF_UNIX socket, which the kernel keeps for each network namespace and frees with its process, however that
// ends.
#pragma once

#include <string>

#include "protocol/wire/address.hpp"
#include "rawio/capture/descriptor.hpp"

namespace seqwire {

/// Held as long as the object lives.
class interface_claim {
 public:
  /// Claims the pair in this network namespace until destruction. Throws std::system_error (EADDRINUSE) that names the
  /// owner's process where the kernel tells it.
  interface_claim(const std::string& interface_name, int interface_index, host_number host);
  /// The same for anything that `subject` names, which also begins the message.
  explicit interface_claim(const std::string& subject) : interface_claim(subject, subject) {}

 private:
  interface_claim(const std::string& subject, const std::string& name);

  descriptor socket_;
};

}  // namespace seqwire
