// Each expert item of docs/wireshark.md happens on the packets of a story that fulfil its condition, and on no other
// packet: all stories are told in one capture, and tshark reads it once.
#include <algorithm>
#include <deque>
#include <fstream>
#include <map>
#include <optional>
#include <set>

#include "protocol/wire/error.hpp"
#include "protocol/wire/spp.hpp"
#include "tests/dissector/wireshark/tshark.hpp"

using namespace seqwire;

namespace {

using names = std::set<std::string>;

// Where a story is watched: directions are told only at the ends.
enum class watched { at_a, at_b, between };

struct told_packet {
  char from = 'a';
  spp_header header{};
  octets data{};
  packet_type type = packet_type::sequenced_packet;
  std::optional<std::uint64_t> packet_id{};
  std::optional<std::uint16_t> length{};  // instead of the right one
  bool bad_checksum = false;
  names items{};                                // exactly these
  std::map<std::string, std::string> fields{};  // at least these

  told_packet& is(names expected) { return items = std::move(expected), *this; }
  told_packet& tells(const std::string& field, const std::string& value) { return fields[field] = value, *this; }
  told_packet& acks(std::uint16_t number) { return header.acknowledge = number, *this; }
  told_packet& permits(std::uint16_t number) { return header.allocation = number, *this; }
  told_packet& asks() { return header.send_acknowledgement = true, *this; }
  told_packet& ends() { return header.end_of_message = true, *this; }
  told_packet& typed(std::uint8_t type_of_data) { return header.datastream_type = type_of_data, *this; }
  told_packet& holds(octets contents) { return data = std::move(contents), *this; }
  told_packet& named(std::uint64_t id) { return packet_id = id, *this; }
};

constexpr std::uint16_t id_of_a = 0x4321, id_of_b = 0x8765;

class story {
 public:
  story(std::string name, watched where) : name_(std::move(name)), where_(where) {}

  told_packet& system(char from) {
    told_packet& packet = packets_.emplace_back();
    packet.from = from;
    packet.header.system = true;
    packet.header.source_connection = from == 'a' ? id_of_a : id_of_b;
    packet.header.destination_connection = from == 'a' ? id_of_b : id_of_a;
    packet.header.allocation = 9;
    return packet;
  }
  told_packet& data(char from, std::uint16_t number) {
    told_packet& packet = system(from);
    packet.header.system = false;
    packet.header.sequence = number;
    packet.data = {1, 2};
    return packet;
  }
  told_packet& close(char from, std::uint16_t number, std::uint8_t type) {
    return data(from, number).typed(type).holds({}).is({type == close_request_type ? "close_request" : "close_reply"});
  }
  told_packet& opening() {
    told_packet& packet = system('a').asks();
    packet.header.destination_connection = 0;
    return packet;
  }
  // a opens to b; both permit numbers 0 to 9.
  story& open() {
    opening();
    system('b').asks();
    system('a');
    return *this;
  }
  // Both ends answer each other's close.
  story& close_both() {
    close('a', 0, close_request_type);
    close('b', 0, close_reply_type).acks(1);
    close('a', 1, close_reply_type).acks(1);
    return *this;
  }

  const std::string& name() const { return name_; }
  watched where() const { return where_; }
  const std::deque<told_packet>& packets() const { return packets_; }

