#include "lab/capture_relay.hpp"

#include "rawio/capture/capture.hpp"
#include "tests/command_runner.hpp"

using namespace seqwire;
using namespace seqwire::command_runner;

namespace {

struct growing_capture {
  growing_capture() {
    std::array<int, 2> ends{};
    BOOST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    from = descriptor(ends[0]);
    to = descriptor(ends[1]);
  }
  void write(capture_writer& writer, std::int64_t at) const {
    writer.write({.interface = 0, .at = instant{at}}, view_of("a frame"));
    writer.flush();
  }
  std::string passed_on() const {
    std::string all;
    std::array<char, 65536> room;
    for (ssize_t got = 0; (got = ::read(from.number(), room.data(), room.size())) > 0;)
      all.append(room.data(), static_cast<std::size_t>(got));
    return all;
  }
  relay_settings settings(double pace = 0) const {
    return {.path = path,
            .to = to.number(),
            .pace = pace,
            .writer_ended = [] { return true; },
            .stopped = [] { return false; }};
  }

  temporary_folder folder;
  const std::string path = folder.path("growing.pcapng");
  descriptor from, to;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(capture_relay_test, growing_capture)

BOOST_AUTO_TEST_CASE(relay__passes_on_what_is_written_while_it_looks) {
  std::optional<capture_writer> writer;  // not there at first
  int asked = 0;
  relay_settings growing = settings();
  growing.writer_ended = [&] {
    if (asked == 1) writer.emplace(path, capture_writer_options{}).add_interface({.name = "a", .description = {}});
    if (asked > 1 && asked < 5) write(*writer, asked);
    return ++asked > 5;
  };
  BOOST_TEST((relay_capture(growing) == relay_end::finished));
  writer->close();
  BOOST_TEST(passed_on() == read_whole(path));
  BOOST_TEST(fs::file_size(path) > 4 * 32u);
}

BOOST_AUTO_TEST_CASE(relay__a_block_that_is_not_whole_stays_behind) {
  capture_writer writer(path, {});
  writer.add_interface({.name = "a", .description = {}});
  write(writer, 1);
  writer.close();
  const std::string whole = read_whole(path);
  write_whole(path, whole + whole.substr(0, 9));
  BOOST_TEST((relay_capture(settings()) == relay_end::finished));
  BOOST_TEST(passed_on() == whole);
}

BOOST_AUTO_TEST_CASE(relay__keeps_the_pace_of_the_stamps) {
  capture_writer writer(path, {});
  writer.add_interface({.name = "a", .description = {}});
  write(writer, 1'000'000'000);
  const std::size_t until_first = fs::file_size(path);
  write(writer, 3600'000'000'000);  // an hour later, which is never here
  int looked = 0;
  relay_settings paced = settings(1);
  paced.stopped = [&] { return ++looked > 3; };
  BOOST_TEST((relay_capture(paced) == relay_end::stopped));
  BOOST_TEST(passed_on().size() == until_first);
  BOOST_TEST((relay_capture(settings(1e9)) == relay_end::finished));  // an hour in some microseconds
  BOOST_TEST(passed_on() == read_whole(path));
}

BOOST_AUTO_TEST_CASE(relay__ends_when_nobody_reads) {
  ::signal(SIGPIPE, SIG_IGN);
  capture_writer writer(path, {});
  writer.flush();
  from.close();
  BOOST_TEST((relay_capture(settings()) == relay_end::reader_gone));
}

BOOST_AUTO_TEST_CASE(relay__refuses_what_is_no_capture) {
  write_whole(path, "this is not a capture at all");
  BOOST_CHECK_THROW(relay_capture(settings()), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
