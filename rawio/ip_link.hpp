// IDP directly over IPv4, protocol 22 (NSIP of 4.3BSD, protocol sheet 1.6): the IPv4 header is followed by the IDP
// packet, garbage octet included. What was received may have IP options, and more octets behind the packet; both are
// ignored. IP fragments what is too long for the way, and the kernel puts fragments together. docs/carriers.md.
#pragma once

#include "rawio/interface_claim.hpp"
#include "rawio/ipv4_link.hpp"

namespace seqwire {

/// Needs CAP_NET_RAW; capabilities and counters as ipv4_link.
class ip_link final : public ipv4_link {
 public:
  /// `local` is one of this machine's addresses, and the process's alone for as long as the link lives. Ports of peers
  /// mean nothing. Throws std::system_error: another process has it (EADDRINUSE), not ours (EADDRNOTAVAIL);
  /// privilege_error without CAP_NET_RAW; guard_error where the guard is on.
  explicit ip_link(std::uint32_t local, const ipv4_link_options& options = {});

 private:
  interface_claim claim_;
};

}  // namespace seqwire
