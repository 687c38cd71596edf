// Giving up what opening sockets needed. Everything that comes from the network is read after this.
#pragma once

#include <sys/types.h>

namespace seqwire {

/// Forbids gaining privileges by executing programs and empties every capability set, the bounding and ambient ones
/// included. A root that sudo made becomes the user who called sudo; any other root keeps only the right to reach
/// files, because it was told where to write. Where the kernel has filters of system calls, executing programs, looking
/// into other processes, namespaces and sockets of other families than Unix, IPv4 and netlink fail from now on. Call
/// once all sockets are open, from the only thread. Throws std::system_error.
void drop_privileges();

/// A root that sudo made becomes the user who called sudo, for good, with that user's home in HOME: for commands that
/// work among a user's own files. Changes nothing for anybody else. Throws std::system_error where that user cannot be
/// had.
void become_caller();

/// Whether the kernel lets this process, as it is now, have raw and packet sockets (CAP_NET_RAW).
bool may_open_raw_sockets();

/// Whose files this process leaves behind: the user who called sudo, where sudo made it root, else its own.
uid_t owner_of_files();

/// While it lives, a root that sudo made uses files as the user who called sudo, so that what a run leaves behind is
/// that user's. Changes nothing for anybody else. For one thread.
class files_of_caller {
 public:
  files_of_caller();
  ~files_of_caller();
  files_of_caller(const files_of_caller&) = delete;
  files_of_caller& operator=(const files_of_caller&) = delete;

 private:
  bool changed_ = false;
};

}  // namespace seqwire
