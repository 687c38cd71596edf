#include "lab/capture_relay.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <stdexcept>

#include "rawio/capture/descriptor.hpp"
#include "rawio/capture/pcapng_format.hpp"
#include "rawio/clock.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

constexpr duration glance = 20_ms;  // how long a new block may lie there unseen

class relay {
 public:
  explicit relay(const relay_settings& settings) : settings_(settings) {}

  relay_end run() {
    for (;;) {
      if (settings_.stopped()) return relay_end::stopped;
      // Asked first: what is written before the writer ends is seen by the reading that follows.
      const bool ended = settings_.writer_ended();
      const bool more = read_more();
      while (const std::size_t size = whole_block()) {
        if (!wait_until_due()) return settings_.stopped() ? relay_end::stopped : relay_end::reader_gone;
        if (!pass_on(size)) return settings_.stopped() ? relay_end::stopped : relay_end::reader_gone;
      }
      if (!more && ended) return relay_end::finished;
      if (!more && !rest(glance)) return relay_end::reader_gone;
    }
  }

 private:
  // False: nothing new is there.
  bool read_more() {
    if (!file_) file_ = descriptor(::open(settings_.path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file_ && errno == ENOENT) return false;
    if (!file_) throw_system_error("reading " + settings_.path);
    constexpr std::size_t at_once = 256 << 10;
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
    const std::size_t before = waiting_.size();
    waiting_.resize(before + at_once);
    const ssize_t got = ::read(file_.number(), waiting_.data() + before, at_once);
    waiting_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0) throw_system_error("reading " + settings_.path);
    return got > 0;
  }

  // The size of the block that is next; 0: it is not whole yet.
  std::size_t whole_block() const {
    const std::size_t there = waiting_.size() - begin_;
    if (there < pcapng::smallest_block) return 0;
    const std::size_t size = pcapng::load_little_u32(waiting_.data() + begin_ + 4);
    if (size < pcapng::smallest_block || size % 4 != 0 || size > pcapng::largest_block)
      throw std::runtime_error(
          fmt::format("{}: block length {}, expected what this program writes", settings_.path, size));
    return size <= there ? size : 0;
  }

  // The stamp of a packet, in nanoseconds as capture_writer has them; nothing for other blocks.
  std::optional<instant> stamp() const {
    const octet* const block = waiting_.data() + begin_;
    if (pcapng::load_little_u32(block) != static_cast<std::uint32_t>(pcapng::block_type::enhanced_packet))
      return std::nullopt;
    const std::uint64_t ticks =
        std::uint64_t{pcapng::load_little_u32(block + 12)} << 32 | pcapng::load_little_u32(block + 16);
    return instant{static_cast<std::int64_t>(ticks)};
  }

  bool wait_until_due() {
    const auto at = stamp();
    if (!at || settings_.pace <= 0) return true;
    if (!first_) first_ = {*at, clock_now()};
    const auto after = static_cast<double>((*at - first_->stamp).nanoseconds) / settings_.pace;
    constexpr double far_away = 1e18;
    const instant due = first_->passed_on + duration{static_cast<std::int64_t>(std::min(after, far_away))};
    for (instant now = clock_now(); now < due; now = clock_now())
      if (settings_.stopped() || !rest(std::min(due - now, glance * 5))) return false;
    return true;
  }

  // False: whoever read has gone.
  bool rest(duration span) const {
    pollfd reader{settings_.to, 0, 0};
    ::poll(&reader, 1, static_cast<int>((span + 999'999_ns) / 1_ms));
    return (reader.revents & (POLLERR | POLLHUP)) == 0;
  }

  bool pass_on(std::size_t size) {
    const std::size_t end = begin_ + size;
    while (begin_ < end) {
      pollfd reader{settings_.to, POLLOUT, 0};
      if (::poll(&reader, 1, static_cast<int>(glance * 5 / 1_ms)) <= 0) {
        if (settings_.stopped()) return false;
        continue;
      }
      constexpr std::size_t fits_a_pipe_with_room = 4096;
      const ssize_t put =
          ::write(settings_.to, waiting_.data() + begin_, std::min(end - begin_, fits_a_pipe_with_room));
      if (put >= 0) begin_ += static_cast<std::size_t>(put);
      else if (errno == EPIPE) return false;
      else if (errno != EINTR && errno != EAGAIN) throw_system_error("passing the capture on");
    }
    return true;
  }

  struct beginning {
    instant stamp, passed_on;
  };

  const relay_settings& settings_;
  descriptor file_;
  octets waiting_;  // read and not passed on, from begin_ on
  std::size_t begin_ = 0;
  std::optional<beginning> first_;  // packet
};

}  // namespace

relay_end relay_capture(const relay_settings& settings) { return relay(settings).run(); }

}  // namespace seqwire
