// Malformed headers (A14 of the attack catalogue), exhaustively: every control octet, the datastream types with a
// meaning, right and wrong ids and numbers, every length of a packet and of its frame. Whatever comes, the host stands,
// and it is accepted or has exactly one reason.
#include <rapidcheck/boost_test.h>
#include <boost/test/unit_test.hpp>

#include "protocol/wire/checksum.hpp"
#include "tests/protocol/host/victim.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(host_malformed_test)

// What a packet of the peer is refused for before anybody looks at the connection; nothing: it is not.
std::optional<drop_reason> malformed(const spp_header& header, std::size_t size) {
  if (header.source_connection == 0) return drop_reason::source_connection_zero;
  if (header.system) return size > 0 ? std::optional(drop_reason::system_packet_with_data) : std::nullopt;
  if (header.attention && size != 1) return drop_reason::attention_not_one_octet;
  if (header.datastream_type >= close_request_type && size > 0) return drop_reason::close_with_data;
  return std::nullopt;
}

// One packet to a host; how many were accepted or refused for each reason, of which only one may be.
void expect_one_verdict(victim& of, const octets& frame, std::optional<drop_reason> expected) {
  const host_statistics before = of.engine.statistics();
  of.arrive(frame);
  const host_statistics& after = of.engine.statistics();
  const std::uint64_t verdicts = after.accepted - before.accepted + after.drops.total() - before.drops.total();
  if (verdicts != 1) BOOST_TEST(verdicts == 1u);
  if (expected && after.drops[*expected] != before.drops[*expected] + 1)
    BOOST_ERROR("refused, but not for: " << name_of(*expected));
  of.leaving();
}

BOOST_AUTO_TEST_CASE(a14__every_control_octet_type_size_id_and_number_has_one_verdict) {
  std::uint64_t packets = 0;
  for (unsigned control = 0; control < 256; ++control) {
    victim of(stage::open);
    for (const std::uint8_t type : {std::uint8_t{0}, std::uint8_t{253}, close_request_type, close_reply_type})
      for (const std::uint16_t source : {std::uint16_t{0}, peers_id})
        for (unsigned destination = 0; destination < 3; ++destination)
          for (const std::uint16_t number : {std::uint16_t{0}, std::uint16_t{1}, std::uint16_t{500},
                                             std::uint16_t{0x7fff}, std::uint16_t{0x8000}, std::uint16_t{0xffff}})
            for (std::size_t size = 0; size <= 3; ++size, ++packets) {
              // What was accepted has changed it.
              if (of.connection().state() != connection_state::open || of.connection().status() != end_status::none)
                of.engine.sequenced().abort(of.handle);
              octets body(spp_layout::octets + size, 'x');
              spp_header header = of.true_header();
              header.source_connection = source;
              header.datastream_type = type;
              header.sequence = number;
              if (destination == 0) header.destination_connection = 0;
              if (destination == 1) ++header.destination_connection;
              if (header.destination_connection == 0 && destination == 1) ++header.destination_connection;
              spp_layout::encode(header, body.data());
              body[0] = static_cast<octet>(control);
              const octets frame = idp_frame(packet_type::sequenced_packet, peer, of.engine.address(of.local), body);
              expect_one_verdict(of, frame, malformed(spp_layout::decode(body.data()), size));
            }
  }
  BOOST_TEST(packets == 147'456u);
}

BOOST_AUTO_TEST_CASE(a14__every_length_of_packet_and_frame_has_one_verdict) {
  constexpr std::size_t longest = 64;
  victim of(stage::open);
  for (std::size_t length = 0; length <= longest; ++length)
    for (std::size_t size = 0; size <= longest; ++size)
      for (const packet_type type : {packet_type::routing_information, packet_type::echo, packet_type::error,
                                     packet_type::packet_exchange, packet_type::sequenced_packet, packet_type{20}}) {
        octets frame = idp_frame(type, peer, of.engine.address(of.local), octets(longest - idp_layout::octets));
        store_u16(frame.data(), no_checksum);
        store_u16(&frame[2], static_cast<std::uint16_t>(length));
        frame.resize(size);
        std::optional<drop_reason> expected;
        if (size < idp_layout::octets) expected = drop_reason::frame_too_short;
        else if (length < idp_layout::octets) expected = drop_reason::length_too_small;
        else if (size < octets_on_wire(length)) expected = drop_reason::frame_shorter_than_length;
        else if (type == packet_type::sequenced_packet && length < idp_layout::octets + spp_layout::octets)
          expected = drop_reason::spp_header_too_short;
        expect_one_verdict(of, frame, expected);
      }
  BOOST_TEST((of.connection().state() == connection_state::open));
}

// A checksum that is not ffff is the sum or the packet is refused: of 65,535 one is right (0 counts as no other).
BOOST_AUTO_TEST_CASE(a14__of_all_checksums_the_right_one_and_none_pass) {
  victim of(stage::open);
  octets frame = spp_frame(peer, of.engine.address(of.local), of.true_header());
  for (std::uint32_t sum = 0; sum < 65'536; ++sum) {
    store_u16(frame.data(), static_cast<std::uint16_t>(sum));
    of.arrive(frame);
  }
  BOOST_TEST(of.drops(drop_reason::bad_checksum) == 65'534u);
}

BOOST_AUTO_TEST_CASE(a14__reserved_bits_are_ignored_and_counted) {
  victim of(stage::open);
  of.says([](spp_header& header) { header.reserved = 15; });
  of.says({});
  BOOST_TEST(of.connection().statistics().reserved_bits == 1u);
  BOOST_TEST(of.engine.statistics().drops.total() == 0u);
}

RC_BOOST_PROP(a14__whatever_comes_in_whatever_state_has_one_verdict,
              (std::uint8_t at, const std::vector<octets>& bodies, std::uint8_t type)) {
  victim of(every_stage[at % every_stage.size()]);
  for (const octets& body : bodies) {
    octets whole(body);
    if (whole.size() >= 6) {  // often enough with the right ids
      store_u16(&whole[2], peers_id);
      store_u16(&whole[4], of.connection().local_id());
    }
    const packet_type to{static_cast<std::uint8_t>(type % 8)};
    const host_statistics before = of.engine.statistics();
    of.arrive(idp_frame(to, peer, of.engine.address(of.local), whole));
    of.leaving();
    if (of.engine.sequenced().find(of.handle) == nullptr) return;  // forgotten: nobody had been told of it
    const host_statistics& after = of.engine.statistics();
    RC_ASSERT(after.accepted + after.drops.total() == before.accepted + before.drops.total() + 1);
  }
}

BOOST_AUTO_TEST_SUITE_END()
