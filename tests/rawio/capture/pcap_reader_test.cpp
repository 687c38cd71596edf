// pcap as libpcap writes it, read back; and files assembled by hand that libpcap would let pass.
#include <pcap/pcap.h>

#include <boost/test/unit_test.hpp>

#include "rawio/capture/capture.hpp"
#include "tests/rawio/capture/support.hpp"

using namespace seqwire;
using seqwire::test::assembler;
using seqwire::test::octets_of;
using seqwire::test::read_all;
using seqwire::test::temporary_file;

namespace {

octets written_by_libpcap(u_int precision, int link) {
  const temporary_file path;
  pcap_t* const handle = pcap_open_dead_with_tstamp_precision(link, 65535, precision);
  pcap_dumper_t* const file = pcap_dump_open(handle, path.path().c_str());
  for (int i = 0; i < 3; ++i) {
    pcap_pkthdr header{};
    header.ts.tv_sec = 1'700'000'000 + i;
    header.ts.tv_usec = 123'456;
    header.caplen = 5;
    header.len = 9;
    pcap_dump(reinterpret_cast<u_char*>(file), &header, reinterpret_cast<const u_char*>("frame"));
  }
  pcap_dump_close(file);
  pcap_close(handle);
  return path.read();
}

assembler file_header(std::uint32_t magic, bool big_endian = false, std::uint32_t link = 1,
                      std::uint32_t snap = 65535) {
  return assembler(big_endian).u32(magic).u16(2).u16(4).u32(0).u32(0).u32(snap).u32(link);
}

assembler record(assembler file, std::uint32_t seconds, std::uint32_t fraction, std::uint32_t captured,
                 std::uint32_t original, std::size_t present) {
  file.u32(seconds).u32(fraction).u32(captured).u32(original);
  for (std::size_t i = 0; i < present; ++i) file.put(octet{0x77});
  return file;
}

std::string fault_of_record(std::uint32_t fraction, std::uint32_t captured, std::uint32_t original,
                            std::size_t present) {
  return read_all(record(file_header(0xa1b2c3d4), 1, fraction, captured, original, present).contents()).fault();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pcap_reader_test)

BOOST_AUTO_TEST_CASE(next__microseconds_and_nanoseconds) {
  for (const bool nano : {false, true}) {
    const auto all = read_all(written_by_libpcap(nano ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO, 1));
    BOOST_REQUIRE_MESSAGE(!all.error, all.fault());
    BOOST_REQUIRE(all.packets.size() == 3u);
    BOOST_TEST(all.packets[2].at.nanoseconds == 1'700'000'002'000'000'000 + (nano ? 123'456 : 123'456'000));
    BOOST_TEST((all.packets[0].frame == octets_of("frame")));
    BOOST_TEST(all.packets[0].original_length == 9u);
    BOOST_TEST(all.interfaces.size() == 1u);
    BOOST_TEST(all.interfaces[0].snap_length == 65535u);
    BOOST_TEST(all.statistics.size() == 1u);
  }
}

BOOST_AUTO_TEST_CASE(next__link_types) {
  const auto type = [](int link) {
    return read_all(written_by_libpcap(PCAP_TSTAMP_PRECISION_NANO, link)).interfaces.at(0).type;
  };
  BOOST_TEST((type(DLT_EN10MB) == link_type::ethernet));
  BOOST_TEST((type(DLT_RAW) == link_type::raw_ip));
  BOOST_TEST((type(DLT_LINUX_SLL) == link_type::linux_cooked));
  BOOST_TEST((type(DLT_USER0) == link_type::user0));
  BOOST_TEST((type(DLT_IPV4) == link_type::ipv4));
}

BOOST_AUTO_TEST_CASE(next__other_byte_order) {
  for (const std::uint32_t magic : {0xa1b2c3d4u, 0xa1b23c4du}) {
    const auto all = read_all(record(file_header(magic, true), 7, 8, 4, 4, 4).contents());
    BOOST_REQUIRE_MESSAGE(!all.error, all.fault());
    BOOST_TEST(all.packets.at(0).at.nanoseconds == 7'000'000'000 + (magic == 0xa1b2c3d4 ? 8000 : 8));
    BOOST_TEST(all.packets.at(0).frame.size() == 4u);
  }
}

BOOST_AUTO_TEST_CASE(next__seconds_beyond_2038) {
  const auto all = read_all(record(file_header(0xa1b2c3d4), 0xffffffff, 0, 4, 4, 4).contents());
  BOOST_REQUIRE_MESSAGE(!all.error, all.fault());
  BOOST_TEST(all.packets.at(0).at.nanoseconds == 4'294'967'295'000'000'000);
}

BOOST_AUTO_TEST_CASE(next__cut_at_every_length) {
  const octets whole = written_by_libpcap(PCAP_TSTAMP_PRECISION_NANO, 1);
  BOOST_REQUIRE(whole.size() == 24u + 3 * 21);
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto all = read_all(octets(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    const std::size_t records = size < 24 ? 0 : (size - 24) / 21;
    const bool between_records = size >= 24 && (size - 24) % 21 == 0;
    BOOST_TEST_CONTEXT("cut after " << size << " octets: " << all.fault()) {
      BOOST_TEST(all.packets.size() == records);
      BOOST_TEST(all.error.has_value() == !between_records);
      if (all.error) BOOST_TEST(all.error->truncated);
      if (all.error) BOOST_TEST(all.error->offset == (size < 24 ? 0 : 24 + records * 21));
    }
  }
}

BOOST_AUTO_TEST_CASE(next__records_that_lie) {
  BOOST_TEST(fault_of_record(999'999, 4, 4, 4) == "no error");
  BOOST_TEST(fault_of_record(999'999, 0, 0, 0) == "no error");
  BOOST_TEST(fault_of_record(0, 4, 3, 4) == "captured length 4 above original length 3");
  BOOST_TEST(fault_of_record(1'000'000, 4, 4, 4) ==
             "time stamp with a fraction of 1000000000 ns, expected less than one second");
  BOOST_TEST(fault_of_record(0, 65540, 65540, 65540) == "captured length above the file's snap length 65535");
  const auto all = read_all(record(file_header(0xa1b2c3d4), 1, 0, 0x7fffffff, 0x7fffffff, 100).contents());
  BOOST_REQUIRE(all.error);
  BOOST_TEST(!all.error->truncated);
  BOOST_TEST(all.fault().find("2147483647") != std::string::npos, all.fault());
}

BOOST_AUTO_TEST_CASE(next__zero_tail_is_no_packet) {
  assembler file = record(file_header(0xa1b2c3d4), 1, 0, 4, 4, 4);
  for (int i = 0; i < 1024; ++i) file.u32(0);
  const auto all = read_all(file.contents());
  BOOST_TEST(all.packets.size() == 1u);
  BOOST_TEST(all.fault() == "zeros where a record should start: the file was preallocated or has lost its contents");
  BOOST_TEST(all.error->offset == 44u);
}

BOOST_AUTO_TEST_CASE(open__version_that_libpcap_refuses) {
  octets contents = file_header(0xa1b2c3d4).contents();
  contents[4] = 9;
  const auto all = read_all(contents);
  BOOST_REQUIRE(all.error);
  BOOST_TEST(all.fault().find("version 9") != std::string::npos, all.fault());
}

BOOST_AUTO_TEST_CASE(leave_out__a_record_that_lies_and_what_is_no_record) {
  assembler file = record(file_header(0xa1b2c3d4), 1, 0, 4, 4, 4);
  file = record(file, 2, 0, 4, 3, 4);
  file = record(file, 3, 0, 4, 4, 4);
  const auto all = read_all(file.contents(), damage_handling::leave_out);
  BOOST_TEST(!all.error, all.fault());
  BOOST_TEST(all.packets.size() == 2u);
  BOOST_REQUIRE(all.left_out.size() == 1u);
  BOOST_TEST(all.left_out[0].offset == 44u);
  const auto lost = read_all(record(file, 4, 0, 0x7fffffff, 0x7fffffff, 100).contents(), damage_handling::leave_out);
  BOOST_TEST(lost.packets.size() == 2u);
  BOOST_REQUIRE(lost.error);
  BOOST_TEST(lost.error->truncated);  // as if it ended there
  BOOST_TEST(lost.left_out.size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
