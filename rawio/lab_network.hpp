// The laboratory's network: hosts "a" and "b", each in a network namespace of its own, joined through a third one, the
// bridge's, or directly. Made in one piece, as root or by an ordinary user (in a user namespace), held by descriptors
// only: when the object goes, or its process dies in whatever way, the network is gone.
//   a: xns0 ---- port-a :bridge: port-b ---- xns0 :b
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string_view>
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

/// Two hosts and what joins them, as long as the object lives.
class private_lab {
 public:
  /// Throws privilege_error where this user may not make network namespaces, std::system_error otherwise. The calling
  /// process stays where it is.
  explicit private_lab(const lab_options& options = {});

  /// Runs `body` in a forked child inside `host` (see child_process::start).
  child_process start(lab_host host, const std::function<int()>& body) const;

  /// Runs `action` on this thread inside `host`, and comes back; sockets and links opened meanwhile stay there. An
  /// ordinary user's process, which must have one thread then, joins the lab's user namespace by the first call, for
  /// good, and leaves the network that it was in for an empty one.
  template <class Action>
  auto inside(lab_host host, Action&& action) const {
    join_user_namespace();
    const namespace_visit visit(network_of(host));
    return action();
  }

  /// Valid as long as the lab.
  const network_namespace& network_of(lab_host host) const { return networks_[static_cast<std::size_t>(host)]; }
  /// Descriptor of the user namespace that owns the network; -1 when root made it.
  int user_namespace() const { return user_namespace_.number(); }

 private:
  void join_user_namespace() const;

  descriptor user_namespace_;
  std::vector<network_namespace> networks_;  // by lab_host
};

}  // namespace seqwire
