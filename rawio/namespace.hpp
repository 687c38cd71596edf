// Network namespaces: making them, entering them, telling them apart; and the guard of the network. Nothing here
// touches an interface. A namespace lives as long as a descriptor or a process is in it: no bind mounts, nothing to
// clean up. The guard: what changes interfaces, and every test, works only in a namespace that this program made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rawio/capture/descriptor.hpp"

namespace seqwire {

/// Holds the identity of the namespace that was made for this process (see require_private_namespace).
inline constexpr const char* private_namespace_variable = "SEQWIRE_PRIVATE_NAMESPACE";
/// "1": packet sockets, too, are opened under the guard only. Tests set it.
inline constexpr const char* network_guard_variable = "SEQWIRE_NETWORK_GUARD";

/// What tells two living namespaces apart. The kernel gives the number of a dead one to a new one.
struct namespace_identity {
  std::uint64_t device = 0;  // of the namespace file, as stat() tells
  std::uint64_t inode = 0;   // of that device

  bool operator==(const namespace_identity&) const = default;
};
/// "4:4026532281"
std::string to_string(const namespace_identity& identity);

/// Of the namespace behind a descriptor. Throws std::system_error.
namespace_identity identify_namespace(int descriptor);

/// The network namespace of this thread. Throws std::system_error when /proc cannot be read.
namespace_identity current_network_namespace();

/// A network namespace that this program made, held by a descriptor.
class network_namespace {
 public:
  /// Makes a namespace and moves this thread into it. Throws std::system_error; EPERM without CAP_SYS_ADMIN.
  static network_namespace create_and_enter();
  /// Takes over a descriptor of a namespace that this program made: one that came from create_and_enter().
  static network_namespace adopt(descriptor from);

  int descriptor_number() const { return descriptor_.number(); }    // for setns() and for moving interfaces
  const namespace_identity& identity() const { return identity_; }  // what the guard compares

  /// Moves this thread into the namespace and tells the guard. Throws std::system_error.
  void enter() const;

 private:
  explicit network_namespace(descriptor from);

  descriptor descriptor_;
  namespace_identity identity_;
};

/// This thread is inside the namespace for as long as the visit lives; sockets opened meanwhile stay there.
class namespace_visit {
 public:
  /// Throws std::system_error; the namespace may go meanwhile.
  explicit namespace_visit(const network_namespace& visited);
  ~namespace_visit();
  namespace_visit(const namespace_visit&) = delete;
  namespace_visit& operator=(const namespace_visit&) = delete;

 private:
  descriptor home_;
  std::optional<std::string> home_variable_;
};

/// Moves this process, which must have one thread, into a new user namespace: the same user with the same files as
/// before, but with all capabilities over the network namespaces that it makes; commands that it executes keep those
/// for the network. Throws privilege_error where the system does not allow it.
descriptor create_and_enter_user_namespace();

/// Whether the guard could tell a network namespace that this process makes from that of process 1. Where it could not
/// (process 1 may not be looked at), the namespace must belong to a user namespace of our own making.
bool new_namespace_would_be_private();

/// Whether this process lives in the user namespace behind the descriptor.
bool is_own_user_namespace(int user_namespace);
/// Moves this process, which must have one thread, into such a user namespace for good. Throws std::system_error.
void enter_user_namespace(int user_namespace);

/// The guard. Returns only when all of this holds, and throws guard_error with the reason (one line that begins with
/// `action`) in any doubt: this network namespace is provably not that of process 1, and the environment variable
/// SEQWIRE_PRIVATE_NAMESPACE names it.
void require_private_namespace(std::string_view action);

/// require_private_namespace() when SEQWIRE_NETWORK_GUARD is "1", else nothing.
void require_private_namespace_if_guarded(std::string_view action);

}  // namespace seqwire
