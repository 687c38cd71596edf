// A process tells what it is doing to whoever asks, without ever waiting for them: a Unix-domain socket in a folder of
// its user, and for each question a sealed file in memory that is handed over whole. Knows nothing of what it tells.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "protocol/base/result.hpp"
#include "protocol/base/time.hpp"
#include "rawio/capture/descriptor.hpp"

namespace seqwire {

/// The folders in which processes of this user (owner_of_files()) offer their state, there or not: where it is set,
/// $XDG_RUNTIME_DIR/seqwire alone; else /run/user/UID/seqwire, for root /run/seqwire, /tmp/seqwire-UID, of which a new
/// process takes the first that it can make. UID is the number that the user has outside a user namespace.
std::vector<std::string> status_folders();

/// The asked side. The socket's name ends in .status and is no other process's, only its user can open it, and it goes
/// with the object.
class status_socket {
 public:
  /// Where no folder can be used there is no socket: a process does its work all the same. Make it before privileges
  /// are given up.
  status_socket();
  ~status_socket();
  status_socket(const status_socket&) = delete;
  status_socket& operator=(const status_socket&) = delete;

  /// For a loop: readable when somebody asks, until serve(); -1: none.
  int descriptor_number() const { return listening_ ? asked_.number() : -1; }
  /// Answers those who ask now, a few at most, with what `describe` gives. Whom it cannot answer for want of a
  /// descriptor waits until the next one asks.
  void serve(const std::function<std::string()>& describe);

 private:
  bool offer_in(const std::string& folder);

  descriptor asked_;  // an epoll of its own, of the socket alone
  descriptor listening_;
  std::string path_;
};

/// What a process told.
struct status_answer {
  pid_t process = 0;  // as the kernel knows it here; 0: it is of a process namespace that cannot be seen from here
  std::string text;   // as it was given: from another process, so not to be trusted
};

/// Longest text that is taken, octets.
inline constexpr std::size_t longest_status = std::size_t{16} << 20;

/// The sockets in all folders of this user, sorted.
std::vector<std::string> status_sockets();
/// Asks the process behind a socket. The error says in a few words why there is no answer; it is empty where there is
/// no process any more, whose socket is then removed, or another one than `only`.
result<status_answer, std::string> ask_status(const std::string& path, duration patience,
                                              std::optional<pid_t> only = std::nullopt);

}  // namespace seqwire
