#include "rawio/namespace.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "rawio/child_process.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

constexpr const char* own_network_path = "/proc/thread-self/ns/net";
constexpr const char* first_network_path = "/proc/1/ns/net";
constexpr const char* own_user_path = "/proc/self/ns/user";
// Fixed number of the machine's first user namespace (PROC_USER_INIT_INO in the kernel's proc_ns.h).
constexpr std::uint64_t initial_user_namespace = 0xEFFFFFFD;
constexpr std::uint64_t all_ids = 4294967295;
constexpr std::array<unsigned, 4> network_capabilities{CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE, CAP_SYS_ADMIN};

namespace_identity identity_of(const struct stat& status) { return {status.st_dev, status.st_ino}; }

/// Nothing, with errno, when the path cannot be read.
std::optional<namespace_identity> identity_of(const char* path) {
  struct stat status {};
  if (::stat(path, &status) != 0) return std::nullopt;
  return identity_of(status);
}

descriptor open_namespace(const char* path) {
  descriptor opened(::open(path, O_RDONLY | O_CLOEXEC));
  if (!opened) throw_system_error(fmt::format("opening {}", path));
  return opened;
}

void set_private_namespace_variable(const namespace_identity& identity) {
  ::setenv(private_namespace_variable, to_string(identity).c_str(), 1);
}

[[noreturn]] void throw_user_namespace_refused(int code) {
  throw privilege_error(
      code, std::generic_category(),
      "making network namespaces needs root, or user namespaces for ordinary users, which this system "
      "does not allow: run it with sudo");
}

bool write_file(const std::string& path, const std::string& text) {
  const descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file && ::write(file.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// From outside the new namespace, because only there root may map more than itself. Users map to themselves: to be root
// inside would make tools like tcpdump change to a user that the map does not have.
bool map_users(pid_t mapped, uid_t user, gid_t group) {
  const std::string folder = fmt::format("/proc/{}/", mapped);
  const std::string everybody = fmt::format("0 0 {}", all_ids);
  if (user == 0 && write_file(folder + "uid_map", everybody) && write_file(folder + "gid_map", everybody)) return true;
  return write_file(folder + "setgroups", "deny") && write_file(folder + "uid_map", fmt::format("{0} {0} 1", user)) &&
         write_file(folder + "gid_map", fmt::format("{0} {0} 1", group));
}

// What a command needs to work on the lab's network, kept over its execution although its user is not root.
void keep_network_capabilities() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return;
  for (const unsigned capability : network_capabilities)
    sets[capability / 32].inheritable |= sets[capability / 32].permitted & (1U << capability % 32);
  if (::syscall(SYS_capset, &header, sets.data()) != 0) return;
  for (const unsigned capability : network_capabilities)
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
}

// The whole of the user numbers, or one: what create_and_enter_user_namespace() maps, to themselves. Containers map
// ranges to other ranges.
bool own_user_namespace_was_made_here() {
  const auto own = identity_of(own_user_path);
  if (!own || own->inode == initial_user_namespace) return false;
  std::ifstream map("/proc/self/uid_map");
  std::uint64_t inside = 0, outside = 0, count = 0, more = 0;
  return (map >> inside >> outside >> count) && inside == outside && (count == 1 || count == all_ids) && !(map >> more);
}

// An ordinary user may not look at process 1, and on hardened machines not even root. Then only a namespace that
// belongs to a user namespace of our own making counts: process 1 cannot be in it.
bool belongs_to_our_user_namespace() {
  const descriptor network = open_namespace(own_network_path);
  const descriptor owner(::ioctl(network.number(), NS_GET_USERNS));
  if (!owner) return false;
  return is_own_user_namespace(owner.number()) && own_user_namespace_was_made_here();
}

/// Why this network namespace may be that of process 1; nothing when it certainly is not.
std::optional<std::string> why_maybe_shared(const namespace_identity& own) {
  const auto first = identity_of(first_network_path);
  if (first) {
    if (*first == own) return "this is the network namespace of process 1";
    return std::nullopt;
  }
  if (errno != EACCES && errno != EPERM) return "the network namespace of process 1 cannot be read";
  if (!belongs_to_our_user_namespace()) return "this network namespace does not belong to a user namespace made here";
  return std::nullopt;
}

}  // namespace