 private:
  std::string name_;
  watched where_;
  std::deque<told_packet> packets_;  // what was handed out stays where it is
};

void tell_retransmissions(std::deque<story>& all) {
  story& certain = all.emplace_back("what this interface sends again", watched::at_a).open();
  certain.data('a', 0);
  certain.data('a', 1);
  certain.data('a', 0).is({"retransmission"}).tells("seqwire.spp.repeated_after", "0.020000000");
  certain.data('b', 0).acks(2);
  certain.data('a', 1).is({"retransmission", "spurious_retransmission"});

  story& ids = all.emplace_back("packet ids tell who made the copy", watched::between).open();
  ids.data('a', 0).named(1);
  ids.data('a', 0).named(1).is({"network_duplicate"});
  ids.data('a', 0).named(2).is({"retransmission"});
  ids.data('a', 0).named(2).is({"network_duplicate"});

  story& unknown = all.emplace_back("without ids only a changed header tells", watched::between).open();
  unknown.data('a', 0);
  unknown.data('a', 0).is({"repeated"});
  unknown.data('a', 0).asks().is({"retransmission"});
  unknown.system('b').acks(1);
  unknown.data('a', 0).asks().is({"repeated", "spurious_retransmission"});

  story& changed = all.emplace_back("the same number, another packet", watched::at_a).open();
  changed.data('a', 0);
  changed.data('a', 0).holds({1}).is({"retransmission", "changed"});
  changed.data('a', 0).ends().is({"retransmission", "changed"});
  changed.data('a', 0).typed(7).is({"retransmission", "changed"});

  story& middle = all.emplace_back("a capture that begins in the middle", watched::between);
  middle.data('a', 700).acks(3).permits(20);
  middle.data('a', 699).acks(3).permits(20).is({"repeated"});
  middle.data('a', 701).acks(3).permits(20).tells("seqwire.spp.state", "open");
}

void tell_order(std::deque<story>& all) {
  story& order = all.emplace_back("gaps and what fills them", watched::at_b).open();
  order.data('a', 0);
  order.data('a', 3).is({"gap"}).tells("seqwire.spp.missing", "2");
  order.data('a', 1).is({"out_of_order"});
  order.data('a', 2).is({"out_of_order"});
  order.data('a', 4);

  story& wrap = all.emplace_back("numbers wrap", watched::at_a);
  wrap.data('a', 65535).permits(40);
  wrap.data('a', 0).permits(40).tells("seqwire.spp.number", "65536");
  wrap.data('a', 65535).permits(40).is({"retransmission"});
}

void tell_acknowledgements(std::deque<story>& all) {
  story& duplicates = all.emplace_back("duplicate acknowledgements", watched::at_a).open();
  for (std::uint16_t number = 0; number < 4; ++number) duplicates.data('a', number);
  duplicates.system('b').acks(1).tells("seqwire.spp.ack_rtt", "0.040000000");
  duplicates.system('b').acks(1).is({"duplicate_ack"}).tells("seqwire.spp.duplicate_ack_number", "1");
  duplicates.system('b').acks(1).is({"duplicate_ack"}).tells("seqwire.spp.duplicate_ack_number", "2");
  duplicates.system('b').acks(1).permits(12).is({"allocation_update"});
  duplicates.system('b').acks(1).permits(12).asks().is({"probe"});
  duplicates.system('b').acks(4).permits(12);
  duplicates.system('b').acks(4).permits(12);

  story& wrong = all.emplace_back("acknowledgements that cannot be", watched::at_b).open();
  wrong.data('a', 0);
  wrong.system('b').acks(1);
  wrong.system('b').acks(3).is({"ack_of_unsent"});
  wrong.system('b').acks(0).is({"ack_regress"});

  story& late = all.emplace_back("an old acknowledgement that arrives late is none of those", watched::at_a).open();
  late.data('a', 0);
  late.system('b').acks(1).permits(10);
  late.system('b').acks(0).permits(9);
}

void tell_allocations(std::deque<story>& all) {
  story& window = all.emplace_back("the window", watched::at_a);
  window.opening().permits(5);
  window.system('b').asks().permits(1);
  window.data('a', 0);
  window.data('a', 1).is({"allocation_full"});
  window.data('a', 2).is({"window_violation"});
  window.system('b').acks(2).permits(1).is({"zero_allocation"});
  window.system('a').asks().is({"probe"});
  window.system('b').acks(2).permits(1).is({"zero_allocation", "probe_answer"});
  window.system('b').acks(2).permits(4).is({"allocation_update"});
  told_packet& urgent = window.data('a', 9).holds({0x41}).is({"attention", "gap"});
  urgent.header.attention = true;
  urgent.tells("seqwire.spp.attention_octet", "0x41");

  story& shrunk = all.emplace_back("permissions are not taken back", watched::at_b).open();
  shrunk.system('b').permits(8).is({"allocation_shrunk"});
  story& by_acknowledgement =
      all.emplace_back("an acknowledgement that is news proves the order", watched::at_a).open();
  by_acknowledgement.data('a', 0);
  by_acknowledgement.system('b').acks(1).permits(7).is({"allocation_shrunk"});
}

void tell_connections(std::deque<story>& all) {
  story& ids = all.emplace_back("ids", watched::at_a);
  ids.opening().tells("seqwire.spp.state", "opening");
  ids.opening().is({"opening_again"});
  ids.system('b').asks().tells("seqwire.spp.state", "answered");
  ids.data('a', 0).tells("seqwire.spp.state", "open");
  ids.data('a', 1).is({"wrong_ids"}).header.destination_connection = 77;
  ids.data('b', 0).is({"wrong_ids"}).header.destination_connection = 78;
  ids.data('a', 1).is({"refused"}).header.source_connection = 0;

  story& closing = all.emplace_back("the close", watched::at_a).open();
  closing.close('a', 0, close_request_type).tells("seqwire.spp.state", "closing");
  closing.data('a', 1).is({"after_close"});
  closing.close('b', 0, close_reply_type).acks(2);
  closing.close('a', 2, close_reply_type).acks(1).tells("seqwire.spp.completeness", "127");
  closing.close('a', 2, close_reply_type).acks(1).is({"retransmission"}).tells("seqwire.spp.state", "closed");

  story& again = all.emplace_back("ids of a connection that has closed", watched::at_a).open().close_both();
  again.opening().is({"ids_reused"});
  again.system('b').asks();
  again.data('a', 0).tells("seqwire.spp.state", "open");
}

void tell_refusals(std::deque<story>& all) {
  story& form = all.emplace_back("what no receiver takes", watched::at_a).open();
  form.system('a').holds({1}).is({"refused"});
  form.data('a', 0).holds({1, 2}).is({"refused"}).header.attention = true;
  form.data('a', 0).typed(close_request_type).holds({1}).is({"refused"});
  form.data('a', 0).is({"seqwire.length_mismatch"}).length = 29;
  form.data('a', 0).is({"seqwire.length_mismatch"}).length = 2000;
  form.data('a', 0).is({"refused"}).length = 40;
  told_packet& damaged = form.data('a', 0).is({"seqwire.checksum_bad"}).tells("seqwire.checksum_status", "0");
  damaged.bad_checksum = true;
  form.data('a', 0).tells("seqwire.checksum_status", "1");
  told_packet& refusal = form.data('b', 0).is({"seqwire.error_packet"});
  refusal.type = packet_type::error;
}

void tell_records(std::deque<story>& all) {
  story& records = all.emplace_back("records", watched::at_b).open();
  records.data('a', 0).ends().tells("seqwire.spp.record", "0").tells("seqwire.spp.record_octets", "2");
  records.data('a', 2).ends().is({"gap"}).tells("seqwire.spp.record", "");
  records.data('a', 1).is({"out_of_order"}).tells("seqwire.spp.record_octets", "4");
  records.data('a', 3).tells("seqwire.spp.record", "");
  records.data('a', 4).typed(3).ends().tells("seqwire.spp.record", "2,3").tells("seqwire.spp.record_octets", "2,2");
}

std::deque<story> all_stories() {
  std::deque<story> all;
  for (const auto tell : {tell_retransmissions, tell_order, tell_acknowledgements, tell_allocations, tell_connections,
                          tell_refusals, tell_records})
    tell(all);
  return all;
}

octets packet_of(const told_packet& told, std::size_t number) {
  octets data(spp_layout::octets);
  spp_layout::encode(told.header, data.data());
  data.insert(data.end(), told.data.begin(), told.data.end());
  const socket_number socket{static_cast<std::uint16_t>(4000 + number)};
  const host_number a{0x02000000000a}, b{0x02000000000b};
  idp_header header{};
  header.packet_type = told.type;
  header.source_host = told.from == 'a' ? a : b;
  header.destination_host = told.from == 'a' ? b : a;
  header.source_socket = header.destination_socket = socket;
  octets packet;
  append_idp(packet, header, data);
  if (told.bad_checksum) packet[0] ^= 0x10;
  if (told.length) {
    packet[0] = packet[1] = 0xff;
    store_u16(packet.data() + 2, *told.length);
  }
  return packet;
}

void write(const std::deque<story>& stories, const std::string& path) {
  capture_writer writer(path, {});
  for (const char* const name : {"a", "b", "between"})
    writer.add_interface({.name = name, .description = {}, .type = link_type::user0});
  instant at{};
  for (std::size_t number = 0; number < stories.size(); ++number) {
    for (const told_packet& told : stories[number].packets()) {
      at += 10_ms;
      const watched where = stories[number].where();
      const bool out = (told.from == 'a') == (where == watched::at_a);
      const auto direction = where == watched::between ? capture_direction::unknown
                             : out                     ? capture_direction::out
                                                       : capture_direction::in;
      writer.write(
          {.interface = static_cast<std::size_t>(where), .at = at, .direction = direction, .packet_id = told.packet_id},
          packet_of(told, number));
    }
  }
  writer.close();
}

// The expert items of the table in docs/wireshark.md.
std::vector<std::string> documented_items() {
  std::ifstream page(std::string(SEQWIRE_SOURCE_DIR) + "/docs/wireshark.md");
  std::vector<std::string> rows;
  bool within = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## ")) within = line == "## Expert items";
    if (within && line.starts_with("| `seqwire.")) rows.push_back(line.substr(3, line.find('`', 3) - 3));
  }
  return rows;
}

