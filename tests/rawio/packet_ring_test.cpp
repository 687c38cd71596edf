#include "rawio/packet_ring.hpp"

#include <linux/if_packet.h>
#include <net/if.h>

#include <boost/test/unit_test.hpp>

#include "live_support.hpp"
#include "rawio/clock.hpp"
#include "rawio/netlink.hpp"

namespace seqwire {
namespace {

using namespace live;

// What a ring showed, kept.
struct seen_frame {
  octets frame;
  octets tag;
  instant at;
  capture_direction direction;
};

// Two hosts on one wire, a ring at each.
struct watched_wire {
  explicit watched_wire(const packet_ring_options& options = {}) {
    sender = lab.inside(lab_host::a, [&] {
      to.sll_ifindex = static_cast<int>(::if_nametoindex(lab_interface));
      return descriptor(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    });
    at_a = lab.inside(lab_host::a, [&] { return std::make_unique<packet_ring>(lab_interface, options); });
    at_b = lab.inside(lab_host::b, [&] { return std::make_unique<packet_ring>(lab_interface, options); });
  }
  // As other programs do; ours go around the queueing discipline, and with it around every recorder of this host.
  void send(const std::vector<slice>& frames) const {
    for (const slice& each : frames)
      BOOST_REQUIRE(::sendto(sender.number(), each.data(), each.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                             sizeof to) == static_cast<ssize_t>(each.size()));
  }
  // As soon as the kernel hands them over.
  static std::vector<seen_frame> take(packet_ring& from, std::size_t count) {
    std::vector<seen_frame> all;
    const instant limit = clock_now() + patience;
    while (all.size() < count && clock_now() < limit) {
      const ring_frame* front = from.front();
      if (front == nullptr) continue;
      all.push_back({{front->octets.begin(), front->octets.end()},
                     front->tagged ? octets(front->vlan_tag.begin(), front->vlan_tag.end()) : octets(),
                     front->at,
                     front->direction});
      from.pop();
    }
    return all;
  }

  private_lab lab = make_direct_lab();
  sockaddr_ll to{.sll_family = AF_PACKET,
                 .sll_protocol = 0,
                 .sll_ifindex = 0,
                 .sll_hatype = 0,
                 .sll_pkttype = 0,
                 .sll_halen = 0,
                 .sll_addr = {}};
  descriptor sender;
  std::unique_ptr<packet_ring> at_a, at_b;
};

slice frame_with(std::uint16_t ethertype, octet filling) {
  return ethernet_frame(broadcast_host, lab_address_a, ethertype, octets(46, filling));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(packet_ring_test)

BOOST_AUTO_TEST_CASE(front__shows_frames_of_both_directions_with_their_times) {
  watched_wire wire;
  const instant before = clock_now();
  std::vector<slice> sent;
  for (octet i = 0; i < 3; ++i) sent.push_back(frame_with(0x88b5, i));
  wire.send(sent);
  const auto leaving = wire.take(*wire.at_a, sent.size());
  const auto arriving = wire.take(*wire.at_b, sent.size());
  const instant after = clock_now();
  BOOST_REQUIRE(leaving.size() == sent.size());
  BOOST_REQUIRE(arriving.size() == sent.size());
  instant last = before - 1_s;  // the wall clock may be corrected while a process runs
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const octets expected(sent[i].view().begin(), sent[i].view().end());
    BOOST_TEST(leaving[i].frame == expected, boost::test_tools::per_element());
    BOOST_TEST(arriving[i].frame == expected, boost::test_tools::per_element());
    BOOST_TEST((leaving[i].direction == capture_direction::out));
    BOOST_TEST((arriving[i].direction == capture_direction::in));
    BOOST_TEST((last <= leaving[i].at && leaving[i].at <= arriving[i].at && arriving[i].at < after + 1_s));
    last = leaving[i].at;
  }
  BOOST_TEST(wire.at_a->front() == nullptr);
  BOOST_TEST(wire.at_a->drops() + wire.at_b->drops() == 0u);
}

BOOST_AUTO_TEST_CASE(front__has_the_vlan_tag_that_the_kernel_takes_off) {
  watched_wire wire;
  octets tag{0x20, 0x07, 0x88, 0xb5};
  tag.resize(60, 3);
  const std::vector<slice> sent{ethernet_frame(broadcast_host, lab_address_a, 0x8100, tag)};
  wire.send(sent);
  const auto arriving = wire.take(*wire.at_b, 1);
  BOOST_REQUIRE(arriving.size() == 1u);
  octets whole = arriving[0].frame;
  whole.insert(whole.begin() + 12, arriving[0].tag.begin(), arriving[0].tag.end());
  BOOST_TEST(arriving[0].tag.size() == 4u);
  BOOST_TEST(whole == octets(sent[0].view().begin(), sent[0].view().end()), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(filter__lets_only_its_frames_in) {
  const auto only = compile_packet_filter("ether proto 0x0600");
  watched_wire wire({.filter = only});
  const std::vector<slice> sent{frame_with(0x88b5, 1), frame_with(0x0600, 2), frame_with(0x0800, 3)};
  wire.send(sent);
  wire.send({sent[1]});
  const auto arriving = wire.take(*wire.at_b, 2);
  BOOST_REQUIRE(arriving.size() == 2u);
  for (const seen_frame& each : arriving) BOOST_TEST(each.frame[14] == 2u);
}

BOOST_AUTO_TEST_CASE(newest__is_of_the_last_frame_that_was_handed_over) {
  watched_wire wire;
  BOOST_TEST(!wire.at_b->newest());
  const std::vector<slice> sent{frame_with(0x88b5, 1), frame_with(0x88b5, 2)};
  wire.send(sent);
  const instant limit = clock_now() + patience;
  while (!wire.at_b->newest() && clock_now() < limit) continue;
  const auto newest = wire.at_b->newest();
  const auto arriving = wire.take(*wire.at_b, 2);
  BOOST_REQUIRE(newest);
  BOOST_REQUIRE(arriving.size() == 2u);
  BOOST_TEST((*newest == arriving[1].at));
  BOOST_TEST(!wire.at_b->newest());
}

BOOST_AUTO_TEST_CASE(drops__counts_what_found_no_room) {
  watched_wire wire({.ring_octets = 1});  // one block
  const std::vector<slice> sent(64, ethernet_frame(broadcast_host, lab_address_a, 0x88b5, octets(1500, 7)));
  constexpr std::uint64_t rounds = 8;  // together far more than a block holds
  for (std::uint64_t i = 0; i < rounds; ++i) wire.send(sent);
  std::uint64_t there = 0;
  const instant limit = clock_now() + patience;
  while (there + wire.at_b->drops() < rounds * sent.size() && clock_now() < limit)
    there += wire.at_b->front() != nullptr ? (wire.at_b->pop(), 1u) : 0u;
  BOOST_TEST(there + wire.at_b->drops() == rounds * sent.size());
  BOOST_TEST(there > 0u);
  BOOST_TEST(wire.at_b->drops() > 0u);
}

BOOST_AUTO_TEST_CASE(check_state__an_interface_that_goes_down_and_comes_back_is_recorded_again) {
  watched_wire wire;
  wire.lab.inside(lab_host::b, [] { return (set_interface_down(lab_interface), 0); });
  BOOST_TEST((wire.at_b->check_state() == link_state::down));
  wire.lab.inside(lab_host::b, [] { return (set_interface_up(lab_interface), 0); });
  BOOST_TEST((wire.at_b->check_state() == link_state::up));
  const std::vector<slice> sent{frame_with(0x88b5, 9)};
  const instant limit = clock_now() + patience;
  while (wire.at_b->front() == nullptr && clock_now() < limit) wire.send(sent);  // the carrier takes a moment
  BOOST_REQUIRE(wire.at_b->front() != nullptr);
  BOOST_TEST(wire.at_b->front()->octets[14] == 9u);
}

BOOST_AUTO_TEST_CASE(compile_packet_filter__refuses_what_is_no_filter) {
  BOOST_CHECK_THROW(compile_packet_filter("ether proto"), std::invalid_argument);
  BOOST_TEST(!compile_packet_filter("ether proto 0x0600").empty());
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace seqwire
