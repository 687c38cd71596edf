#include "lab/wire/output_queue.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "rawio/setup_error.hpp"

namespace seqwire {

output_queue::output_queue(int to) : to_(to), ready_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!ready_) throw_system_error("watching an output");
  epoll_event nothing{};  // that its reader goes is told all the same
  if (::epoll_ctl(ready_.number(), EPOLL_CTL_ADD, to_, &nothing) == 0) return;
  if (errno != EPERM) throw_system_error("watching an output");
  pollable_ = false;
}

void output_queue::push(slice piece) {
  if (error_ != 0 || piece.empty()) return;
  waiting_ += piece.size();
  pieces_.push_back(std::move(piece));
}

void output_queue::flush() {
  while (error_ == 0 && has_room() && waiting_ > 0)
    if (!write_some()) break;
  watch(waiting_ > 0);
}

// Asked even when nothing waits: a reader that has gone shows here.
bool output_queue::has_room() {
  if (!pollable_) return true;
  pollfd asked{to_, POLLOUT, 0};
  if (::poll(&asked, 1, 0) <= 0) return false;
  if ((asked.revents & (POLLERR | POLLHUP)) != 0) fail(EPIPE);
  return error_ == 0;
}

// A pipe with room has it for PIPE_BUF octets at least; more could wait for the reader.
bool output_queue::write_some() {
  const std::size_t most = pollable_ ? std::size_t{PIPE_BUF} : capacity;
  std::array<iovec, 64> parts{};
  std::size_t count = 0;
  std::size_t size = 0;
  for (auto piece = pieces_.begin(); piece != pieces_.end() && count < parts.size() && size < most; ++piece, ++count) {
    const octets_view view = piece->view().first(std::min(piece->size(), most - size));
    parts[count] = {const_cast<octet*>(view.data()), view.size()};  // writev() only reads
    size += view.size();
  }
  const ssize_t written = ::writev(to_, parts.data(), static_cast<int>(count));
  if (written < 0 && errno != EINTR && errno != EAGAIN) fail(errno);
  if (written <= 0) return written < 0 && errno == EINTR;
  auto rest = static_cast<std::size_t>(written);
  waiting_ -= rest;
  while (rest > 0 && rest >= pieces_.front().size()) {
    rest -= pieces_.front().size();
    pieces_.pop_front();
  }
  if (rest > 0) pieces_.front() = pieces_.front().part(rest, pieces_.front().size() - rest);
  return true;
}

void output_queue::fail(int error) {
  error_ = error;
  pieces_.clear();
  waiting_ = 0;
}

void output_queue::watch(bool for_room) {
  if (!pollable_ || for_room == watching_) return;
  epoll_event wanted{};
  if (for_room) wanted.events = EPOLLOUT;
  if (::epoll_ctl(ready_.number(), EPOLL_CTL_MOD, to_, &wanted) == 0) watching_ = for_room;
}

}  // namespace seqwire
