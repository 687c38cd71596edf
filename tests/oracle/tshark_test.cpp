// Stock tshark as the oracle: thousands of packets, sound and malformed, and every idp.* and spp.* field that it prints
// must be what our layouts read at the same place. Where tshark and our parser judge a frame differently, the reason is
// written here. tshark is an independent witness of the header layouts, not of checksums, which it never verifies.
#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "protocol/base/random.hpp"
#include "protocol/wire/print.hpp"
#include "protocol/wire/spp.hpp"

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(tshark_test)

constexpr std::size_t ethernet_octets = 14;
constexpr std::size_t packet_count_of_run = 6'000;
constexpr std::uint64_t seed = 1981;
constexpr socket_number smb_socket{3004};

// ---- the fields, in the order in which tshark prints them; our name is the member's

struct oracle_field {
  const char* name;
  const layout_description* layout;
  const char* ours;
};

constexpr const char* whole_first_octet = "";  // spp.ctl has no field of ours: it is the first octet as a number

const std::array<oracle_field, 21> fields{{
    {"idp.checksum", &idp_layout::description, "checksum"},
    {"idp.len", &idp_layout::description, "length"},
    {"idp.hops", &idp_layout::description, "transport_control"},
    {"idp.packet_type", &idp_layout::description, "packet_type"},
    {"idp.dst.net", &idp_layout::description, "destination_network"},
    {"idp.dst.node", &idp_layout::description, "destination_host"},
    {"idp.dst.socket", &idp_layout::description, "destination_socket"},
    {"idp.src.net", &idp_layout::description, "source_network"},
    {"idp.src.node", &idp_layout::description, "source_host"},
    {"idp.src.socket", &idp_layout::description, "source_socket"},
    {"spp.ctl", &spp_layout::description, whole_first_octet},
    {"spp.ctl.sys", &spp_layout::description, "system"},
    {"spp.ctl.send_ack", &spp_layout::description, "send_acknowledgement"},
    {"spp.ctl.attn", &spp_layout::description, "attention"},
    {"spp.ctl.eom", &spp_layout::description, "end_of_message"},
    {"spp.type", &spp_layout::description, "datastream_type"},
    {"spp.src", &spp_layout::description, "source_connection"},
    {"spp.dst", &spp_layout::description, "destination_connection"},
    {"spp.seq", &spp_layout::description, "sequence"},
    {"spp.ack", &spp_layout::description, "acknowledge"},
    {"spp.alloc", &spp_layout::description, "allocation"},
}};

bool is_idp(const oracle_field& field) { return field.layout == &idp_layout::description; }

// First octet of the field within the IDP packet, and the octet after its last.
std::pair<std::size_t, std::size_t> extent_of(const oracle_field& field) {
  const std::size_t start = is_idp(field) ? 0 : idp_layout::octets;
  if (field.ours == whole_first_octet) return {start, start + 1};
  const field_description* ours = field.layout->find(std::string_view(field.ours));
  BOOST_REQUIRE(ours != nullptr);
  return {start + ours->bit_offset / 8, start + (ours->bit_offset + ours->bits + 7) / 8};
}

std::uint64_t our_value(const oracle_field& field, octets_view idp) {
  const octet* header = idp.data() + (is_idp(field) ? 0 : idp_layout::octets);
  if (field.ours == whole_first_octet) return *header;
  return field.layout->find(std::string_view(field.ours))->read(header);
}

// "0x07c5", "47", "10:00:bb:10:11:01", "True"
std::uint64_t number_of(std::string text) {
  if (text == "True" || text == "False") return text == "True" ? 1 : 0;
  const bool node = text.find(':') != std::string::npos;
  std::erase(text, ':');
  return std::stoull(text, nullptr, node || text.starts_with("0x") ? 16 : 10);
}

// ---- the packets

/// Draws, one after the other; which packet a draw belongs to never depends on another packet.
class dice {
 public:
  explicit dice(std::uint64_t packet) : random_(random_stream(seed).fork(packet)) {}
  std::uint64_t below(std::uint64_t bound) { return random_.below(bound, next_++); }
  octets some_octets(std::size_t size) {
    octets result(size);
    for (octet& each : result) each = static_cast<octet>(below(256));
    return result;
  }

 private:
  random_stream random_;
  std::uint64_t next_ = 0;
};

enum class kind { sequenced, any_spp_header, other_type, padded, cut, lying_length, wrong_checksum, count };

