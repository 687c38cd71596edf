// Other people's programs read what we write: tshark, capinfos and libpcap agree with us about every part of a packet.
#include <pcap/pcap.h>

#include <boost/test/unit_test.hpp>

#include "rawio/capture/capture.hpp"
#include "tests/rawio/capture/support.hpp"

using namespace seqwire;
using seqwire::test::octets_of;
using seqwire::test::read_all;
using seqwire::test::temporary_file;

namespace {

struct command_result {
  std::string output;
  int status = -1;
};

command_result run(const std::string& command) {
  command_result result;
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  BOOST_REQUIRE(pipe != nullptr);
  char buffer[4096];
  while (const std::size_t size = std::fread(buffer, 1, sizeof buffer, pipe)) result.output.append(buffer, size);
  result.status = ::pclose(pipe);
  return result;
}

bool installed(const char* tool) {
  if (run(std::string("command -v ") + tool + " >/dev/null 2>&1").status == 0) return true;
  BOOST_TEST_MESSAGE(tool << " is not installed: skipped");
  return false;
}

// Two vantage points, an IDP frame seen at both, the second time as lost, after a gap of three.
void write_example(const std::string& path) {
  octets frame(60, 0);
  frame[12] = 0x06;  // EtherType 0x0600
  capture_writer writer(path, {.application = "seqwire 0.1", .comment = "scenario demo, seed 7"});
  writer.add_interface({"a", "left host", link_type::ethernet, 262144});
  writer.add_interface({"b", "right host", link_type::ethernet, 262144});
  writer.write({.interface = 0,
                .at = instant{1'700'000'000'123'456'789},
                .direction = capture_direction::out,
                .packet_id = 4242},
               frame);
  writer.write({.interface = 1,
                .at = instant{1'700'000'000'143'456'789},
                .direction = capture_direction::in,
                .packet_id = 4242,
                .dropped_before = 3,
                .comment = "sim: lost on a-b\nsecond line"},
               octets_view(frame).first(14), octets_view(frame).subspan(14));
  writer.write_statistics(0, instant{1'700'000'001'000'000'000}, {.received = 11, .dropped = 0});
  writer.write_statistics(1, instant{1'700'000'001'000'000'000}, {.received = 22, .dropped = 3});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(capture_tools_test)

BOOST_AUTO_TEST_CASE(tshark__every_field) {
  if (!installed("tshark")) return;
  const temporary_file path;
  write_example(path.path());
  const auto shown = run("tshark -r " + path.path() +
                         " -T fields -E separator='|' -e frame.interface_name -e frame.interface_description"
                         " -e frame.time_epoch -e frame.packet_id -e frame.packet_flags_direction -e frame.drop_count"
                         " -e frame.comment -e frame.len -e eth.type 2>/dev/null");
  BOOST_TEST(shown.status == 0);
  BOOST_TEST(shown.output ==
             "a|left host|1700000000.123456789|4242|0x00000002|||60|0x0600\n"
             "b|right host|1700000000.143456789|4242|0x00000001|3|sim: lost on a-b\\nsecond line|60|0x0600\n");
}

BOOST_AUTO_TEST_CASE(capinfos__interfaces_and_counts) {
  if (!installed("capinfos")) return;
  const temporary_file path;
  write_example(path.path());
  const auto shown = run("capinfos " + path.path() + " 2>&1");
  BOOST_TEST(shown.status == 0);
  for (const char* part : {"pcapng", "seqwire 0.1", "scenario demo, seed 7", "Name = a", "Description = right host",
                           "Time precision = nanoseconds (9)", "Number of stat entries = 1", "Number of packets:   2"})
    BOOST_TEST(shown.output.find(part) != std::string::npos, "no \"" << part << "\" in:\n" << shown.output);
}

BOOST_AUTO_TEST_CASE(libpcap__reads_the_packets) {
  const temporary_file path;
  write_example(path.path());
  char words[PCAP_ERRBUF_SIZE] = "";
  pcap_t* const handle =
      pcap_open_offline_with_tstamp_precision(path.path().c_str(), PCAP_TSTAMP_PRECISION_NANO, words);
  BOOST_REQUIRE_MESSAGE(handle != nullptr, words);
  pcap_pkthdr* header = nullptr;
  const u_char* contents = nullptr;
  BOOST_TEST(pcap_next_ex(handle, &header, &contents) == 1);
  BOOST_TEST(header->ts.tv_usec == 123'456'789);
  BOOST_TEST(header->caplen == 60u);
  BOOST_TEST(pcap_next_ex(handle, &header, &contents) == 1);
  BOOST_TEST(pcap_next_ex(handle, &header, &contents) == PCAP_ERROR_BREAK);
  pcap_close(handle);
}

// And we read what another writer made of our file: its options, its order of blocks.
BOOST_AUTO_TEST_CASE(editcap__rewritten_file_reads_the_same) {
  if (!installed("editcap")) return;
  const temporary_file path, rewritten, as_pcap;
  write_example(path.path());
  BOOST_TEST(run("editcap -F pcapng " + path.path() + " " + rewritten.path() + " 2>&1").status == 0);
  const auto ours = read_all(path.path());
  const auto theirs = read_all(rewritten.path());
  BOOST_REQUIRE_MESSAGE(!theirs.error, theirs.fault());
  BOOST_REQUIRE(theirs.packets.size() == ours.packets.size());
  for (std::size_t i = 0; i < ours.packets.size(); ++i) {
    BOOST_TEST(theirs.packets[i].at.nanoseconds == ours.packets[i].at.nanoseconds);
    BOOST_TEST(theirs.packets[i].packet_id.value() == ours.packets[i].packet_id.value());
    BOOST_TEST((theirs.packets[i].frame == ours.packets[i].frame));
    BOOST_TEST((theirs.packets[i].comments == ours.packets[i].comments));
    BOOST_TEST((theirs.packets[i].direction == ours.packets[i].direction));
  }
  BOOST_TEST(run("editcap -F nsecpcap " + path.path() + " " + as_pcap.path() + " 2>&1").status == 0);
  const auto plain = read_all(as_pcap.path());
  BOOST_REQUIRE_MESSAGE(!plain.error, plain.fault());
  BOOST_TEST(plain.packets.at(1).at.nanoseconds == ours.packets.at(1).at.nanoseconds);
}

BOOST_AUTO_TEST_SUITE_END()
