// The plugin in C: what it tells is what the Lua analysis tells, its tables count what is in the capture, Follow gives
// the octets in order, and no frame makes it fall. tshark runs as somebody who is not root, for whom alone it loads a
// user's plugins.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <regex>

#include "protocol/base/random.hpp"
#include "protocol/wire/ethernet.hpp"
#include "protocol/wire/spp.hpp"
#include "tests/dissector/wireshark/tshark.hpp"

using namespace seqwire;
namespace fs = std::filesystem;

namespace {

// Everything is in a folder that everybody may read.
class home_with_plugin {
 public:
  home_with_plugin() {
    std::string pattern = (fs::temp_directory_path() / "seqwire-plugin-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    home_ = pattern;
    const fs::path built = std::string(SEQWIRE_BINARY_DIR) + "/lib/seqwire/wireshark";
    if (!fs::exists(built)) {
      fs::remove_all(home_);
      std::fputs("skipped: no libwireshark-dev, and so no plugin\n", stderr);
      ::_exit(77);
    }
    for (const auto& version : fs::directory_iterator(built)) {
      const fs::path folder = home_ / ".local/lib/wireshark/plugins" / version.path().filename() / "epan";
      fs::create_directories(folder);
      fs::copy(version.path() / "xns.so", folder);
    }
    fs::copy(tshark::committed, home_ / "seqwire.lua");
    for (const auto& each : fs::recursive_directory_iterator(home_))
      BOOST_REQUIRE(::chmod(each.path().c_str(), 0755) == 0);
    BOOST_REQUIRE(::chmod(home_.c_str(), 0755) == 0);
  }
  ~home_with_plugin() { fs::remove_all(home_); }
  home_with_plugin(const home_with_plugin&) = delete;
  home_with_plugin& operator=(const home_with_plugin&) = delete;

  std::string capture() const { return (home_ / "capture.pcapng").string(); }
  std::string tshark(const std::string& arguments, bool with_lua = false) const {
    BOOST_REQUIRE(::chmod(capture().c_str(), 0644) == 0);
    const std::string as_somebody = ::geteuid() == 0 ? "setpriv --reuid 65534 --regid 65534 --clear-groups " : "";
    const std::string script = with_lua ? fmt::format(" -X lua_script:{}/seqwire.lua", home_.string()) : "";
    return tshark::output_of(fmt::format("cd {0} && HOME={0} XDG_CONFIG_HOME={0} {1}tshark -n -r {2}{3} {4} 2>&1",
                                         home_.string(), as_somebody, capture(), script, arguments));
  }

 private:
  fs::path home_;
};

spp_header between(std::uint16_t source, std::uint16_t destination) {
  spp_header header{};
  header.source_connection = source;
  header.destination_connection = destination;
  header.allocation = 9;
  return header;
}

octets packet_of(const spp_header& header, octets_view data, unsigned from = 0xa, unsigned to = 0xb) {
  octets body(spp_layout::octets);
  spp_layout::encode(header, body.data());
  body.insert(body.end(), data.begin(), data.end());
  idp_header front{};
  front.packet_type = packet_type::sequenced_packet;
  front.source_host = host_number{0x020000000000u + from};
  front.destination_host = host_number{0x020000000000u + to};
  front.source_network = front.destination_network = network_number{1};
  front.source_socket = front.destination_socket = socket_number{3000};
  octets packet;
  append_idp(packet, front, body);
  return packet;
}

octets_view text_of(std::string_view text) { return {reinterpret_cast<const octet*>(text.data()), text.size()}; }

// Two interfaces, "a" and "b".
class capture_of {
 public:
  explicit capture_of(const std::string& path) : writer_(path, {}) {
    writer_.add_interface({.name = "a", .description = {}});
    writer_.add_interface({.name = "b", .description = {}});
  }
  void add(octets_view packet, std::uint32_t interface = 0) {
    writer_.write({.interface = interface, .at = at_ += 10_ms},
                  encode(ethernet_header{host_number{0x02000000000b}, host_number{0x02000000000a}, xns_ethertype}),
                  packet);
  }
  void close() {
    writer_.close();
    BOOST_REQUIRE(!writer_.error());
  }

