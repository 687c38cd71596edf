// seqwire record in a network of its own: what it leaves is what crossed, in order, with directions; and it ends as a
// user expects.
#include <nlohmann/json.hpp>

#include "own_network.hpp"
#include "rawio/capture/capture.hpp"
#include "rawio/netlink.hpp"

namespace seqwire {
namespace {

using namespace live_runs;

struct recorded_network : own_network {
  std::vector<std::string> record(std::vector<std::string> more) const {
    more.insert(more.begin(), "record");
    return seqwire_with(more);
  }
  // What crosses between the hosts while both ports of the bridge are recorded, or host b's interface alone.
  nlohmann::json record_transfer(running_command& recording) {
    BOOST_REQUIRE(recording.wait_for("recording; Ctrl-C ends it"));
    running_command between(bridge({"--delay", "2ms", "--loss", "5%"}), inside(lab_host::bridge));
    BOOST_REQUIRE(between.wait_for("the bridge is up"));
    running_command receiving(receive({"--out", "inbox", "--record", "b.pcapng", "--journal", "b.journal"}),
                              inside(lab_host::b));
    running_command sending(send({"files", "--record", "a.pcapng", "--journal", "a.journal"}), inside(lab_host::a));
    const ended_command sent = sending.finish();
    expect_transfer(sent, receiving.finish());
    between.signal(SIGINT);
    between.finish();
    recording.signal(SIGINT);
    const ended_command ended = recording.finish();
    BOOST_TEST(ended.exit_code == 0, ended.err);
    BOOST_TEST(ended.err == "seqwire: recording; Ctrl-C ends it\n");
    return nlohmann::json::parse(ended.out);
  }
  std::vector<captured_packet> packets_of(const std::string& name) const {
    auto opened = capture_reader::open(folder.path(name));
    BOOST_REQUIRE(opened.has_value());
    std::vector<captured_packet> all;
    for (auto next = opened->next(); next && *next != nullptr; next = opened->next()) all.push_back(**next);
    return all;
  }
  // Frames that a running recording of `on` is to see, from the other host.
  void send_datagrams(std::size_t count, std::size_t octets_each) const {
    const std::string line = "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\nfor i in range(" +
                             std::to_string(count) + "): s.sendto(bytes(" + std::to_string(octets_each) +
                             "), ('10.87.0.2', 7000))\n";
    BOOST_REQUIRE(running_command({"python3", "-c", line}, inside(lab_host::a)).finish().exit_code == 0);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(record_test, recorded_network)

BOOST_AUTO_TEST_CASE(record__both_sides_of_a_bridge_in_the_order_of_time) {
  write_files({200'000, 0, 70'001});
  running_command recording(record({"-i", lab_port_a, "-i", lab_port_b, "-w", "both.pcapng", "--json"}),
                            inside(lab_host::bridge));
  const auto told = record_transfer(recording);
  const auto seen = packets_of("both.pcapng");
  BOOST_TEST(told["interfaces"][0]["frames"].get<std::size_t>() + told["interfaces"][1]["frames"].get<std::size_t>() ==
             seen.size());
  BOOST_TEST(told["interfaces"][0]["dropped"].get<int>() == 0);
  BOOST_TEST(told["files"] == nlohmann::json({"both.pcapng"}));
  // Each end's emissions, as they come in at its port.
  for (const auto& [own, port] : {std::pair{"a.pcapng", 0u}, std::pair{"b.pcapng", 1u}}) {
    std::vector<octets> emitted, arrived;
    for (const captured_packet& each : packets_of(own))
      if (each.direction == capture_direction::out) emitted.push_back(each.frame);
    for (const captured_packet& each : seen)
      if (each.interface == port) {
        BOOST_TEST((each.direction == capture_direction::in));
        arrived.push_back(each.frame);
      }
    BOOST_TEST(emitted.size() > 0u);
    BOOST_TEST((emitted == arrived), own);
  }
  BOOST_TEST(std::is_sorted(seen.begin(), seen.end(), [](const auto& a, const auto& b) { return a.at < b.at; }));
}

BOOST_AUTO_TEST_CASE(record__filter_count_and_snap) {
  running_command recording(
      record({"-i", "xns0", "-w", "some.pcapng", "-f", "udp port 7000", "-c", "5", "-s", "100", "--json"}),
      inside(lab_host::b));
  BOOST_REQUIRE(recording.wait_for("recording"));
  running_command between(bridge({}), inside(lab_host::bridge));
  BOOST_REQUIRE(between.wait_for("the bridge is up"));
  send_datagrams(9, 500);
  const ended_command ended = recording.finish();  // by itself
  BOOST_TEST(ended.exit_code == 0, ended.err);
  BOOST_TEST(nlohmann::json::parse(ended.out)["interfaces"][0]["frames"].get<int>() == 5);
  const auto seen = packets_of("some.pcapng");
  BOOST_TEST(seen.size() == 5u);
  for (const captured_packet& each : seen) {
    BOOST_TEST(each.frame.size() == 100u);
    BOOST_TEST(each.original_length == 14u + 20 + 8 + 500);
  }
}

BOOST_AUTO_TEST_CASE(record__rotated_files_are_whole_and_the_oldest_go) {
  running_command recording(record({"-i", "xns0", "-w", "part.pcapng", "-f", "udp port 7000", "-c", "40", "--rotate",
                                    "4kB,1h", "--keep", "2"}),
                            inside(lab_host::b));
  BOOST_REQUIRE(recording.wait_for("recording"));
  running_command between(bridge({}), inside(lab_host::bridge));
  BOOST_REQUIRE(between.wait_for("the bridge is up"));
  send_datagrams(40, 500);  // each block 42 + 500 + 32 octets and more: 7 fill a file, 5 files fill, the sixth does not
  const ended_command ended = recording.finish();
  BOOST_TEST(ended.exit_code == 0, ended.err);
  BOOST_TEST(ended.out.find("40 frames recorded") != std::string::npos, ended.out);
  BOOST_TEST(ended.out.find("  written: part-00005.pcapng\n  written: part-00006.pcapng\n") != std::string::npos,
             ended.out);
  BOOST_TEST(!fs::exists(folder.path("part-00004.pcapng")));
  BOOST_TEST(packets_of("part-00005.pcapng").size() == 7u);
  BOOST_TEST(packets_of("part-00006.pcapng").size() == 5u);
}

BOOST_AUTO_TEST_CASE(record__to_standard_output_and_a_limit_of_time) {
  const ended_command ended =
      running_command(record({"-i", "xns0", "-w", "-", "--duration", "1ms"}), inside(lab_host::b)).finish();
  BOOST_TEST(ended.exit_code == 0, ended.err);
  write_whole(folder.path("empty.pcapng"), ended.out);
  BOOST_TEST(packets_of("empty.pcapng").empty());
  BOOST_TEST(ended.err.find("0 frames recorded") != std::string::npos, ended.err);
}

BOOST_AUTO_TEST_CASE(record__an_interface_that_goes_away_ends_it_and_the_file_stays) {
  running_command recording(record({"-i", lab_port_a, "-w", "until.pcapng"}), inside(lab_host::bridge));
  BOOST_REQUIRE(recording.wait_for("recording"));
  network.inside(lab_host::bridge, [] { return (delete_interface(lab_port_a), 0); });
  const ended_command ended = recording.finish();
  BOOST_TEST(ended.exit_code == 1);
  BOOST_TEST(ended.err.find("seqwire: error: interface " + std::string(lab_port_a) + " is gone") != std::string::npos,
             ended.err);
  BOOST_TEST(packets_of("until.pcapng").empty());
}

BOOST_AUTO_TEST_CASE(record__a_full_disk_ends_it_with_one_line) {
  running_command recording(record({"-i", "xns0", "-w", "/dev/full"}), inside(lab_host::b));
  const ended_command ended = recording.finish();
  BOOST_TEST(ended.exit_code == 1);
  BOOST_TEST(ended.err.find("/dev/full: No space left on device") != std::string::npos, ended.err);
}

BOOST_AUTO_TEST_CASE(record__bad_usage_is_one_line) {
  const auto refused = [&](std::vector<std::string> more, std::string_view containing, int code = 2) {
    more.insert(more.begin(), {"-w", "never.pcapng"});
    expect_complaint(running_command(record(more), inside(lab_host::b)).finish(), code, containing);
    BOOST_TEST(!fs::exists(folder.path("never.pcapng")));
  };
  refused({"-i", "xns0", "-i", "xns0"}, "--interface: expected each interface once; got xns0 twice");
  refused({"-i", "xns0", "-f", "ether proto"}, "--filter: expected a filter as tcpdump takes it (");
  refused({"-i", "xns0", "--rotate", "5"}, "--rotate: expected a size of at least 1kB");
  refused({"-i", "xns0", "--rotate", "1h,2h"}, "--rotate: expected a size of at least 1kB");
  refused({"-i", "xns0", "--keep", "2"}, "--keep: expected --rotate beside it");
  refused({"-i", "xns0", "--duration", "0"}, "--duration: expected more than 0 and at most 8760h; got 0");
  refused({"-i", "xns0", "--buffer", "2GiB"}, "--buffer: expected 1MB to 1GB; got 2GiB");
  refused({"-i", "nobody0"}, "nobody0", 1);
  refused({"-i", "lo"}, "lo is the loopback; expected Ethernet", 1);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace seqwire
