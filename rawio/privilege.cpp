#include "rawio/privilege.hpp"

#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <vector>

#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

// A user or group number that sudo left in the environment.
std::optional<unsigned> number_from_sudo(const char* variable) {
  const char* text = std::getenv(variable);
  unsigned number = 0;
  if (text == nullptr || std::from_chars(text, text + std::strlen(text), number).ec != std::errc{} || number == 0)
    return std::nullopt;
  return number;
}

struct caller {
  uid_t user;
  gid_t group;
};

// Nothing for whoever is not root, or is so without sudo.
std::optional<caller> caller_of_sudo() {
  const auto user = number_from_sudo("SUDO_UID");
  const auto group = number_from_sudo("SUDO_GID");
  if (geteuid() != 0 || !user || !group) return std::nullopt;
  return caller{*user, *group};
}

// False where there is no such user, or none in this user namespace.
bool become_caller_of_sudo() {
  const auto [user, group] = caller_of_sudo().value_or(caller{});
  if (user == 0) return false;
  return setgroups(0, nullptr) == 0 && setresgid(group, group, group) == 0 && setresuid(user, user, user) == 0;
}

// Calls that nothing needs any more, and that somebody who has made us run code of his would make first.
constexpr std::array refused_calls{
    SYS_execve,
    SYS_execveat,
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_unshare,
    SYS_setns,
    SYS_mount,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_chroot,
    SYS_pivot_root,
    SYS_init_module,
    SYS_finit_module,
    SYS_io_uring_setup,
    SYS_open_by_handle_at,
};
// Of sockets: status, addresses of interfaces, and what asks the kernel about them.
constexpr std::array permitted_families{AF_UNIX, AF_INET, AF_NETLINK};

#if defined(__x86_64__)
constexpr std::uint32_t own_architecture = AUDIT_ARCH_X86_64;
constexpr std::uint32_t first_foreign_call = 0x40000000;  // x32's
#elif defined(__aarch64__)
constexpr std::uint32_t own_architecture = AUDIT_ARCH_AARCH64;
constexpr std::uint32_t first_foreign_call = UINT32_MAX;
#else
constexpr std::uint32_t own_architecture = 0;  // no filter there
constexpr std::uint32_t first_foreign_call = UINT32_MAX;
#endif

sock_filter seccomp_statement(unsigned code, std::uint32_t value) {
  return BPF_STMT(static_cast<std::uint16_t>(code), value);
}
// Over the next statement when the comparison does not hold.
sock_filter when(unsigned comparison, std::uint32_t value) {
  return BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | comparison | BPF_K), value, 0, 1);
}
sock_filter unless_equal(std::uint32_t value) {
  return BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | BPF_JEQ | BPF_K), value, 1, 0);
}

// What is refused fails as if it were not permitted: no call of ours ends the process by mistake.
void refuse_system_calls() {
  if (own_architecture == 0) return;
  const sock_filter refuse = seccomp_statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
  const sock_filter permit = seccomp_statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  const auto load = [](std::size_t offset) {
    return seccomp_statement(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
  };
  std::vector<sock_filter> program{load(offsetof(seccomp_data, arch)), unless_equal(own_architecture),    refuse,
                                   load(offsetof(seccomp_data, nr)),   when(BPF_JGE, first_foreign_call), refuse};
  for (const long call : refused_calls)
    program.insert(program.end(), {when(BPF_JEQ, static_cast<std::uint32_t>(call)), refuse});
  program.insert(program.end(), {unless_equal(SYS_socket), permit, load(offsetof(seccomp_data, args))});
  for (const int family : permitted_families)
    program.insert(program.end(), {when(BPF_JEQ, static_cast<std::uint32_t>(family)), permit});
  program.push_back(refuse);
  const sock_fprog all{static_cast<unsigned short>(program.size()), program.data()};
  // A kernel without filters lacks the second wall; the first stands.
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all) != 0 && errno != EINVAL)
    throw_system_error("cannot refuse system calls");
}

}  // namespace

void drop_privileges() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) throw_system_error("cannot forbid new privileges");
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  // Fails past the last capability, or at the first one for a process that may not change its bounding set.
  for (unsigned long capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; ++capability) {
  }
  const bool still_root = geteuid() == 0 && !become_caller_of_sudo();
  __user_cap_header_struct header{};
  header.version = _LINUX_CAPABILITY_VERSION_3;
  __user_cap_data_struct kept[_LINUX_CAPABILITY_U32S_3] = {};
  if (still_root) kept[0].effective = kept[0].permitted = (1u << CAP_DAC_OVERRIDE) | (1u << CAP_DAC_READ_SEARCH);
  if (syscall(SYS_capset, &header, kept) != 0) throw_system_error("cannot give up capabilities");
  refuse_system_calls();
}

void become_caller() {
  const auto who = caller_of_sudo();
  if (!who) return;
  if (!become_caller_of_sudo()) throw_system_error("becoming the user who called sudo");
  const passwd* const entry = ::getpwuid(who->user);
  if (entry == nullptr || ::setenv("HOME", entry->pw_dir, 1) != 0)
    throw_system_error("finding the home of the user who called sudo", ENOENT);
}

bool may_open_raw_sockets() {
  __user_cap_header_struct header{};
  header.version = _LINUX_CAPABILITY_VERSION_3;
  __user_cap_data_struct held[_LINUX_CAPABILITY_U32S_3] = {};
  return syscall(SYS_capget, &header, held) == 0 && (held[0].effective & (1u << CAP_NET_RAW)) != 0;
}

uid_t owner_of_files() {
  const auto who = caller_of_sudo();
  return who ? who->user : geteuid();
}

// Should the kernel refuse, the files are root's: worse, but no reason not to run.
files_of_caller::files_of_caller() {
  const auto who = caller_of_sudo();
  if (!who) return;
  changed_ = true;
  setfsgid(who->group);
  setfsuid(who->user);
}

files_of_caller::~files_of_caller() {
  if (!changed_) return;
  setfsuid(geteuid());
  setfsgid(getegid());
}

}  // namespace seqwire