idp_header random_idp_header(dice& dice) {
  idp_header header = idp_layout::decode(dice.some_octets(idp_layout::octets).data());
  // tshark hands the data of this socket to another dissector: socket_3004__is_taken_for_smb.
  if (header.source_socket == smb_socket) header.source_socket = socket_number{3005};
  if (header.destination_socket == smb_socket) header.destination_socket = socket_number{3005};
  return header;
}

// An SPP body as our endpoints send it: one of the five kinds of packets.
octets sequenced_body(dice& dice) {
  spp_header header = spp_layout::decode(dice.some_octets(spp_layout::octets).data());
  header.reserved = 0;
  header.system = header.attention = false;
  header.source_connection |= 1;
  header.datastream_type &= 0x7f;
  std::size_t data = dice.below(600);
  switch (dice.below(5)) {
    case 0:
      header.system = true;
      data = 0;
      break;
    case 1:
      header.attention = true;
      data = 1;
      break;
    case 2:
      header.datastream_type = close_request_type;
      data = 0;
      break;
    case 3:
      header.datastream_type = close_reply_type;
      data = 0;
      break;
    default: break;
  }
  octets body(spp_layout::octets);
  spp_layout::encode(header, body.data());
  const octets tail = dice.some_octets(data);
  body.insert(body.end(), tail.begin(), tail.end());
  return body;
}

octets sound_packet(dice& dice, kind what) {
  idp_header header = random_idp_header(dice);
  const bool other = what == kind::other_type || (what >= kind::padded && dice.below(4) == 0);
  octets body;
  if (!other) {
    header.packet_type = packet_type::sequenced_packet;
    body = what == kind::any_spp_header ? dice.some_octets(spp_layout::octets + dice.below(50)) : sequenced_body(dice);
  } else {
    if (header.packet_type == packet_type::sequenced_packet) header.packet_type = packet_type::echo;
    body = dice.some_octets(dice.below(60));
  }
  if (what == kind::padded) body.resize(std::min<std::size_t>(body.size(), 12 + dice.below(4)));
  octets packet;
  append_idp(packet, header, body);
  return packet;
}

