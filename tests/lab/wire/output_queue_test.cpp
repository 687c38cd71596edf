// Octets to a slow reader: nothing waits in write(), everything arrives in order, and a reader that goes is noticed.
#include "lab/wire/output_queue.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <string>

#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

struct pipe_to_reader {
  pipe_to_reader() {
    std::array<int, 2> ends{};
    BOOST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    reading = descriptor(ends[0]);
    writing = descriptor(ends[1]);
    ::signal(SIGPIPE, SIG_IGN);
  }
  // At most `most` octets of what is there.
  std::string read(std::size_t most) {
    std::string text(most, '\0');
    const ssize_t got = ::read(reading.number(), text.data(), text.size());
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
  }
  descriptor reading, writing;
};

bool is_ready(const output_queue& queue) {
  pollfd asked{queue.descriptor_number(), POLLIN, 0};
  return ::poll(&asked, 1, 0) > 0;
}

slice text_of(std::string_view text) { return slice::copy_of(view_of(text)); }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(output_queue_test, pipe_to_reader)

BOOST_AUTO_TEST_CASE(flush__writes_in_order_what_the_pipe_takes_and_keeps_the_rest) {
  output_queue queue(writing.number());
  std::string pushed, got;
  for (int i = 0; i < 2'000; ++i) {
    const std::string piece(static_cast<std::size_t>(i % 1'500), static_cast<char>('a' + i % 26));
    pushed += piece;
    queue.push(text_of(piece));
  }
  BOOST_TEST(queue.full());
  queue.flush();  // would never return if it waited: nobody reads
  BOOST_TEST(queue.waiting() > 0u);
  BOOST_TEST(queue.waiting() < pushed.size());
  while (got.size() < pushed.size()) {
    got += read(10'007);
    queue.flush();
  }
  BOOST_TEST((got == pushed));
  BOOST_TEST(queue.waiting() == 0u);
  BOOST_TEST(queue.error() == 0);
}

BOOST_AUTO_TEST_CASE(descriptor_number__is_readable_only_while_there_is_something_to_do) {
  output_queue queue(writing.number());
  BOOST_TEST(!is_ready(queue));
  queue.push(text_of(std::string(100'000, 'x')));
  queue.flush();
  BOOST_TEST(queue.waiting() > 0u);
  BOOST_TEST(!is_ready(queue));  // the pipe is full
  read(50'000);
  BOOST_TEST(is_ready(queue));
  queue.flush();
  BOOST_TEST(queue.waiting() == 0u);
  BOOST_TEST(!is_ready(queue));
}

BOOST_AUTO_TEST_CASE(flush__tells_when_the_reader_has_gone_even_with_nothing_to_write) {
  output_queue queue(writing.number());
  queue.flush();
  BOOST_TEST(queue.error() == 0);
  reading.close();
  BOOST_TEST(is_ready(queue));
  queue.flush();
  BOOST_TEST(queue.error() == EPIPE);
  queue.push(text_of("too late"));
  BOOST_TEST(queue.waiting() == 0u);
}

BOOST_AUTO_TEST_CASE(flush__the_descriptors_flags_stay_as_they_were) {
  const int before = ::fcntl(writing.number(), F_GETFL);
  output_queue queue(writing.number());
  queue.push(text_of("x"));
  queue.flush();
  BOOST_TEST(::fcntl(writing.number(), F_GETFL) == before);
}

BOOST_AUTO_TEST_CASE(flush__a_file_takes_everything_and_a_full_device_says_so) {
  const command_runner::temporary_folder folder;
  const descriptor file(::open(folder.path("file").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  output_queue queue(file.number());
  const std::string contents(3'000'000, 'x');
  queue.push(text_of(contents));
  queue.flush();
  BOOST_TEST(queue.waiting() == 0u);
  BOOST_TEST((command_runner::read_whole(folder.path("file")) == contents));

  const descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  output_queue stopped(full.number());
  stopped.push(text_of("x"));
  stopped.flush();
  BOOST_TEST(stopped.error() == ENOSPC);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