 private:
  capture_writer writer_;
  instant at_{};
};

// A packet of few connections, so that ids meet, contradict each other and come again after a close. Close replies have
// numbers of their own: Lua takes one whose number was seen for a packet that was sent again.
octets random_packet(const random_stream& random, std::uint64_t n) {
  const auto drawn = [&](std::uint32_t lane, std::uint64_t below) { return random.bits(n, lane) % below; };
  spp_header header = between(static_cast<std::uint16_t>(drawn(0, 3)), static_cast<std::uint16_t>(drawn(1, 3)));
  header.system = drawn(2, 3) == 0;
  header.attention = drawn(3, 20) == 0;
  header.sequence = static_cast<std::uint16_t>(drawn(4, 12));
  header.acknowledge = static_cast<std::uint16_t>(drawn(5, 12));
  if (drawn(6, 4) == 0) header.datastream_type = drawn(7, 2) == 0 ? close_request_type : close_reply_type;
  if (header.datastream_type == close_reply_type) header.sequence = 20;
  const bool bare = header.system || header.datastream_type != 0;
  const octets data(bare && drawn(8, 8) != 0 ? 0 : header.attention ? 1 : drawn(9, 5), 0x41);
  const unsigned from = static_cast<unsigned>(drawn(10, 2));
  octets packet = packet_of(header, data, 0xa + from, 0xb - from);
  if (drawn(11, 10) == 0) packet[drawn(12, packet.size())] ^= 0x10;       // a wrong checksum, mostly
  if (drawn(13, 10) == 0) packet[0] = packet[1] = 0xff;                   // none
  if (drawn(14, 20) == 0) packet[3] = static_cast<octet>(drawn(15, 60));  // a wrong length
  return packet;
}

void write_random(const std::string& path, std::uint64_t packets) {
  capture_of capture(path);
  const random_stream random(20261123);
  for (std::uint64_t n = 0; n < packets; ++n)
    capture.add(random_packet(random, n), static_cast<std::uint32_t>(random.bits(n, 16) % 2));
  capture.close();
}

// The number that stands in a row of a tree of statistics behind its name.
unsigned long count_in(const std::string& table, const std::string& name) {
  std::smatch found;
  const std::regex row("\n *" + name + " +([0-9]+)");
  BOOST_REQUIRE_MESSAGE(std::regex_search(table, found, row), name << " is not in\n" << table);
  return std::stoul(found[1]);
}

std::string followed(const home_with_plugin& home, const std::string& how) {
  const std::string said = home.tshark("-q -z follow,spp," + how);
  const std::size_t begin = said.find("Node 1:");
  BOOST_REQUIRE_MESSAGE(begin != std::string::npos, said);
  return said.substr(said.find('\n', begin) + 1);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(plugin_test)

BOOST_AUTO_TEST_CASE(streams_numbers_and_checksums__are_those_of_the_lua_analysis) {
  const home_with_plugin home;
  write_random(home.capture(), 20000);
  const std::string rows = home.tshark(
      "-o seqwire.checksum:TRUE -T fields -e xns.stream -e seqwire.spp.stream -e xns.checksum.status -e "
      "seqwire.checksum_status -e spp.ctl.sys -e xns.number -e seqwire.spp.number -E occurrence=f",
      true);
  std::map<std::string, int> seen;
  for (const std::string& line : tshark::split(rows, '\n')) {
    const auto row = tshark::split(line, '\t');
    if (row.size() != 7) continue;
    BOOST_TEST(row[0] == row[1], line);
    BOOST_TEST(row[2] == row[3], line);
    if (row[4] == "0" && !row[6].empty()) BOOST_TEST(row[5] == row[6], line);
    ++seen["streams up to " + std::string(row[0].size() > 2 ? "many" : "few")];
    ++seen["checksum " + row[2]];
    ++seen["all"];
  }
  BOOST_TEST(seen["all"] == 20000, rows.substr(0, 400));
  BOOST_TEST(seen["streams up to many"] > 1000);
  for (const char* status : {"checksum 0", "checksum 1", "checksum 3"}) BOOST_TEST(seen[status] > 500, status);
}

BOOST_AUTO_TEST_CASE(conversations_and_endpoints__count_the_frames) {
  const home_with_plugin home;
  capture_of capture(home.capture());
  spp_header opening = between(1, 0);
  opening.system = true;
  capture.add(packet_of(opening, {}));
  for (int i = 0; i < 3; ++i) capture.add(packet_of(between(2, 1), text_of("x"), 0xb, 0xa));
  for (int i = 0; i < 5; ++i) capture.add(packet_of(between(1, 2), text_of("x")));
  for (int i = 0; i < 2; ++i) capture.add(packet_of(between(7, 8), text_of("x")));            // another connection
  for (int i = 0; i < 4; ++i) capture.add(packet_of(between(1, 2), text_of("x"), 0xc, 0xd));  // other hosts
  capture.close();
  const auto rows = [&](const std::string& table) {
    std::vector<std::string> found;
    for (const std::string& line : tshark::split(home.tshark("-q -z " + table), '\n'))
      if (line.starts_with("1.0200")) found.push_back(std::regex_replace(line, std::regex(" +"), " "));
    std::sort(found.begin(), found.end());
    return found;
  };
  const auto has = [](const std::vector<std::string>& all, const std::string& begin) {
    return std::any_of(all.begin(), all.end(), [&](const std::string& each) { return each.starts_with(begin); });
  };
  const auto hosts = rows("conv,idp");
  BOOST_TEST(hosts.size() == 2u);
  BOOST_TEST(has(hosts, "1.02000000000a <-> 1.02000000000b 3 "));  // 3 to a, 8 to b
  BOOST_TEST(has(hosts, "1.02000000000c <-> 1.02000000000d 0 "));
  const auto connections = rows("conv,spp");
  BOOST_TEST(connections.size() == 3u);
  BOOST_TEST(has(connections, "1.02000000000a <-> 1.02000000000b 3 "));
  BOOST_TEST(has(connections, "1.02000000000a <-> 1.02000000000b 0 "));
  const auto ends = rows("endpoints,idp");
  BOOST_TEST(ends.size() == 4u);
  BOOST_TEST(has(ends, "1.02000000000a 11 "));
  BOOST_TEST(has(ends, "1.02000000000d 4 "));
  BOOST_TEST(rows("endpoints,spp").size() == 4u);
}

BOOST_AUTO_TEST_CASE(conversation_filters__select_what_they_say) {
  const home_with_plugin home;
  capture_of capture(home.capture());
  capture.add(packet_of(between(1, 2), text_of("x")));
  capture.add(packet_of(between(2, 1), text_of("x"), 0xb, 0xa));
  capture.add(packet_of(between(2, 1), text_of("x"), 0xc, 0xa));
  capture.close();
  // As Wireshark writes them for a row of the tables.
  const auto frames = [&](const std::string& filter) {
    return home.tshark("-Y '" + filter + "' -T fields -e frame.number");
  };
  BOOST_TEST(frames("xns.src==1.02000000000a && idp.src.socket==3000 && xns.dst==1.02000000000b") == "1\n");
  BOOST_TEST(frames("xns.addr==1.02000000000a && xns.addr==1.02000000000b") == "1\n2\n");
  BOOST_TEST(frames("xns.stream==1") == "3\n");
}

BOOST_AUTO_TEST_CASE(follow__gives_each_side_in_order_and_once) {
  const home_with_plugin home;
  capture_of capture(home.capture());
  spp_header opening = between(1, 0);
  opening.system = true;
  capture.add(packet_of(opening, {}));
  spp_header answered = between(2, 1);
  answered.system = true;
  capture.add(packet_of(answered, {}, 0xb, 0xa));
  const auto data = [&](std::uint16_t number, std::string_view text, std::uint32_t interface = 0) {
    spp_header header = between(1, 2);
    header.sequence = number;
    capture.add(packet_of(header, text_of(text)), interface);
  };
  const auto answer = [&](std::uint16_t number, std::uint16_t acknowledged, std::string_view text) {
    spp_header header = between(2, 1);
    header.sequence = number;
    header.acknowledge = acknowledged;
    capture.add(packet_of(header, text_of(text), 0xb, 0xa));
  };
  data(0, "one ");
  data(0, "one ", 1);  // at the other interface
  data(2, "three ");   // before the second
  data(1, "two ");
  data(1, "two ");
  answer(0, 3, "yes");
  data(5, "six ");     // 3 and 4 are not in the capture,
  answer(1, 6, "no");  // but have arrived
  spp_header attention = between(1, 2);
  attention.sequence = 6;
  attention.attention = true;
  capture.add(packet_of(attention, text_of("!")));  // out of band
  data(7, "end");
  capture.close();
  const std::string ascii = followed(home, "ascii,0");
  const std::regex lengths("\t?[0-9]+\n");
  std::string octets = std::regex_replace(ascii.substr(0, ascii.find("=====")), lengths, "");
  std::erase(octets, '\n');
  BOOST_TEST(octets == "one two three yes[2 packets missing in capture file]six noend", ascii);
  // An interface alone, too.
  BOOST_TEST(home.tshark("-Y frame.interface_id==1 -q -z follow,spp,ascii,0").find("1.02000000000a:3000") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(statistics__count_kinds_types_and_sizes) {
  const home_with_plugin home;
  capture_of capture(home.capture());
  spp_header header = between(1, 0);
  header.system = true;
  capture.add(packet_of(header, {}));
  header = between(1, 2);
  for (int i = 0; i < 4; ++i) capture.add(packet_of(header, text_of("xyz")));
  header.end_of_message = true;
  header.datastream_type = 7;
  for (int i = 0; i < 3; ++i) capture.add(packet_of(header, octets(600, 1)));
  header.datastream_type = close_request_type;
  capture.add(packet_of(header, {}));
  capture.close();
  const std::string table = home.tshark("-q -z spp,tree");
  BOOST_TEST(count_in(table, "SPP packets") == 9u);
  BOOST_TEST(count_in(table, "Opening") == 1u);
  BOOST_TEST(count_in(table, "Data, end of message") == 3u);
  BOOST_TEST(count_in(table, "Close request") == 1u);
  BOOST_TEST(count_in(table, "7") == 3u);
  BOOST_TEST(count_in(table, "2-63") == 4u);
  BOOST_TEST(count_in(table, "512-1023") == 3u);
}

BOOST_AUTO_TEST_CASE(carriers__without_lua_ipv4_and_ethernet) {
  const home_with_plugin home;
  capture_of capture(home.capture());
  capture.add(packet_of(between(1, 2), text_of("x")));
  capture.close();
  BOOST_TEST(home.tshark("-T fields -e xns.src -e xns.dst -e xns.checksum.status -e spp.seq") ==
             "1.02000000000a\t1.02000000000b\t1\t0\n");
  BOOST_TEST(home.tshark("-o xns.checksum:FALSE -T fields -e xns.checksum.status") == "2\n");
}

BOOST_AUTO_TEST_CASE(hostile_frames__end_no_table) {
  const home_with_plugin home;
  capture_of capture(home.capture());
  const octets whole = packet_of(between(1, 2), text_of("some data"));
  for (std::size_t length = 0; length < whole.size(); ++length) capture.add(octets_view(whole).first(length));
  const random_stream random(7);
  for (std::uint64_t n = 0; n < 20000; ++n) {
    octets packet = random_packet(random, n);
    for (std::uint32_t lane = 20; lane < 23; ++lane)
      packet[random.bits(n, lane) % packet.size()] = static_cast<octet>(random.bits(n, lane + 10));
    packet[0] = packet[1] = 0xff;
    capture.add(packet);
  }
  capture.close();
  const std::string said = home.tshark(
      "-q -2 -z conv,idp -z conv,spp -z endpoints,spp -z spp,tree -z follow,spp,hex,0 -z follow,spp,hex,3 && echo "
      "ended");
  BOOST_TEST(said.ends_with("ended\n"), said.substr(said.size() > 400 ? said.size() - 400 : 0));
  BOOST_TEST(said.find("ERROR") == std::string::npos);
  BOOST_TEST(said.find("Dissector bug") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
