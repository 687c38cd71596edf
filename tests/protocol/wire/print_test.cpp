// Headers as text: exact lines for the whole packets, and a line for whatever else comes in.
#include "protocol/wire/print.hpp"

#include <rapidcheck/boost_test.h>
#include <boost/test/unit_test.hpp>

#include "tests/protocol/wire/packets.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(print_test)

BOOST_AUTO_TEST_CASE(print_packet__packet_d) {
  BOOST_TEST(print_packet(packet_d) ==
             "idp checksum=0x07c5 length=47 transport_control=0 packet_type=5 destination_network=0x0000041a "
             "destination_host=0x1000bb101101 destination_socket=5 source_network=0x0000041a "
             "source_host=0x0800aa000001 source_socket=3000 | spp system=0 send_acknowledgement=1 attention=0 "
             "end_of_message=1 reserved=0 datastream_type=0 source_connection=17185 destination_connection=34661 "
             "sequence=7 acknowledge=3 allocation=10 | 5 octets");
}

BOOST_AUTO_TEST_CASE(print_packet__a_type_without_a_layout_is_counted_octets) {
  octets other;
  idp_header header = parse_idp(packet_a)->header;
  header.packet_type = packet_type{20};  // an experimental one
  append_idp(other, header, parse_idp(packet_a)->data);
  BOOST_TEST(print_packet(other).ends_with("source_socket=3001 | 7 octets"));
  BOOST_TEST(print_packet(packet_a).ends_with("source_socket=3001 | xns_echo operation=1 | 5 octets"));
}

BOOST_AUTO_TEST_CASE(print_packet__follows_headers_behind_headers) {
  const auto printed = [](packet_type type, std::string_view data) {
    idp_header header = parse_idp(packet_a)->header;
    header.packet_type = type;
    octets whole;
    append_idp(whole, header, from_hexadecimal(data));
    const std::string line = print_packet(whole);
    return line.substr(line.find(" | ") + 3);
  };
  BOOST_TEST(printed(packet_type::packet_exchange,
                     "000000070001"
                     "00020001") == "xns_pex id=7 client_type=1 | xns_time version=2 operation=1 | 0 octets");
  BOOST_TEST(printed(packet_type::packet_exchange,
                     "000000070002"
                     "00020001") == "xns_pex id=7 client_type=2 | 4 octets");
  BOOST_TEST(printed(packet_type::routing_information,
                     "0002"
                     "00000005"
                     "0001"
                     "00000006"
                     "0010") ==
             "xns_rip operation=2 | xns_rip_entry network=5 metric=1 | xns_rip_entry network=6 metric=16 | 0 octets");
  BOOST_TEST(printed(packet_type::routing_information,
                     "0002"
                     "000000") == "xns_rip operation=2 | xns_rip_entry cut short");
}

BOOST_AUTO_TEST_CASE(print_packet__says_what_is_wrong) {
  octets damaged = packet_d;
  damaged.back() ^= 1;
  BOOST_TEST(print_packet(damaged).find(" (bad checksum) | spp ") != std::string::npos);
  BOOST_TEST(print_packet(octets_view(packet_d).first(29)) == "not IDP: frame too short");
  octets cut;
  append_idp(cut, parse_idp(packet_d)->header, octets(11));
  BOOST_TEST(print_packet(cut).ends_with(" | spp cut short"));
}

RC_BOOST_PROP(print_packet__has_one_line_for_any_octets, (octets frame, std::uint8_t longer)) {
  frame.resize(frame.size() + longer);
  const std::string line = print_packet(frame);
  RC_ASSERT(!line.empty());
  RC_ASSERT(line.find('\n') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(header_chapter__has_every_field_and_rows_of_equal_width) {
  const std::string chapter = header_chapter(catalogue());
  for (const catalogue_entry& entry : catalogue()) {
    BOOST_TEST(chapter.find("\n## " + std::string(entry.layout->name) + "\n") != std::string::npos);
    for (const field_description& field : entry.layout->fields)
      BOOST_TEST(chapter.find("| " + std::string(field.name) + " | ") != std::string::npos);
  }
  const std::string spp_row_1 = chapter.substr(chapter.find("## spp"));
  const std::size_t ruler = spp_row_1.find("+-+");
  BOOST_TEST(spp_row_1.substr(ruler, spp_row_1.find('\n', ruler) - ruler).size() == 65u);
}

BOOST_AUTO_TEST_SUITE_END()