std::string to_string(const namespace_identity& identity) {
  return fmt::format("{}:{}", identity.device, identity.inode);
}

namespace_identity identify_namespace(int number) {
  struct stat status {};
  if (::fstat(number, &status) != 0) throw_system_error("reading a namespace's identity");
  return identity_of(status);
}

namespace_identity current_network_namespace() {
  const auto own = identity_of(own_network_path);
  if (!own) throw_system_error(fmt::format("reading {}", own_network_path));
  return *own;
}

network_namespace::network_namespace(descriptor from)
    : descriptor_(std::move(from)), identity_(identify_namespace(descriptor_.number())) {}

network_namespace network_namespace::create_and_enter() {
  if (::unshare(CLONE_NEWNET) != 0) throw_system_error("making a network namespace");
  network_namespace made(open_namespace(own_network_path));
  set_private_namespace_variable(made.identity());
  return made;
}

network_namespace network_namespace::adopt(descriptor from) { return network_namespace(std::move(from)); }

void network_namespace::enter() const {
  if (::setns(descriptor_.number(), CLONE_NEWNET) != 0) throw_system_error("entering a network namespace");
  set_private_namespace_variable(identity_);
}

namespace_visit::namespace_visit(const network_namespace& visited) : home_(open_namespace(own_network_path)) {
  if (const char* value = std::getenv(private_namespace_variable)) home_variable_ = value;
  visited.enter();
}

namespace_visit::~namespace_visit() {
  if (home_variable_) ::setenv(private_namespace_variable, home_variable_->c_str(), 1);
  else ::unsetenv(private_namespace_variable);
  // A thread that stayed in the wrong namespace would go on to act on interfaces that it did not mean.
  if (::setns(home_.number(), CLONE_NEWNET) != 0) std::abort();
}

descriptor create_and_enter_user_namespace() {
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  // A program with file capabilities is not dumpable, and then its /proc files belong to root: no map could be written.
  ::prctl(PR_SET_DUMPABLE, 1);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw_system_error("making a user namespace");
  const descriptor waiting(ends[0]);
  descriptor ready(ends[1]);
  const pid_t self = ::getpid();
  child_process mapper = child_process::start([&] {
    ready.close();
    char go = 0;
    return ::read(waiting.number(), &go, 1) == 1 && map_users(self, user, group) ? 0 : 1;
  });
  if (::unshare(CLONE_NEWUSER) != 0) throw_user_namespace_refused(errno);
  if (::write(ready.number(), "", 1) != 1 || mapper.wait(10_s) != 0) throw_user_namespace_refused(EPERM);
  keep_network_capabilities();
  return open_namespace(own_user_path);
}

bool new_namespace_would_be_private() {
  return identity_of(first_network_path).has_value() || own_user_namespace_was_made_here();
}

bool is_own_user_namespace(int user_namespace) {
  return identity_of(own_user_path) == identify_namespace(user_namespace);
}

void enter_user_namespace(int user_namespace) {
  if (::setns(user_namespace, CLONE_NEWUSER) != 0) throw_system_error("entering a user namespace");
  keep_network_capabilities();
}

void require_private_namespace(std::string_view action) {
  const auto own = identity_of(own_network_path);
  if (!own) throw guard_error(fmt::format("{}: refused: {} cannot be read", action, own_network_path));
  if (const auto reason = why_maybe_shared(*own)) throw guard_error(fmt::format("{}: refused: {}", action, *reason));
  const char* named = std::getenv(private_namespace_variable);
  if (named == nullptr || to_string(*own) != named)
    throw guard_error(fmt::format("{}: refused: {} does not name this network namespace, {}", action,
                                  private_namespace_variable, to_string(*own)));
}

void require_private_namespace_if_guarded(std::string_view action) {
  const char* guarded = std::getenv(network_guard_variable);
  if (guarded != nullptr && std::string_view(guarded) == "1") require_private_namespace(action);
}

}  // namespace seqwire
