// Networks of our own: network namespaces joined by veth pairs, made in one piece, as root or by an ordinary user (in a
// user namespace), held by descriptors only: when the object goes, or its process dies in whatever way, the network is
// gone. The laboratory's is hosts "a" and "b", each in a namespace of its own, joined through a third one, the
// bridge's, or directly.
//   a: xns0 ---- port-a :bridge: port-b ---- xns0 :b
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/wire/address.hpp"
#include "rawio/child_process.hpp"
#include "rawio/namespace.hpp"

namespace seqwire {

/// The three network namespaces; the bridge has no XNS host.
enum class lab_host : std::uint8_t { a, b, bridge };
/// In the order of lab_host.
inline constexpr std::array<lab_host, 3> lab_hosts{lab_host::a, lab_host::b, lab_host::bridge};

/// "a", "b", "bridge"
std::string_view name_of(lab_host host);
/// Nothing when no host has that name.
std::optional<lab_host> parse_lab_host(std::string_view name);

inline constexpr const char* lab_interface = "xns0";  // in a and in b
inline constexpr const char* lab_port_a = "port-a";   // in the bridge, the other end of a's xns0
inline constexpr const char* lab_port_b = "port-b";   // b's
// Addresses of xns0, the same in every lab; IPv4 with prefix length.
inline constexpr host_number lab_address_a{0x02000000000a};
inline constexpr host_number lab_address_b{0x02000000000b};
inline constexpr const char* lab_ipv4_a = "10.87.0.1/24";
inline constexpr const char* lab_ipv4_b = "10.87.0.2/24";

/// How a lab's network is made.
struct lab_options {
  bool through_bridge = true;  // false: a's and b's xns0 are the two ends of one pair
  std::size_t mtu = 1500;      // octets, of every interface
};

/// An end of a veth pair, in one of a network's namespaces.
struct lab_end {
  std::size_t at = 0;     // which namespace
  std::string interface;  // new there
  host_number address{};  // of the link layer
  std::string ipv4 = {};  // address with prefix length; empty: none
};

/// Namespaces, and what joins them.
struct network_layout {
  struct wire {              // a veth pair
    lab_end first;           // either may come first
    lab_end second;          // its peer
    std::size_t mtu = 1500;  // octets
  };
  std::size_t namespaces = 0;  // at most maximum_namespaces
  std::vector<wire> wires;     // in the order in which they are made
};
/// As many as descriptors travel in one message, and some to spare (unix(7): 253).
inline constexpr std::size_t maximum_namespaces = 128;

/// Namespaces by their index in the layout, as long as the object lives.
class private_network {
 public:
  /// Throws privilege_error where this user may not make network namespaces, std::system_error otherwise. The calling
  /// process stays where it is.
  explicit private_network(const network_layout& layout);

  /// Runs `body` in a forked child inside the namespace (see child_process::start).
  child_process start(std::size_t where, const std::function<int()>& body) const;

  /// Runs `action` on this thread inside the namespace, and comes back; sockets and links opened meanwhile stay there.
  /// An ordinary user's process, which must have one thread then, joins the network's user namespace by the first call,
  /// for good, and leaves the network that it was in for an empty one.
  template <class Action>
  auto inside(std::size_t where, Action&& action) const {
    join_user_namespace();
    const namespace_visit visit(network_of(where));
    return action();
  }

  /// Valid as long as the object.
  const network_namespace& network_of(std::size_t where) const { return networks_[where]; }
  /// Descriptor of the user namespace that owns the network; -1 when root made it.
  int user_namespace() const { return user_namespace_.number(); }

 private:
  void join_user_namespace() const;

  descriptor user_namespace_;
  std::vector<network_namespace> networks_;
};

/// The laboratory: two hosts and what joins them, by name.
class private_lab {
 public:
  explicit private_lab(const lab_options& options = {});  // throws as private_network

  // As private_network's.
  child_process start(lab_host host, const std::function<int()>& body) const { return network_.start(at(host), body); }
  template <class Action>
  auto inside(lab_host host, Action&& action) const {
    return network_.inside(at(host), std::forward<Action>(action));
  }
  const network_namespace& network_of(lab_host host) const { return network_.network_of(at(host)); }
  int user_namespace() const { return network_.user_namespace(); }

 private:
  static std::size_t at(lab_host host) { return static_cast<std::size_t>(host); }

  private_network network_;
};

}  // namespace seqwire
