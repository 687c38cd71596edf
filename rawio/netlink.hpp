// Interfaces of our own making: veth pairs, their addresses, their state, through rtnetlink (libnl-route-3) and
// ethtool. Everything that changes something works under the guard only (rawio/namespace.hpp): no interface outside a
// network namespace that this program made can be touched from here. All functions act on this thread's network
// namespace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/wire/address.hpp"

namespace seqwire {

/// One end of a pair of virtual interfaces, when it is made.
struct veth_end {
  std::string name;                      // new in its namespace
  std::optional<host_number> address{};  // the kernel's choice when not given
  int network_namespace = -1;            // descriptor of the namespace it is moved to; -1: stays here
};

/// An interface as the kernel lists it.
struct interface_row {
  std::string name;                    // 1 to 15 octets
  int index = 0;                       // from 1, of this namespace
  std::optional<host_number> address;  // nothing when it is not an Ethernet address
  std::size_t mtu = 0;                 // octets
  bool up = false;                     // by administration; a carrier is another matter
  bool loopback = false;               // its frames never leave

  bool operator==(const interface_row&) const = default;
};

/// All throw guard_error, and std::system_error that names the attempted action.
void add_veth_pair(const veth_end& first, const veth_end& second, std::size_t mtu);
// Throw as above, also where there is no such interface.
void delete_interface(const std::string& name);
void set_interface_up(const std::string& name);
void set_interface_down(const std::string& name);
void set_interface_mtu(const std::string& name, std::size_t mtu);
/// `address` with prefix length: "10.87.0.1/24".
void add_ipv4_address(const std::string& interface_name, const std::string& address);
/// Checksums finished and segments cut before a frame leaves, nothing joined on arrival: what a bridge in user space
/// needs.
void turn_offloads_off(const std::string& interface_name);
/// No IPv6 on interfaces of this namespace, so that captures hold only what was sent on purpose.
void turn_ipv6_off();

/// Every interface of this namespace, by index. Changes nothing and needs no guard.
std::vector<interface_row> list_interfaces();

}  // namespace seqwire
