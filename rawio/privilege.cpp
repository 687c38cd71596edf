#include "rawio/privilege.hpp"

#include <grp.h>
#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>

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