std::string full_name(const std::string& item) { return item.starts_with("seqwire.") ? item : "seqwire.spp." + item; }

std::string joined(const names& all) {
  std::string text;
  for (const std::string& each : all) text += each + ' ';
  return text;
}

void expect_stories(const std::string& arguments) {
  const std::deque<story> stories = all_stories();
  const tshark::capture_file file("stories");
  write(stories, file.path());
  std::vector<std::string> asked = documented_items();
  const std::size_t items = asked.size();
  std::map<std::string, std::size_t> column;
  for (const story& each : stories)
    for (const told_packet& told : each.packets())
      for (const auto& [field, value] : told.fields)
        if (column.emplace(field, asked.size()).second) asked.push_back(field);
  const auto rows = tshark::fields_of(file.path(), asked, "-o seqwire.checksum:TRUE " + arguments);
  std::size_t frame = 0;
  for (const story& each : stories) {
    for (const told_packet& told : each.packets()) {
      BOOST_REQUIRE_MESSAGE(frame < rows.size(), "tshark shows " << rows.size() << " frames");
      const std::vector<std::string>& row = rows[frame++];
      names expected, found;
      for (const std::string& item : told.items) expected.insert(full_name(item));
      for (std::size_t at = 0; at < items; ++at)
        if (!row[at].empty()) found.insert(asked[at]);
      BOOST_TEST(found == expected,
                 each.name() << ", frame " << frame << ": expected " << joined(expected) << "; got " << joined(found));
      for (const auto& [field, value] : told.fields)
        BOOST_TEST(row[column[field]] == value, each.name() << ", frame " << frame << ", " << field);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(analysis_test)

BOOST_AUTO_TEST_CASE(stories__in_one_pass) { expect_stories(""); }

BOOST_AUTO_TEST_CASE(stories__in_two_passes) { expect_stories("-2"); }

BOOST_AUTO_TEST_CASE(stories__with_a_display_filter) { expect_stories("-Y frame"); }

BOOST_AUTO_TEST_CASE(stories__with_a_read_filter) { expect_stories("-2 -R frame"); }

BOOST_AUTO_TEST_CASE(items__each_has_its_row_and_its_story) {
  const auto rows = documented_items();
  const names documented(rows.begin(), rows.end());
  BOOST_TEST(rows.size() == documented.size(), "a row stands twice");
  names known;
  const std::string fields =
      tshark::output_of("WIRESHARK_CONFIG_DIR=/nonexistent tshark -G fields -X lua_script:" + tshark::committed +
                        " 2>/dev/null | grep -P '\\tseqwire\\.'");
  const auto lines = tshark::split(fields, '\n');
  for (const std::string& line : lines)
    if (const auto parts = tshark::split(line, '\t'); parts.size() > 3 && parts[3] == "FT_NONE") known.insert(parts[2]);
  BOOST_TEST(known == documented, "in Lua " << joined(known) << "; documented " << joined(documented));
  names told;
  for (const story& each : all_stories())
    for (const told_packet& packet : each.packets())
      for (const std::string& item : packet.items) told.insert(full_name(item));
  BOOST_TEST(told == documented, "told " << joined(told));
}

BOOST_AUTO_TEST_SUITE_END()
