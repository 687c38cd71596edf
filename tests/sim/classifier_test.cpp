// What a link knows of packets: the same flow for the packets of a connection, data only where there is some.
#include "sim/classifier.hpp"

#include <rapidcheck/boost_test.h>

#include <boost/test/unit_test.hpp>

#include "protocol/wire/spp.hpp"

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(classifier_test)

octets spp_packet_of(std::uint16_t socket, const spp_header& header, std::size_t data) {
  octets spp(spp_layout::octets + data, 0x11);
  spp_layout::encode(header, spp.data());
  idp_header idp{};
  idp.packet_type = packet_type::sequenced_packet;
  idp.source_socket = socket_number{socket};
  octets frame;
  append_idp(frame, idp, spp);
  return frame;
}

BOOST_AUTO_TEST_CASE(classify_packet__data_acknowledgements_and_attention) {
  spp_header header{};
  header.source_connection = 1;
  const frame_class data = classify_packet(spp_packet_of(7, header, 10));
  BOOST_TEST(data.data);
  BOOST_TEST(data.band == 2u);
  header.system = true;
  const frame_class system = classify_packet(spp_packet_of(7, header, 0));
  BOOST_TEST(!system.data);
  BOOST_TEST(system.band == 1u);
  header.system = false;
  header.attention = true;
  BOOST_TEST(classify_packet(spp_packet_of(7, header, 1)).band == 0u);
}

BOOST_AUTO_TEST_CASE(classify_packet__a_flow_is_type_and_addresses) {
  spp_header header{};
  header.sequence = 1;
  octets first = spp_packet_of(7, header, 10);
  header.sequence = 2;
  octets second = spp_packet_of(7, header, 300);
  second[4] = 3;  // routers passed
  BOOST_TEST(classify_packet(first).flow == classify_packet(second).flow);
  BOOST_TEST(classify_packet(first).flow != classify_packet(spp_packet_of(8, header, 10)).flow);
}

// Padding of the link is no data.
BOOST_AUTO_TEST_CASE(classify_packet__goes_by_the_length_field) {
  spp_header header{};
  header.system = true;
  octets padded = spp_packet_of(7, header, 0);
  padded.resize(60);
  BOOST_TEST(!classify_packet(padded).data);
}

RC_BOOST_PROP(classify_packet__takes_any_octets, (const octets& any)) {
  BOOST_TEST(classify_packet(any).band < band_count);
  octets idp(30, 0);
  idp.insert(idp.end(), any.begin(), any.end());
  for (std::size_t i = 0; i < std::min<std::size_t>(any.size(), 8); ++i) idp[i] = any[i];
  BOOST_TEST(classify_packet(idp).band < band_count);
}

BOOST_AUTO_TEST_SUITE_END()
