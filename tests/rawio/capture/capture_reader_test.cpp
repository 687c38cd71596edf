// What goes into a capture writer comes out of a capture reader; and files that are no captures are called what they
// are.
#include <rapidcheck.h>
#include <rapidcheck/boost_test.h>
#include <sys/resource.h>

#include <boost/test/unit_test.hpp>

#include "rawio/capture/capture.hpp"
#include "tests/rawio/capture/support.hpp"

using namespace seqwire;
using seqwire::test::assembler;
using seqwire::test::gzipped;
using seqwire::test::octets_of;
using seqwire::test::read_all;
using seqwire::test::temporary_file;

namespace {

captured_packet arbitrary_packet(std::size_t interfaces) {
  captured_packet packet;
  packet.interface = *rc::gen::inRange<std::size_t>(0, interfaces);
  packet.at.nanoseconds = *rc::gen::suchThat(rc::gen::arbitrary<std::int64_t>(), [](auto at) { return at >= 0; });
  packet.direction = *rc::gen::element(capture_direction::unknown, capture_direction::in, capture_direction::out);
  if (*rc::gen::arbitrary<bool>()) packet.packet_id = *rc::gen::arbitrary<std::uint64_t>();
  packet.dropped_before = *rc::gen::weightedOneOf<std::uint64_t>(
      {{3, rc::gen::just<std::uint64_t>(0)}, {1, rc::gen::arbitrary<std::uint64_t>()}});
  packet.frame = *rc::gen::arbitrary<octets>();
  packet.original_length = packet.frame.size();
  const auto comment = *rc::gen::string<std::string>();
  if (const auto text = comment.substr(0, comment.find('\0')); !text.empty()) packet.comments.push_back(text);
  return packet;
}

octets small_pcapng() {
  assembler capture;
  return capture.section().interface().packet(0, 1, "a frame").packet(0, 2, "another").contents();
}
octets small_pcap() {
  assembler capture;
  capture.u32(0xa1b2c3d4).u16(2).u16(4).u32(0).u32(0).u32(65535).u32(1);
  for (const char* frame : {"eight oc", "another8"}) capture.u32(1).u32(5).u32(8).u32(8).text(frame);
  return capture.contents();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(capture_reader_test)

RC_BOOST_PROP(next__gives_back_what_was_written, ()) {
  const std::size_t interfaces = *rc::gen::inRange<std::size_t>(1, 4);
  const auto count = *rc::gen::inRange<std::size_t>(0, 50);
  std::vector<captured_packet> packets;
  for (std::size_t i = 0; i < count; ++i) packets.push_back(arbitrary_packet(interfaces));
  const temporary_file path;
  capture_writer writer(path.path(), {.application = "seqwire", .comment = "seed 1"});
  for (std::size_t i = 0; i < interfaces; ++i)
    writer.add_interface({std::string(1, static_cast<char>('a' + i)), "vantage point", link_type::user0, 0});
  for (const captured_packet& packet : packets) {
    const octets_view frame(packet.frame);
    const auto first = *rc::gen::inRange<std::size_t>(0, frame.size() + 1);
    const auto second = *rc::gen::inRange<std::size_t>(first, frame.size() + 1);
    writer.write({packet.interface, packet.at, packet.direction, packet.packet_id, packet.dropped_before,
                  packet.comments.empty() ? std::string_view() : std::string_view(packet.comments[0])},
                 frame.first(first), frame.subspan(first, second - first), frame.subspan(second));
  }
  for (std::size_t i = 0; i < interfaces; ++i) writer.write_statistics(i, instant{}, {.received = i + 7, .dropped = i});
  writer.close();

  const auto all = read_all(path.path());
  RC_ASSERT(!all.error);
  RC_ASSERT(all.interfaces.size() == interfaces);
  RC_ASSERT(all.interfaces.back().name == std::string(1, static_cast<char>('a' + interfaces - 1)));
  RC_ASSERT(all.interfaces.back().description == "vantage point");
  RC_ASSERT(all.interfaces.back().type == link_type::user0);
  RC_ASSERT(all.statistics.back().received == interfaces + 6);
  RC_ASSERT(all.statistics.back().dropped == interfaces - 1);
  RC_ASSERT(all.packets.size() == packets.size());
  for (std::size_t i = 0; i < packets.size(); ++i) {
    RC_ASSERT(all.packets[i].interface == packets[i].interface);
    RC_ASSERT(all.packets[i].at == packets[i].at);
    RC_ASSERT(all.packets[i].direction == packets[i].direction);
    RC_ASSERT(all.packets[i].packet_id == packets[i].packet_id);
    RC_ASSERT(all.packets[i].dropped_before == packets[i].dropped_before);
    RC_ASSERT(all.packets[i].original_length == packets[i].original_length);
    RC_ASSERT(all.packets[i].frame == packets[i].frame);
    RC_ASSERT(all.packets[i].comments == packets[i].comments);
  }
}

// Whatever a file contains, the reader ends, with packets within bounds; the sanitizers see the rest.
RC_BOOST_PROP(next__any_octets_end_somewhere, ()) {
  seqwire::test::assembler capture(*rc::gen::arbitrary<bool>());
  capture.section().interface().packet(0, 1, "a frame").packet(0, 2, "another", capture.body().option(1, "why"));
  octets contents = capture.contents();
  const auto changes = *rc::gen::inRange(1, 5);
  for (int i = 0; i < changes; ++i)
    contents[*rc::gen::inRange<std::size_t>(0, contents.size())] = *rc::gen::arbitrary<octet>();
  const auto all = read_all(contents);
  RC_ASSERT(all.packets.size() <= 2u);
  for (const captured_packet& packet : all.packets) RC_ASSERT(packet.frame.size() <= contents.size());
}

BOOST_AUTO_TEST_CASE(open__same_packets_same_octets) {
  const temporary_file one, other;
  for (const temporary_file* path : {&one, &other}) {
    capture_writer writer(path->path(), {});
    writer.add_interface({});
    for (std::uint64_t id = 0; id < 5'000; ++id) writer.write({.packet_id = id, .comment = "c"}, octets_of("frame"));
  }
  BOOST_TEST((one.read() == other.read()));
}

BOOST_AUTO_TEST_CASE(open__files_that_are_no_captures) {
  const auto fault = [](std::string_view contents) { return read_all(octets_of(contents)).fault(); };
  BOOST_TEST(fault("") == "the file is empty");
  BOOST_TEST(fault("abc") == "the file ends after 3 octets, no capture is that short");
  BOOST_TEST(fault("\x1f\x8b\x08\xff and so on") == "what gzip compressed is broken: unknown header flags set");
  BOOST_TEST(fault("[flow]\n") == "not a capture: expected the first octets of pcapng or pcap, got 5b666c6f");
  BOOST_TEST(read_all("/nonexistent.pcapng").fault() == "No such file or directory");
  BOOST_TEST(read_all("/tmp").fault() == "Is a directory");
}

BOOST_AUTO_TEST_CASE(open__compressed_with_gzip) {
  for (const bool pcapng : {true, false}) {
    const octets contents = pcapng ? small_pcapng() : small_pcap();
    const auto plain = read_all(contents), packed = read_all(gzipped(contents));
    BOOST_TEST(!packed.error, packed.fault());
    BOOST_REQUIRE_EQUAL(packed.packets.size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) {
      BOOST_TEST(packed.packets[i].frame == plain.packets[i].frame);
      BOOST_TEST(packed.packets[i].at.nanoseconds == plain.packets[i].at.nanoseconds);
    }
  }
  BOOST_TEST(read_all(gzipped(octets{})).fault() == "the file is empty");
  BOOST_TEST(read_all(gzipped(gzipped(small_pcapng()))).fault().starts_with("not a capture: expected the first"));
}

// Where an archive ends early, what was read until then stands, and that there was more is said: also where the end
// of the file, or of a record, could be taken for the end of the capture.
BOOST_AUTO_TEST_CASE(next__gzip_that_ends_early) {
  for (const octets& contents : {small_pcapng(), small_pcap()}) {
    const octets packed = gzipped(contents);
    std::size_t most = 0;
    for (std::size_t size = 2; size < packed.size(); ++size) {
      const auto all = read_all(octets(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size)));
      BOOST_REQUIRE(all.error);
      BOOST_TEST(all.error->truncated, size);
      BOOST_TEST(all.fault() == "the file ends in the middle of what gzip compressed", size);
      most = std::max(most, all.packets.size());
    }
    BOOST_TEST(most == 2u);
  }
}

BOOST_AUTO_TEST_CASE(next__gzip_whose_checksum_is_wrong) {
  for (const octets& contents : {small_pcapng(), small_pcap()}) {
    octets packed = gzipped(contents);
    packed[packed.size() - 5] ^= 1;
    const auto all = read_all(packed);
    BOOST_TEST(all.packets.size() == 2u);
    BOOST_TEST(all.fault() == "what gzip compressed is broken: incorrect data check");
    BOOST_TEST(!all.error->truncated);
  }
}

// A quarter of a gibibyte of packets from a file of a mebibyte.
BOOST_AUTO_TEST_CASE(next__gzip_takes_no_more_memory_than_a_block) {
  assembler capture;
  octets packed = gzipped(capture.section().interface().contents());
  assembler packet;
  packet.packet(0, 1, std::string(std::size_t{1} << 20, 'x'));
  const octets member = gzipped(packet.contents());
  for (int i = 0; i < 256; ++i) packed.insert(packed.end(), member.begin(), member.end());
  const temporary_file path(packed);
  rusage before{}, after{};
  ::getrusage(RUSAGE_SELF, &before);
  auto reader = capture_reader::open(path.path());
  BOOST_REQUIRE(reader);
  std::size_t packets = 0;
  for (auto next = reader->next(); next && *next != nullptr; next = reader->next()) ++packets;
  ::getrusage(RUSAGE_SELF, &after);
  BOOST_TEST(packets == 256u);
  BOOST_TEST(after.ru_maxrss - before.ru_maxrss < 16 * 1024);  // in kibibytes
}

// Each time the reader reaches the end, the file has one octet more.
std::vector<captured_packet> read_as_it_grows(const octets& whole) {
  const temporary_file path;
  std::size_t written = 0;
  auto reader = capture_reader::open(path.path(), damage_handling::refuse, [&] {
    if (written == whole.size()) return false;
    std::ofstream(path.path(), std::ios::binary | std::ios::app).put(static_cast<char>(whole[written++]));
    return true;
  });
  BOOST_REQUIRE(reader);
  std::vector<captured_packet> packets;
  for (;;) {
    const auto next = reader->next();
    BOOST_REQUIRE(next);
    if (*next == nullptr) break;
    packets.push_back(**next);
  }
  BOOST_TEST(written == whole.size());
  return packets;
}

BOOST_AUTO_TEST_CASE(next__a_growing_file_is_read_to_the_last_octet) {
  assembler capture;
  capture.section().interface().packet(0, 1, "a frame").packet(0, 2, "another").packet(0, 3, "and the third one");
  octets pcap = octets_of(std::string_view("\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\xff\xff\0\0\1\0\0\0", 24));
  for (const char* frame : {"a frame", "another", "3rd one"}) {
    const octets header = octets_of(std::string_view("\1\0\0\0\0\0\0\0\7\0\0\0\7\0\0\0", 16));
    pcap.insert(pcap.end(), header.begin(), header.end());
    pcap.insert(pcap.end(), frame, frame + 7);
  }
  for (const octets& whole : {capture.contents(), gzipped(capture.contents()), pcap, gzipped(pcap)}) {
    const auto packets = read_as_it_grows(whole);
    const auto all = read_all(whole);
    BOOST_TEST(!all.error);
    BOOST_REQUIRE(packets.size() == 3u);
    for (std::size_t i = 0; i < packets.size(); ++i) BOOST_TEST((packets[i].frame == all.packets[i].frame));
  }
}

BOOST_AUTO_TEST_CASE(next__nothing_more_after_an_error) {
  seqwire::test::assembler capture;
  capture.section().packet(0, 0, "early").interface().packet(0, 0, "late");
  const temporary_file path(capture.contents());
  auto reader = capture_reader::open(path.path());
  BOOST_REQUIRE(reader);
  const auto first = reader->next();
  BOOST_REQUIRE(!first);
  BOOST_TEST(to_string(first.error()) ==
             path.path() + ": octet 28: block of interface 0, but the section has described 0 so far");
  const auto second = reader->next();
  BOOST_REQUIRE(second);
  BOOST_TEST(*second == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
