// IDP in UDP over IPv4: the carrier that needs no privilege, runs between two programs of one machine, and crosses
// NATs. The UDP payload is the IDP packet with its garbage octet. The kernel's bind() is the claim: a second program on
// the same port gets one clear error. docs/carriers.md.
#pragma once

#include "rawio/ipv4_link.hpp"

namespace seqwire {

/// Needs no privilege; capabilities and counters as ipv4_link.
class udp_link final : public ipv4_link {
 public:
  /// Address 0: all of this machine's; port 0: one that is free, and a random host number unless the options name one,
  /// because nobody could know either. Throws std::system_error: in use (EADDRINUSE), not ours (EADDRNOTAVAIL), no host
  /// number follows from the port (EINVAL); guard_error where the guard is on.
  explicit udp_link(const ipv4_endpoint& local, const ipv4_link_options& options = {});
};

}  // namespace seqwire
