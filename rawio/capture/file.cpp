#include "rawio/capture/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "protocol/base/require.hpp"

namespace seqwire {
namespace {

constexpr octet gzip_magic[] = {0x1f, 0x8b};
constexpr std::size_t buffer_size = std::size_t{256} << 10;

std::string words_for(int error_number) { return std::system_category().message(error_number); }

}  // namespace

std::size_t whole_lines(octets_view written) {
  const auto last = std::find(written.rbegin(), written.rend(), octet{'\n'});
  return static_cast<std::size_t>(written.rend() - last);
}

output_file::output_file(const std::string& path, unit_scan whole_units)
    : path_(path == "-" ? "standard output" : path), whole_units_(whole_units), buffer_(buffer_size) {
  file_ = descriptor(path == "-" ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                                 : ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (file_.number() < 0) throw std::system_error(errno, std::system_category(), "cannot create " + path_);
}

octet* output_file::append(std::size_t size) {
  if (buffer_.size() - used_ < size) flush();
  if (error_ || file_.number() < 0) return nullptr;
  if (buffer_.size() < size) buffer_.resize(size);
  octet* const room = buffer_.data() + used_;
  used_ += size;
  return room;
}

void output_file::flush() {
  if (used_ == 0) return;
  const std::size_t arrived = write_out();
  std::size_t whole = used_;
  if (error_) {
    whole = whole_units_({buffer_.data(), arrived});
    if (arrived == whole) cut_last_unit();
    lost_ = {buffer_.data() + whole, used_ - whole};
    *error_ += fmt::format("; {} octets were written", flushed_ + whole);
  }
  flushed_ += whole;
  used_ = 0;
}

void output_file::close() {
  flush();
  const int number = file_.release();
  // Some file systems tell of a full disk or quota only here.
  if (number >= 0 && ::close(number) != 0 && !error_) fail(errno);
}

// Writes the buffer and returns how much of it arrived: all of it unless error_ is set.
std::size_t output_file::write_out() {
  std::size_t arrived = 0;
  while (arrived < used_) {
    const ssize_t now = ::write(file_.number(), buffer_.data() + arrived, used_ - arrived);
    if (now >= 0) {
      arrived += static_cast<std::size_t>(now);
    } else if (errno == EAGAIN) {  // a standard output that somebody else made non-blocking
      pollfd waiting{file_.number(), POLLOUT, 0};
      ::poll(&waiting, 1, -1);
    } else if (errno != EINTR) {
      fail(errno);
      break;
    }
  }
  return arrived;
}

// The disk was full between two units: one octet less, and a reader sees that there was more. Regular files only.
void output_file::cut_last_unit() {
  const off_t end = ::lseek(file_.number(), 0, SEEK_CUR);
  last_unit_cut_ = end > 0 && ::ftruncate(file_.number(), end - 1) == 0;
}

void output_file::fail(int error_number) {
  error_ = fmt::format("cannot write {}: {}", path_, words_for(error_number));
}

result<input_file, std::string> input_file::open(const std::string& path) {
  descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) return failure(words_for(errno));
  return input_file(std::move(file));
}

void input_file::fill(std::size_t wanted) {
  if (begin_ > 0)
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(filled_), buffer_.begin());
  filled_ -= begin_;
  begin_ = 0;
  buffer_.resize(std::max({buffer_.size(), wanted, buffer_size}));
  while (filled_ < wanted) {
    octet* const into = buffer_.data() + filled_;
    const std::size_t room = buffer_.size() - filled_;
    const std::size_t now = packed_ ? read_unpacked(into, room) : read(into, room);
    if (now == 0) return;
    filled_ += now;
  }
}

// 0 at the end of the file and after an error.
std::size_t input_file::read(octet* into, std::size_t room) {
  while (!failed()) {
    const ssize_t now = ::read(file_.number(), into, room);
    if (now == 0 && look_again_ && look_again_()) continue;
    if (now >= 0) return static_cast<std::size_t>(now);
    if (errno != EINTR) error_ = words_for(errno);
  }
  return 0;
}

std::size_t input_file::read_unpacked(octet* into, std::size_t room) {
  while (!failed()) {
    const auto unpacked = packed_->from.unpack(packed_->left, into, room);
    if (!unpacked) error_ = unpacked.error();
    else if (*unpacked > 0) return *unpacked;
    if (failed()) break;
    packed_->buffer.resize(buffer_size);
    const std::size_t now = read(packed_->buffer.data(), packed_->buffer.size());
    packed_->left = octets_view(packed_->buffer).first(now);
    if (now > 0 || failed()) continue;
    cut_short_ = !packed_->from.whole();
    if (cut_short_) error_ = "the file ends in the middle of what gzip compressed";
    break;
  }
  return 0;
}

void input_file::unpack_if_packed() {
  const octets_view head = peek(sizeof gzip_magic);
  if (head.size() >= sizeof gzip_magic && std::equal(std::begin(gzip_magic), std::end(gzip_magic), head.begin()))
    unpack();
}

void input_file::unpack() {
  packed_.emplace();
  packed_->buffer = std::exchange(buffer_, {});
  packed_->left = octets_view(packed_->buffer).subspan(begin_, filled_ - begin_);
  begin_ = filled_ = 0;
  offset_ = 0;
}

}  // namespace seqwire
