// pcapng of other writers, assembled by hand: byte orders, time resolutions, old blocks, several sections; and each way
// in which a file can be broken, with the word for it.
#include <boost/test/unit_test.hpp>
#include <functional>

#include "rawio/capture/capture.hpp"
#include "tests/rawio/capture/support.hpp"

using namespace seqwire;
using seqwire::test::assembler;
using seqwire::test::octets_of;
using seqwire::test::read_all;

namespace {

// The instant of one packet of `ticks` under an interface with these options.
std::int64_t nanoseconds_of(std::uint64_t ticks, const assembler& interface_options) {
  assembler capture;
  capture.section().interface(interface_options).packet(0, ticks, "x");
  const auto all = read_all(capture.contents());
  BOOST_REQUIRE_MESSAGE(!all.error, all.fault());
  return all.packets.at(0).at.nanoseconds;
}

assembler resolution(unsigned value) { return assembler().option(9, std::string(1, static_cast<char>(value))); }

// What is said of a file that begins well and goes on with `rest`.
std::string fault_after_interface(const assembler& rest) {
  assembler capture;
  capture.section().interface().append(rest);
  return read_all(capture.contents()).fault();
}

// A packet block with these captured and original lengths and four octets of frame.
assembler packet_lengths(std::uint32_t captured, std::uint32_t original) {
  return assembler().block(6, assembler().u32(0).u64(0).u32(captured).u32(original).text("abcd"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pcapng_reader_test)

BOOST_AUTO_TEST_CASE(next__either_byte_order) {
  for (const bool big_endian : {false, true}) {
    assembler capture(big_endian);
    const assembler options = capture.body()
                                  .option(1, "lost")
                                  .option(1, "by the link")
                                  .u16(2)
                                  .u16(4)
                                  .u32(2)
                                  .u16(4)
                                  .u16(8)
                                  .u64(5)
                                  .u16(5)
                                  .u16(8)
                                  .u64(0x1122334455667788)
                                  .u32(0);
    capture.section()
        .interface(capture.body().option(2, "a").option(3, "left").option(9, "\x09").u32(0), 1500)
        .packet(0, 1'700'000'000'123'456'789, "odd", options)
        .block(5, capture.body().u32(0).u64(0).u16(4).u16(8).u64(100).u16(5).u16(8).u64(6).u32(0));
    const auto all = read_all(capture.contents());
    BOOST_REQUIRE_MESSAGE(!all.error, all.fault());
    BOOST_TEST(all.interfaces.at(0).name == "a");
    BOOST_TEST(all.interfaces.at(0).description == "left");
    BOOST_TEST(all.interfaces.at(0).snap_length == 1500u);
    BOOST_TEST((all.interfaces.at(0).type == link_type::ethernet));
    const captured_packet& packet = all.packets.at(0);
    BOOST_TEST(packet.at.nanoseconds == 1'700'000'000'123'456'789);
    BOOST_TEST((packet.frame == octets_of("odd")));
    BOOST_TEST((packet.comments == std::vector<std::string>{"lost", "by the link"}));
    BOOST_TEST((packet.direction == capture_direction::out));
    BOOST_TEST(packet.packet_id.value() == 0x1122334455667788u);
    BOOST_TEST(packet.dropped_before == 5u);
    BOOST_TEST(all.statistics.at(0).received == 100u);
    BOOST_TEST(all.statistics.at(0).dropped == 6u);
  }
}

BOOST_AUTO_TEST_CASE(next__nothing_stays_from_the_packet_before) {
  assembler capture;
  const assembler options =
      capture.body().option(1, "c").u16(2).u16(4).u32(1).u16(4).u16(8).u64(5).u16(5).u16(8).u64(9);
  capture.section().interface().packet(0, 1, "a longer frame", options).packet(0, 2, "short");
  const auto all = read_all(capture.contents());
  BOOST_REQUIRE(all.packets.size() == 2u);
  BOOST_TEST(all.packets[0].comments.size() == 1u);
  const captured_packet& second = all.packets[1];
  BOOST_TEST((second.frame == octets_of("short")));
  BOOST_TEST(second.comments.empty());
  BOOST_TEST(!second.packet_id);
  BOOST_TEST(second.dropped_before == 0u);
  BOOST_TEST((second.direction == capture_direction::unknown));
}

BOOST_AUTO_TEST_CASE(next__time_resolutions) {
  BOOST_TEST(nanoseconds_of(1'500'000, assembler()) == 1'500'000'000);  // microseconds unless said otherwise
  BOOST_TEST(nanoseconds_of(7, resolution(0)) == 7'000'000'000);
  BOOST_TEST(nanoseconds_of(7, resolution(3)) == 7'000'000);
  BOOST_TEST(nanoseconds_of(7, resolution(9)) == 7);
  BOOST_TEST(nanoseconds_of(7'999, resolution(12)) == 7);
  BOOST_TEST(nanoseconds_of(~std::uint64_t{0}, resolution(28)) == 1);
  BOOST_TEST(nanoseconds_of(~std::uint64_t{0}, resolution(127)) == 0);
  BOOST_TEST(nanoseconds_of(3, resolution(0x80 | 1)) == 1'500'000'000);
  BOOST_TEST(nanoseconds_of((std::uint64_t{1'700'000'000} << 32) + (1u << 31), resolution(0x80 | 32)) ==
             1'700'000'000'500'000'000);
  BOOST_TEST(nanoseconds_of(~std::uint64_t{0}, resolution(0x80 | 127)) == 0);
}

BOOST_AUTO_TEST_CASE(next__time_offset) {
  const auto offset = [](std::int64_t seconds) { return assembler().option(9, "\x09").u16(14).u16(8).put(seconds); };
  BOOST_TEST(nanoseconds_of(5, offset(2)) == 2'000'000'005);
  BOOST_TEST(nanoseconds_of(5, offset(-1)) == -999'999'995);
}

BOOST_AUTO_TEST_CASE(next__time_that_does_not_fit) {
  for (const assembler& options : {resolution(6), resolution(0), resolution(9), resolution(0x80)}) {
    assembler capture;
    capture.section().interface(options).packet(0, ~std::uint64_t{0}, "x");
    BOOST_TEST(read_all(capture.contents()).fault() == "time stamp outside the years 1678 to 2262");
  }
}

BOOST_AUTO_TEST_CASE(next__sections_with_interfaces_of_their_own_and_another_byte_order) {
  assembler capture;
  capture.section().interface(capture.body().option(2, "a")).packet(0, 1, "one");
  assembler second(true);
  second.section().interface(second.body().option(2, "b")).packet(0, 2, "two");
  capture.append(second);
  const auto all = read_all(capture.contents());
  BOOST_REQUIRE_MESSAGE(!all.error, all.fault());
  BOOST_TEST(all.interfaces.size() == 2u);
  BOOST_TEST(all.packets.at(1).interface == 1u);
  BOOST_TEST(all.interfaces.at(1).name == "b");
  BOOST_TEST(all.packets.at(1).at.nanoseconds == 2000);
}

BOOST_AUTO_TEST_CASE(next__section_that_gives_its_length) {
  const assembler body = assembler().interface().packet(0, 1, "one");
  assembler right;
  right.section(body.contents().size()).append(body).section().interface();
  BOOST_TEST(read_all(right.contents()).fault() == "no error");
  assembler early;
  early.section(body.contents().size() + 4).append(body).section();
  BOOST_TEST(read_all(early.contents()).fault() == "a section header 4 octets before the end of the section before it");
  assembler late;
  late.section(body.contents().size() - 4).append(body);
  BOOST_TEST(read_all(late.contents()).fault() == "block length 36, but only 32 octets of the section are left");
  assembler cut;
  cut.section(body.contents().size() + 40).append(body);
  const auto all = read_all(cut.contents());
  BOOST_TEST(all.fault() == "the file ends 40 octets before its section does");
  BOOST_TEST(all.error->truncated);
  BOOST_TEST(read_all(assembler().section(7).contents()).fault() == "section length 7, expected a multiple of 4 or -1");
}

BOOST_AUTO_TEST_CASE(next__unknown_blocks_and_options_are_skipped) {
  assembler capture;
  capture.section().interface(capture.body().option(4000, "?"));
  capture.block(4, capture.body().u32(0)).block(0xbad, capture.body().u32(1)).block(0x80000001, capture.body());
  capture.packet(0, 1, "x", capture.body().option(30000, "unknown"));
  const auto all = read_all(capture.contents());
  BOOST_REQUIRE_MESSAGE(!all.error, all.fault());
  BOOST_TEST(all.packets.size() == 1u);
}

BOOST_AUTO_TEST_CASE(next__simple_packet_is_cut_by_the_snap_length) {
  assembler capture;
  capture.section().interface(capture.body(), 3).block(3, capture.body().u32(5).text("abc"));
  capture.block(3, capture.body().u32(2).text("de"));
  const auto all = read_all(capture.contents());
  BOOST_REQUIRE_MESSAGE(!all.error, all.fault());
  BOOST_TEST((all.packets.at(0).frame == octets_of("abc")));
  BOOST_TEST(all.packets.at(0).original_length == 5u);
  BOOST_TEST((all.packets.at(1).frame == octets_of("de")));
  BOOST_TEST(fault_after_interface(assembler().block(3, assembler().u32(9).text("abcd"))) ==
             "simple packet of 9 octets, but only 4 are in the block");
}

BOOST_AUTO_TEST_CASE(next__obsolete_packet_block) {
  assembler capture;
  capture.section().interface();
  capture.block(2, capture.body().u16(0).u16(4).u32(0).u32(9).u32(3).u32(3).text("old").u16(2).u16(4).u32(1).u32(0));
  capture.block(2, capture.body().u16(0).u16(0xffff).u32(0).u32(10).u32(3).u32(3).text("old"));
  const auto all = read_all(capture.contents());
  BOOST_REQUIRE_MESSAGE(!all.error, all.fault());
  BOOST_TEST(all.packets.at(0).dropped_before == 4u);
  BOOST_TEST(all.packets.at(0).at.nanoseconds == 9000);
  BOOST_TEST((all.packets.at(0).direction == capture_direction::in));
  BOOST_TEST(all.packets.at(1).dropped_before == 0u);
}

BOOST_AUTO_TEST_CASE(next__cut_at_every_length) {
  assembler capture;
  capture.section().interface(capture.body().option(2, "a"));
  std::vector<std::size_t> ends{28, capture.contents().size()};  // where blocks end
  for (std::uint64_t id = 0; id < 3; ++id) {
    capture.packet(0, id, "frame", capture.body().option(1, "comment"));
    ends.push_back(capture.contents().size());
  }
  const octets& whole = capture.contents();
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto all = read_all(octets(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    const auto blocks =
        static_cast<std::size_t>(std::count_if(ends.begin(), ends.end(), [&](auto end) { return end <= size; }));
    const bool between_blocks = std::find(ends.begin(), ends.end(), size) != ends.end();
    BOOST_TEST_CONTEXT("cut after " << size << " octets: " << all.fault()) {
      BOOST_TEST(all.packets.size() == (blocks < 2 ? 0 : blocks - 2));
      BOOST_TEST(all.error.has_value() == !between_blocks);
      if (all.error) BOOST_TEST(all.error->truncated);
      if (all.error) BOOST_TEST(all.error->offset == (blocks == 0 ? 0 : ends[blocks - 1]));
    }
  }
}

BOOST_AUTO_TEST_CASE(next__block_lengths_that_lie) {
  const auto header = [](std::uint32_t length) { return assembler().u32(6).u32(length).u64(0).u64(0); };
  BOOST_TEST(fault_after_interface(header(0)) == "block length 0, expected a multiple of 4 of at least 12");
  BOOST_TEST(fault_after_interface(header(8)) == "block length 8, expected a multiple of 4 of at least 12");
  BOOST_TEST(fault_after_interface(header(21)) == "block length 21, expected a multiple of 4 of at least 12");
  BOOST_TEST(fault_after_interface(header(0xfffffffc)) == "block length 4294967292, expected at most 16777216");
  BOOST_TEST(fault_after_interface(header(24)) == "block length 24 at its start, 0 at its end");
  BOOST_TEST(fault_after_interface(header(28)) == "the file ends 24 octets into a block of 28");
  BOOST_TEST(fault_after_interface(assembler().block(6, assembler().u32(0))) ==
             "packet block of 4 octets, expected at least 20");
  BOOST_TEST(fault_after_interface(assembler().block(2, assembler())) ==
             "packet block of 0 octets, expected at least 20");
  BOOST_TEST(fault_after_interface(assembler().block(3, assembler())) ==
             "simple packet block of 0 octets, expected at least 4");
  BOOST_TEST(fault_after_interface(assembler().block(5, assembler().u32(0))) ==
             "interface statistics of 4 octets, expected at least 12");
  BOOST_TEST(fault_after_interface(assembler().block(1, assembler().u32(0))) ==
             "interface description of 4 octets, expected at least 8");
  BOOST_TEST(fault_after_interface(assembler().block(0x0a0d0d0a, assembler().u32(0x1a2b3c4d))) ==
             "section header of 4 octets, expected at least 16");
}

BOOST_AUTO_TEST_CASE(next__zero_tail_is_no_packet) {
  assembler zeros;
  for (int i = 0; i < 1024; ++i) zeros.u32(0);
  BOOST_TEST(fault_after_interface(zeros) ==
             "zeros where a block should start: the file was preallocated or has lost its contents");
}

BOOST_AUTO_TEST_CASE(next__packet_lengths_that_lie) {
  BOOST_TEST(fault_after_interface(packet_lengths(4, 4)) == "no error");
  BOOST_TEST(fault_after_interface(packet_lengths(5, 5)) ==
             "captured length 5, but only 4 octets are left in the block");
  BOOST_TEST(fault_after_interface(packet_lengths(0xffffffff, 0xffffffff)) ==
             "captured length 4294967295, but only 4 octets are left in the block");
  BOOST_TEST(fault_after_interface(packet_lengths(4, 3)) == "captured length 4 above original length 3");
  assembler capture;
  capture.section().interface(capture.body(), 3).append(packet_lengths(4, 4));
  BOOST_TEST(read_all(capture.contents()).fault() == "captured length 4 above the interface's snap length 3");
}

BOOST_AUTO_TEST_CASE(next__interface_that_nobody_described) {
  BOOST_TEST(fault_after_interface(assembler().packet(1, 0, "x")) ==
             "block of interface 1, but the section has described 1 so far");
  BOOST_TEST(fault_after_interface(assembler().section().packet(0, 0, "x")) ==
             "block of interface 0, but the section has described 0 so far");
  BOOST_TEST(read_all(assembler().section().block(3, assembler().u32(0)).contents()).fault() ==
             "block of interface 0, but the section has described 0 so far");
}

BOOST_AUTO_TEST_CASE(next__options_that_lie) {
  const auto fault = [](const assembler& options) {
    return fault_after_interface(assembler().packet(0, 0, "x", options));
  };
  BOOST_TEST(fault(assembler().u16(1).u16(5).text("long")) == "option 1 of 5 octets, but only 4 are left in the block");
  BOOST_TEST(fault(assembler().u16(1).u16(65535)) == "option 1 of 65535 octets, but only 0 are left in the block");
  BOOST_TEST(fault(assembler().option(2, "xy")) == "option epb_flags of 2 octets, expected 4");
  BOOST_TEST(fault(assembler().option(4, "four")) == "option epb_dropcount of 4 octets, expected 8");
  BOOST_TEST(fault(assembler().option(5, "four")) == "option epb_packetid of 4 octets, expected 8");
  BOOST_TEST(fault(assembler().option(1, "no end of options")) == "no error");
}

BOOST_AUTO_TEST_CASE(open__section_headers_of_another_kind) {
  const auto fault = [](const assembler& body) {
    return read_all(assembler().block(0x0a0d0d0a, body).contents()).fault();
  };
  BOOST_TEST(fault(assembler().u32(0x1a2b3c4e).u16(1).u16(0).u64(0)) ==
             "section header: expected the byte-order magic 1a2b3c4d, got 1a2b3c4e");
  BOOST_TEST(fault(assembler().u32(0x1a2b3c4d).u16(9).u16(9).u64(0)) == "pcapng version 9.9, expected 1.0");
  BOOST_TEST(fault(assembler().u32(0x1a2b3c4d).u16(1).u16(2).u64(~std::uint64_t{0})) == "no error");
}

// What is read of three packets "first", "second", "third", the second block of which is damaged so.
test::reading salvaged(const std::function<octets(octets)>& damage) {
  assembler head, second, tail;
  head.section().interface().packet(0, 1, "first");
  second.packet(0, 2, "second");
  tail.packet(0, 3, "third");
  octets whole = head.contents();
  const octets damaged = damage(second.contents());
  whole.insert(whole.end(), damaged.begin(), damaged.end());
  whole.insert(whole.end(), tail.contents().begin(), tail.contents().end());
  BOOST_TEST((read_all(whole).error.has_value() && read_all(whole).packets.size() == 1));
  return read_all(whole, damage_handling::leave_out);
}

void expect_salvaged(const test::reading& all, std::string_view fault) {
  BOOST_REQUIRE_MESSAGE(!all.error, all.fault());
  BOOST_REQUIRE_MESSAGE(all.packets.size() == 2u, fault);
  BOOST_TEST((all.packets[0].frame == octets_of("first")));
  BOOST_TEST((all.packets[1].frame == octets_of("third")));
  BOOST_REQUIRE(all.left_out.size() == 1u);
  BOOST_TEST(all.left_out[0].what.starts_with(fault), all.left_out[0].what);
}

BOOST_AUTO_TEST_CASE(leave_out__goes_on_behind_the_damaged_block) {
  const auto with = [](std::size_t place, octet value) {
    return [=](octets block) {
      block[place] = value;
      return block;
    };
  };
  expect_salvaged(salvaged(with(4, 2)), "block length 2, expected a multiple of 4");
  expect_salvaged(salvaged(with(5, 1)), "the file ends");  // it only says so
  expect_salvaged(salvaged(with(36, 0)), "block length 40 at its start, 0 at its end");
  expect_salvaged(salvaged(with(8, 9)), "block of interface 9");
  expect_salvaged(salvaged([](octets) { return octets(1001, 0); }), "zeros where a block should start");
  expect_salvaged(salvaged([](octets) { return octets(77, 0x41); }), "block length 1094795585");
  expect_salvaged(salvaged([](octets block) { return octets(block.begin(), block.begin() + 17); }),
                  "block length 40 at");
}

BOOST_AUTO_TEST_CASE(leave_out__a_file_that_only_ends_early_is_as_ever) {
  assembler capture;
  capture.section().interface().packet(0, 1, "first").packet(0, 2, "second");
  for (std::size_t size = 1; size < capture.contents().size(); ++size) {
    const octets cut(capture.contents().begin(), capture.contents().begin() + static_cast<std::ptrdiff_t>(size));
    const auto strict = read_all(cut), lenient = read_all(cut, damage_handling::leave_out);
    BOOST_TEST(strict.fault() == lenient.fault(), size);
    BOOST_TEST(strict.packets.size() == lenient.packets.size());
    BOOST_TEST(lenient.left_out.empty());
  }
}

BOOST_AUTO_TEST_CASE(leave_out__a_section_header_that_is_damaged_and_places_beyond_counting) {
  assembler capture;
  capture.section().interface().packet(0, 1, "first");
  octets damaged = capture.contents();
  damaged[12] = 7;  // the version
  const auto all = read_all(damaged, damage_handling::leave_out);
  BOOST_TEST(!all.error, all.fault());
  BOOST_TEST(all.packets.size() == 1u);
  BOOST_TEST(all.left_out.at(0).what == "pcapng version 7.0, expected 1.0");

  assembler many;
  many.section().interface();
  for (std::size_t i = 0; i < 2 * capture_reader::most_places_told; ++i) many.packet(9, i, "nobody's");
  test::temporary_file file(many.contents());
  auto reader = capture_reader::open(file.path(), damage_handling::leave_out);
  BOOST_REQUIRE(reader.has_value());
  BOOST_TEST((*reader->next() == nullptr));
  BOOST_TEST(reader->left_out().size() == capture_reader::most_places_told);
  BOOST_TEST(reader->places_left_out() == 2 * capture_reader::most_places_told);
}

BOOST_AUTO_TEST_SUITE_END()
