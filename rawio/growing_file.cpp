#include "rawio/growing_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

constexpr int milliseconds_between_questions = 100;

// Of all events that have come. Their names are of no interest.
std::uint32_t events_of(int watch) {
  alignas(inotify_event) char buffer[4096];
  std::uint32_t events = 0;
  for (;;) {
    const ssize_t size = ::read(watch, buffer, sizeof buffer);
    if (size <= 0) return events;
    for (ssize_t at = 0; at < size;) {
      inotify_event event{};
      std::memcpy(&event, buffer + at, sizeof event);
      events |= event.mask;
      at += static_cast<ssize_t>(sizeof event + event.len);
    }
  }
}

}  // namespace

growing_file::growing_file(const std::string& path)
    : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)),
      watch_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  struct stat about {};
  if (!file_ || ::fstat(file_.number(), &about) != 0) throw_system_error("opening " + path);
  if (!S_ISREG(about.st_mode)) {
    finished_ = true;
    return;
  }
  // First the watch: whoever closes the file before the question is asked has left an event.
  if (!watch_ || ::inotify_add_watch(watch_.number(), path.c_str(), IN_MODIFY | IN_CLOSE_WRITE) < 0)
    throw_system_error("watching " + path);
  finished_ = !is_being_written().value_or(true);
}

bool growing_file::wait(const std::function<bool()>& enough) {
  while (!finished_) {
    const std::uint32_t events = events_of(watch_.number());
    if ((events & IN_CLOSE_WRITE) != 0) finished_ = !is_being_written().value_or(false);
    if (events != 0) return true;
    if (enough()) return false;
    pollfd waiting{watch_.number(), POLLIN, 0};
    ::poll(&waiting, 1, milliseconds_between_questions);
  }
  return false;
}

// A lease for reading is only given where nobody writes. Not every file system has them, nor every user's file for us.
std::optional<bool> growing_file::is_being_written() const {
  const int file = file_.number();
  ::fcntl(file, F_SETSIG, SIGURG);  // who opens it just now breaks the lease; that signal is ignored unless asked for
  if (::fcntl(file, F_SETLEASE, F_RDLCK) == 0) {
    ::fcntl(file, F_SETLEASE, F_UNLCK);
    return false;
  }
  if (errno == EAGAIN) return true;
  return std::nullopt;
}

}  // namespace seqwire
