// The octets that a capture writer makes, and what it does when the disk is full or the process is killed.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <boost/test/unit_test.hpp>

#include "rawio/capture/capture.hpp"
#include "tests/rawio/capture/support.hpp"

using namespace seqwire;
using seqwire::test::assembler;
using seqwire::test::octets_of;
using seqwire::test::read_all;
using seqwire::test::temporary_file;

namespace {

const capture_interface host_a{"a", "the host that watched", link_type::ethernet, 96};

void write_numbered(capture_writer& writer, std::uint64_t count) {
  const octets frame(100, 0x55);
  for (std::uint64_t id = 0; id < count; ++id)
    writer.write({.at = instant{static_cast<std::int64_t>(id)}, .packet_id = id}, frame);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(capture_writer_test)

BOOST_AUTO_TEST_CASE(write__every_octet_as_the_draft_has_it) {
  const temporary_file path;
  capture_writer writer(path.path(), {.application = "seqwire 1", .comment = "seed 7"});
  writer.add_interface(host_a);
  const octets link = octets_of("link"), headers = octets_of("head"), body = octets_of("b");
  writer.write({.interface = 0,
                .at = instant{0x1'0000'0002},
                .direction = capture_direction::out,
                .packet_id = 0x1122334455667788,
                .dropped_before = 3,
                .comment = "lost"},
               link, headers, body);
  writer.write_statistics(0, instant{5}, {.received = 10, .dropped = 2});
  writer.close();

  assembler expected;
  expected.block(0x0a0d0d0a, assembler()
                                 .u32(0x1a2b3c4d)
                                 .u16(1)
                                 .u16(0)
                                 .u64(~std::uint64_t{0})
                                 .option(1, "seed 7")
                                 .option(4, "seqwire 1")
                                 .u32(0));
  expected.block(
      1, assembler().u16(1).u16(0).u32(96).option(2, "a").option(3, "the host that watched").option(9, "\x09").u32(0));
  expected.block(6, assembler()
                        .u32(0)
                        .u32(1)
                        .u32(2)
                        .u32(9)
                        .u32(9)
                        .text("linkheadb")
                        .option(1, "lost")
                        .u16(2)
                        .u16(4)
                        .u32(2)
                        .u16(4)
                        .u16(8)
                        .u64(3)
                        .u16(5)
                        .u16(8)
                        .u64(0x1122334455667788)
                        .u32(0));
  expected.block(5, assembler().u32(0).u32(0).u32(5).u16(4).u16(8).u64(10).u16(5).u16(8).u64(2).u32(0));
  BOOST_TEST(path.read() == expected.contents(), boost::test_tools::per_element());
  BOOST_TEST(writer.packets_written() == 1u);
  BOOST_TEST(writer.octets_written() == expected.contents().size());
  BOOST_TEST(!writer.error());
}

BOOST_AUTO_TEST_CASE(write__no_options_no_end_of_options) {
  const temporary_file path;
  capture_writer writer(path.path(), {.application = "", .comment = ""});
  writer.add_interface({});
  writer.write({}, octets_of("frame"));
  writer.close();
  assembler expected;
  expected.section().interface(assembler().option(9, "\x09").u32(0), 262144).packet(0, 0, "frame");
  BOOST_TEST(path.read() == expected.contents(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(write__cuts_at_the_snap_length_and_says_so) {
  const temporary_file path;
  capture_writer writer(path.path(), {});
  writer.add_interface(host_a);
  const octets first(50, 1), second(50, 2), third(50, 3);
  writer.write({}, first, second, third);
  writer.close();
  const auto all = read_all(path.path());
  BOOST_REQUIRE(all.packets.size() == 1u);
  octets expected(50, 1);
  expected.resize(96, 2);
  BOOST_TEST((all.packets[0].frame == expected));
  BOOST_TEST(all.packets[0].original_length == 150u);
}

BOOST_AUTO_TEST_CASE(write__long_comment_is_cut_between_characters) {
  const temporary_file path;
  capture_writer writer(path.path(), {});
  writer.add_interface({});
  std::string comment = "x";
  while (comment.size() < 70'000) comment += "\u00e4";  // two octets: the limit of 65535 falls between two characters
  writer.write({.comment = comment}, octets_of("1"));
  comment.insert(0, "y");  // and now into one
  writer.write({.comment = comment}, octets_of("2"));
  writer.close();
  const auto all = read_all(path.path());
  BOOST_REQUIRE(all.packets.size() == 2u);
  BOOST_TEST(all.packets[0].comments.at(0).size() == 65535u);
  BOOST_TEST(all.packets[1].comments.at(0).size() == 65534u);
}

BOOST_AUTO_TEST_CASE(constructor__section_header_is_there_at_once) {
  const temporary_file path;
  const capture_writer writer(path.path(), {});
  BOOST_TEST(!read_all(path.path()).error);
}

BOOST_AUTO_TEST_CASE(constructor__names_the_path_that_it_cannot_create) {
  BOOST_CHECK_EXCEPTION(capture_writer("/nonexistent/a.pcapng", {}), std::system_error, [](const auto& error) {
    return std::string(error.what()).find("/nonexistent/a.pcapng") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(error__full_disk_does_not_stop_the_run) {
  capture_writer writer("/dev/full", {});
  writer.add_interface(host_a);
  write_numbered(writer, 10'000);
  writer.write_statistics(0, instant{}, {});
  writer.close();
  BOOST_REQUIRE(writer.error());
  BOOST_TEST(*writer.error() == "cannot write /dev/full: No space left on device; 0 octets were written");
  BOOST_TEST(writer.packets_written() == 0u);
  BOOST_TEST(writer.packets_not_written() == 10'000u);
}

// The file may not grow beyond the limit, as on a disk that fills: every whole block can be read, the counts add up,
// and a reader is told that the file was cut, wherever the limit fell.
BOOST_AUTO_TEST_CASE(error__disk_that_fills_leaves_whole_blocks_and_the_cut_shows) {
  for (rlim_t limit = 300'000; limit < 300'100; ++limit) {
    const temporary_file path;
    const pid_t child = ::fork();
    if (child == 0) {
      ::signal(SIGXFSZ, SIG_IGN);
      const rlimit sizes{limit, limit};
      ::setrlimit(RLIMIT_FSIZE, &sizes);
      capture_writer writer(path.path(), {});
      writer.add_interface({});
      write_numbered(writer, 10'000);
      writer.close();
      const auto all = read_all(path.path());
      const bool adds_up = writer.packets_written() + writer.packets_not_written() == 10'000;
      ::_exit(writer.error() && adds_up && all.packets.size() == writer.packets_written() && all.error &&
                      all.error->truncated
                  ? 0
                  : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    BOOST_TEST(status == 0);
    BOOST_TEST(read_all(path.path()).packets.back().packet_id.value() + 1 == read_all(path.path()).packets.size());
  }
}

// The writer is killed while it writes as fast as it can: what is there reads to the last whole block.
BOOST_AUTO_TEST_CASE(killed__reads_to_the_last_whole_block) {
  for (std::uint64_t at_least = 0; at_least < 40'000; at_least += 4'001) {
    const temporary_file path;
    int progress[2];
    BOOST_REQUIRE(::pipe(progress) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
      capture_writer writer(path.path(), {});
      writer.add_interface({});
      write_numbered(writer, at_least);
      writer.flush();
      if (::write(progress[1], "!", 1) != 1) ::_exit(1);
      while (true) write_numbered(writer, 100);
    }
    char flushed = 0;
    BOOST_REQUIRE(::read(progress[0], &flushed, 1) == 1);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(progress[0]);
    ::close(progress[1]);
    const auto all = read_all(path.path());
    BOOST_TEST((!all.error || all.error->truncated), all.fault());
    BOOST_TEST(all.packets.size() >= at_least);
  }
}

BOOST_AUTO_TEST_SUITE_END()