octets make_packet(std::uint64_t number) {
  dice dice(number);
  const kind what = static_cast<kind>(number % static_cast<std::uint64_t>(kind::count));
  octets packet = sound_packet(dice, what);
  switch (what) {
    case kind::padded: packet.resize(std::max<std::size_t>(packet.size(), 60 - ethernet_octets), 0); break;
    case kind::cut: packet.resize(std::min<std::size_t>(packet.size(), dice.below(spp_overhead + 4))); break;
    case kind::lying_length:
      store_u16(&packet[2], static_cast<std::uint16_t>(dice.below(dice.below(2) == 0 ? 48 : 65'536)));
      break;
    case kind::wrong_checksum: packet[dice.below(2)] ^= static_cast<octet>(1 + dice.below(255)); break;
    default: break;
  }
  return packet;
}

octets in_ethernet(octets_view idp) {
  constexpr std::array<octet, ethernet_octets> header{0x02, 0, 0, 0, 0, 0x0b, 0x02, 0, 0, 0, 0, 0x0a, 0x06, 0x00};
  octets frame(header.size() + idp.size());
  std::copy(header.begin(), header.end(), frame.begin());
  std::copy(idp.begin(), idp.end(), frame.begin() + ethernet_octets);
  return frame;
}

// ---- tshark

struct printed_packet {
  std::map<std::string, std::string> values;  // the fields that tshark printed
  bool malformed = false;
  std::string protocols;
};

// Written with libpcap, so that this test does not lean on our own writer.
void write_capture(const std::string& path, const std::vector<octets>& packets) {
  pcap_t* handle = pcap_open_dead(DLT_EN10MB, 65'535);
  BOOST_REQUIRE(handle != nullptr);
  pcap_dumper_t* file = pcap_dump_open(handle, path.c_str());
  BOOST_REQUIRE_MESSAGE(file != nullptr, pcap_geterr(handle));
  for (std::size_t i = 0; i < packets.size(); ++i) {
    const octets frame = in_ethernet(packets[i]);
    pcap_pkthdr header{};
    header.ts.tv_sec = static_cast<time_t>(i);
    header.caplen = header.len = static_cast<bpf_u_int32>(frame.size());
    pcap_dump(reinterpret_cast<u_char*>(file), &header, frame.data());
  }
  pcap_dump_close(file);
  pcap_close(handle);
}

// The folder of this test's files; tshark finds its personal settings there, which is to say none.
std::filesystem::path folder() {
  const auto path = std::filesystem::path(SEQWIRE_BINARY_DIR) / "oracle";
  std::filesystem::create_directories(path / "home");
  return path;
}

std::vector<std::string> output_of_tshark(const std::string& arguments) {
  const std::string command = "cd '" + folder().string() +
                              "' && HOME=\"$PWD/home\" XDG_CONFIG_HOME=\"$PWD/home\" LC_ALL=C tshark " + arguments +
                              " 2>tshark.stderr";
  std::FILE* pipe = popen(command.c_str(), "r");
  BOOST_REQUIRE(pipe != nullptr);
  std::string text;
  std::array<char, 65'536> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) text.append(buffer.data(), count);
  BOOST_REQUIRE_MESSAGE(pclose(pipe) == 0, "tshark failed; see " << folder() / "tshark.stderr");
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<printed_packet> dissect(const std::string& name, const std::vector<octets>& packets) {
  write_capture((folder() / name).string(), packets);
  std::string arguments =
      "-n -r '" + name + "' -T fields -E 'separator=|' -E occurrence=f -e _ws.malformed -e frame.protocols";
  for (const oracle_field& field : fields) arguments += std::string(" -e ") + field.name;
  std::vector<printed_packet> result;
  for (const std::string& line : output_of_tshark(arguments)) {
    printed_packet printed;
    std::istringstream columns(line + '|');
    std::string value;
    printed.malformed = std::getline(columns, value, '|') && !value.empty();
    std::getline(columns, printed.protocols, '|');
    for (const oracle_field& field : fields)
      if (std::getline(columns, value, '|') && !value.empty()) printed.values[field.name] = value;
    result.push_back(std::move(printed));
  }
  BOOST_REQUIRE_EQUAL(result.size(), packets.size());
  return result;
}

struct oracle_run {
  std::vector<octets> packets;
  std::vector<printed_packet> printed;
};

// One run of tshark for all the tests here.
const oracle_run& the_run() {
  static const oracle_run run = [] {
    oracle_run result;
    for (std::uint64_t number = 0; number < packet_count_of_run; ++number)
      result.packets.push_back(make_packet(number));
    result.printed = dissect("packets.pcap", result.packets);
    return result;
  }();
  return run;
}

// ---- what tshark shows of a frame, whether our parser accepts it or not

// tshark reads the length field, cuts its view of the packet to it when it is smaller than the frame, and then shows
// field after field until the view ends. It never refuses a packet as a whole.
std::size_t visible_octets(octets_view idp) {
  if (idp.size() < 4) return idp.size();
  return std::min<std::size_t>(idp.size(), load_u16(idp.data() + 2));
}

bool is_shown(const oracle_field& field, octets_view idp) {
  const auto [begin, end] = extent_of(field);
  if (end <= 4) return end <= idp.size();  // checksum and length come before the cut
  if (!is_idp(field) && idp[5] != static_cast<octet>(packet_type::sequenced_packet)) return false;
  return end <= visible_octets(idp);
}

BOOST_AUTO_TEST_CASE(fields__are_all_that_tshark_knows) {
  std::set<std::string> ours;
  for (const oracle_field& field : fields) ours.insert(field.name);
  std::set<std::string> theirs;
  for (const std::string& line : output_of_tshark("-G fields")) {
    std::istringstream columns(line);
    std::string type, title, name;
    std::getline(columns, type, '\t');
    std::getline(columns, title, '\t');
    std::getline(columns, name, '\t');
    if (type == "F" && (name.starts_with("idp.") || name.starts_with("spp."))) theirs.insert(name);
  }
  BOOST_TEST(theirs == ours, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(fields__of_every_layout_row_are_compared) {
  std::set<std::string_view> compared;
  for (const oracle_field& field : fields) compared.insert(field.ours);
  for (const layout_description* layout : {&idp_layout::description, &spp_layout::description})
    for (const field_description& field : layout->fields)
      // The reserved bits have no field in tshark; they are in spp.ctl.
      BOOST_TEST((compared.contains(field.name) || field.meaning == role::reserved), field.name);
}

BOOST_AUTO_TEST_CASE(fields__equal_what_our_layouts_read) {
  const oracle_run& run = the_run();
  std::size_t compared = 0;
  for (std::size_t i = 0; i < run.packets.size(); ++i) {
    const octets& idp = run.packets[i];
    for (const oracle_field& field : fields) {
      const auto printed = run.printed[i].values.find(field.name);
      const bool shown = printed != run.printed[i].values.end();
      const auto story = [&] {
        return std::string("frame ") + std::to_string(i + 1) + " of packets.pcap, " + field.name + ", " +
               std::to_string(idp.size()) + " octets, length field " +
               std::to_string(idp.size() < 4 ? 0 : load_u16(&idp[2])) + ": " + print_packet(idp);
      };
      BOOST_REQUIRE_MESSAGE(shown == is_shown(field, idp), (shown ? "shown: " : "not shown: ") + story());
      if (!shown) continue;
      ++compared;
      BOOST_REQUIRE_MESSAGE(number_of(printed->second) == our_value(field, idp), printed->second + ": " + story());
    }
  }
  BOOST_TEST(compared > 70'000u);
}

BOOST_AUTO_TEST_CASE(verdicts__agree_or_differ_for_a_known_reason) {
  const oracle_run& run = the_run();
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < run.packets.size(); ++i) {
    const auto& values = run.printed[i].values;
    std::size_t idp_fields = 0;
    for (const oracle_field& field : fields) idp_fields += is_idp(field) && values.contains(field.name) ? 1u : 0u;
    const bool tshark_has_idp = idp_fields == 10;
    const bool tshark_has_spp = values.size() == fields.size();
    const std::string frame = "frame " + std::to_string(i + 1);

    const auto idp = parse_idp(run.packets[i]);
    if (!idp) {
      ++seen[std::string(name_of(idp.error()))];
      switch (idp.error()) {
        case drop_reason::frame_too_short:
        case drop_reason::length_too_small: BOOST_TEST(!tshark_has_idp, frame); break;
        // tshark shows what there is and looks neither at the end of the packet nor at the checksum.
        case drop_reason::frame_shorter_than_length:
        case drop_reason::bad_checksum: BOOST_TEST(tshark_has_idp, frame); break;
        default: BOOST_ERROR(frame + ": no reason of IDP's");
      }
      continue;
    }
    BOOST_TEST(tshark_has_idp, frame);
    if (idp->header.packet_type != packet_type::sequenced_packet) {
      ++seen["IDP accepted"];
      BOOST_TEST(!run.printed[i].malformed, frame);
      continue;
    }
    const auto spp = parse_spp(idp->data);
    ++seen[spp ? "SPP accepted" : std::string(name_of(spp.error()))];
    // The rules of SPP beyond the header's length are none of tshark's business: it shows those packets in full.
    const bool header_there = spp || spp.error() != drop_reason::spp_header_too_short;
    BOOST_TEST(tshark_has_spp == header_there, frame);
    if (header_there) BOOST_TEST(!run.printed[i].malformed, frame);
  }
  for (const char* verdict :
       {"SPP accepted", "IDP accepted", "frame too short", "length too small", "frame shorter than length",
        "bad checksum", "system packet with data", "attention not one octet"})
    BOOST_TEST(seen[verdict] >= 100u, verdict << ": only " << seen[verdict]);
}

// Why 3004 is never used: tshark's one entry in the table of SPP sockets hands its data to the SMB dissector, so that a
// record there would be shown as something that it is not.
BOOST_AUTO_TEST_CASE(socket_3004__is_taken_for_smb) {
  dice dice(0);
  idp_header header = random_idp_header(dice);
  header.packet_type = packet_type::sequenced_packet;
  octets body(spp_layout::octets);
  spp_header spp{};
  spp.end_of_message = true;
  spp.source_connection = 1;
  spp_layout::encode(spp, body.data());
  const octets smb = {0xff, 'S', 'M', 'B'};
  body.insert(body.end(), smb.begin(), smb.end());
  body.resize(body.size() + 40);
  std::vector<octets> packets(2);
  append_idp(packets[0], header, body);
  header.source_socket = smb_socket;
  append_idp(packets[1], header, body);
  const auto printed = dissect("socket_3004.pcap", packets);
  BOOST_TEST(printed[0].protocols.ends_with(":idp:spp:data"), printed[0].protocols);
  BOOST_TEST(printed[1].protocols.find(":idp:spp:smb") != std::string::npos, printed[1].protocols);
}

BOOST_AUTO_TEST_SUITE_END()
