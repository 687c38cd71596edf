#include "rawio/packet_link.hpp"

#include <fcntl.h>

#include <boost/test/unit_test.hpp>

#include "live_support.hpp"
#include "rawio/capture/capture.hpp"
#include "rawio/netlink.hpp"
#include "rawio/raw_port.hpp"

namespace seqwire {
namespace {

using namespace live;

// Host a and host b with a link each, joined directly.
struct joined_hosts {
  explicit joined_hosts(const packet_link_options& options_b = {}, std::size_t mtu = 1500)
      : lab(make_direct_lab(mtu)),
        a(lab.inside(lab_host::a, [] { return std::make_unique<packet_link>(lab_interface); })),
        b(lab.inside(lab_host::b, [&] { return std::make_unique<packet_link>(lab_interface, options_b); })) {}

  private_lab lab;
  std::unique_ptr<packet_link> a;
  std::unique_ptr<packet_link> b;
};

// tcpdump inside a host, watching xns0 until it has seen `count` frames; returns when it listens.
class listening_tcpdump {
 public:
  listening_tcpdump(const private_lab& lab, lab_host host, std::size_t count, const std::string& file)
      : process_(start(lab, host, count, file)) {
    std::string said;
    std::array<char, 256> part;
    while (said.find("listening on") == std::string::npos) {
      BOOST_REQUIRE_MESSAGE(wait_readable(reading_.number(), patience), "tcpdump said only: " + said);
      const ssize_t length = ::read(reading_.number(), part.data(), part.size());
      BOOST_REQUIRE_MESSAGE(length > 0, "tcpdump ended: " + said);
      said.append(part.data(), static_cast<std::size_t>(length));
    }
  }
  std::optional<int> wait() { return process_.wait(patience); }

 private:
  child_process start(const private_lab& lab, lab_host host, std::size_t count, const std::string& file) {
    std::array<int, 2> ends{};
    BOOST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    reading_ = descriptor(ends[0]);
    const descriptor writing(ends[1]);
    return lab.start(host, [&] {
      ::dup2(writing.number(), STDERR_FILENO);
      return execute({"tcpdump", "-i", lab_interface, "-n", "-Z", "root", "--immediate-mode", "-U", "-c",
                      std::to_string(count), "-w", file});
    });
  }

  descriptor reading_;
  child_process process_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(packet_link_test)

BOOST_AUTO_TEST_CASE(constructor__takes_host_and_mtu_from_the_interface) {
  joined_hosts hosts({}, 1400);
  const link_capabilities capabilities = hosts.a->capabilities();
  BOOST_TEST(to_string(capabilities.host) == to_string(lab_address_a));
  BOOST_TEST(capabilities.mtu == 1400U);
  BOOST_TEST(capabilities.packet_life.nanoseconds == (100_ms).nanoseconds);
  BOOST_TEST(!capabilities.segment_offload);
  BOOST_TEST(name_of(hosts.a->state()) == "up");
}

BOOST_AUTO_TEST_CASE(constructor__second_link_for_the_same_host_is_refused_another_host_is_not) {
  joined_hosts hosts;
  std::string what;
  hosts.lab.inside(lab_host::a, [&] {
    BOOST_TEST(error_code_of([] { packet_link second(lab_interface); }, what) == EADDRINUSE);
    packet_link further(lab_interface, {.host = host_number{0x02000000aaaa}});
    const std::vector<packet> sent{make_packet(lab_address_b, host_number{0x02000000aaaa}, 60)};
    BOOST_TEST(hosts.b->transmit({}, sent) == 1U);
    BOOST_TEST(receive_datagrams(further, 1).size() == 1U);
  });
  BOOST_TEST(what.find(fmt::format("process {}", ::getpid())) != std::string::npos, what);
}

BOOST_AUTO_TEST_CASE(constructor__without_privilege_names_the_capability_and_both_ways_to_it) {
  private_lab lab = make_direct_lab();
  child_process child = lab.start(lab_host::a, [] {
    ::unsetenv(network_guard_variable);  // without privileges it may refuse first; the child stays in the lab anyway
    if (!drop_capabilities()) return 1;
    try {
      packet_link link(lab_interface);
    } catch (const privilege_error& refused) {
      const std::string what = refused.what();
      const auto says = [&](const char* words) { return what.find(words) != std::string::npos; };
      return says("cap_net_raw") && says("sudo") && says("setcap") && says("seqwire lab") ? 0 : 2;
    }
    return 3;
  });
  BOOST_TEST(child.wait(patience).value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(transmit__batches_cross_whole_and_tcpdump_sees_the_same_octets) {
  joined_hosts hosts;
  temporary_folder folder;
  const std::string file = (folder.path() / "seen.pcap").string();
  std::vector<packet> sent;
  for (std::size_t i = 0; i < 300; ++i) {
    const std::size_t length = i % 3 == 0 ? 30 + i % 17 : i % 3 == 1 ? 1499 - i % 2 : 500 + i;
    sent.push_back(make_packet(lab_address_a, lab_address_b, length, i));
  }
  sent.push_back(make_packet(lab_address_a, lab_address_b, 1500));
  sent.push_back(make_packet(lab_address_a, lab_address_b, 30));

  listening_tcpdump tcpdump(hosts.lab, lab_host::b, sent.size(), file);
  BOOST_REQUIRE(hosts.a->transmit({}, sent) == sent.size());
  const auto arrived = receive_datagrams(*hosts.b, sent.size());
  BOOST_REQUIRE(arrived.size() == sent.size());
  BOOST_REQUIRE(tcpdump.wait().value_or(-1) == 0);

  auto capture = capture_reader::open(file);
  BOOST_REQUIRE(capture.has_value());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    octets whole(sent[i].size());
    sent[i].copy_to(whole.data());
    const octets_view contents = arrived[i].contents.view();
    BOOST_TEST(to_string(arrived[i].previous_hop) == to_string(lab_address_a));
    BOOST_REQUIRE_MESSAGE(std::equal(contents.begin(), contents.end(), whole.begin(), whole.end()), "packet " << i);
    BOOST_TEST(parse_idp(contents).has_value());
    const auto seen = capture->next();
    BOOST_REQUIRE(seen.has_value() && *seen != nullptr);
    const octets& frame = (*seen)->frame;
    BOOST_REQUIRE(frame.size() == ethernet_header_octets + whole.size());
    BOOST_TEST(load_u48(frame.data()) == static_cast<std::uint64_t>(lab_address_b));
    BOOST_TEST(load_u48(frame.data() + 6) == static_cast<std::uint64_t>(lab_address_a));
    BOOST_TEST(load_u16(frame.data() + 12) == xns_ethertype);
    BOOST_REQUIRE(std::equal(whole.begin(), whole.end(), frame.begin() + ethernet_header_octets));
  }
}

BOOST_AUTO_TEST_CASE(transmit__a_packet_longer_than_the_mtu_is_lost_alone_and_counted) {
  joined_hosts hosts({}, 600);
  const std::vector<packet> sent{make_packet(lab_address_a, lab_address_b, 100),
                                 make_packet(lab_address_a, lab_address_b, 1500),
                                 make_packet(lab_address_a, lab_address_b, 600)};
  BOOST_TEST(hosts.a->transmit({}, sent) == 3U);
  const auto arrived = receive_datagrams(*hosts.b, 2);
  BOOST_REQUIRE(arrived.size() == 2U);
  BOOST_TEST(arrived[1].contents.size() == 600U);
  BOOST_TEST(hosts.a->counters().refused == 1U);
  BOOST_TEST(hosts.a->counters().sent == 2U);
}

BOOST_AUTO_TEST_CASE(transmit__pauses_while_the_interface_is_down_and_resumes) {
  joined_hosts hosts;
  const std::vector<packet> sent{make_packet(lab_address_a, lab_address_b, 100)};
  hosts.lab.inside(lab_host::a, [] { set_interface_down(lab_interface); });
  BOOST_TEST(hosts.a->transmit({}, sent) == 0U);
  BOOST_TEST(name_of(hosts.a->state()) == "down");
  BOOST_TEST(hosts.a->counters().outages == 1U);
  hosts.lab.inside(lab_host::a, [] { set_interface_up(lab_interface); });
  BOOST_TEST(hosts.a->transmit({}, sent) == 1U);
  BOOST_TEST(name_of(hosts.a->state()) == "up");
  BOOST_TEST(receive_datagrams(*hosts.b, 1).size() == 1U);
}

BOOST_AUTO_TEST_CASE(transmit__after_a_flap_that_nobody_saw_the_first_send_works) {
  joined_hosts hosts;
  hosts.lab.inside(lab_host::a, [] {
    set_interface_down(lab_interface);
    set_interface_up(lab_interface);
  });
  const std::vector<packet> sent{make_packet(lab_address_a, lab_address_b, 100)};
  BOOST_TEST(hosts.a->transmit({}, sent) == 1U);
  BOOST_TEST(hosts.a->counters().outages == 0U);
  BOOST_TEST(receive_datagrams(*hosts.b, 1).size() == 1U);
}

BOOST_AUTO_TEST_CASE(transmit__a_deleted_interface_is_gone_at_both_ends) {
  joined_hosts hosts;
  hosts.lab.inside(lab_host::a, [] { delete_interface(lab_interface); });
  const std::vector<packet> sent{make_packet(lab_address_a, lab_address_b, 100)};
  BOOST_TEST(hosts.a->transmit({}, sent) == 0U);
  BOOST_TEST(name_of(hosts.a->state()) == "gone");
  BOOST_TEST(wait_readable(hosts.b->descriptor(), patience));  // the loop is woken by it
  std::array<datagram, 4> room;
  BOOST_TEST(hosts.b->receive({}, room) == 0U);
  BOOST_TEST(name_of(hosts.b->state()) == "gone");
  BOOST_TEST(name_of(hosts.b->check_state()) == "gone");
}

BOOST_AUTO_TEST_CASE(receive__after_a_flap_that_nobody_saw_packets_arrive_again) {
  joined_hosts hosts;
  hosts.lab.inside(lab_host::b, [] {
    set_interface_down(lab_interface);
    set_interface_up(lab_interface);
  });
  const std::vector<packet> sent{make_packet(lab_address_a, lab_address_b, 100)};
  BOOST_TEST(hosts.a->transmit({}, sent) == 1U);
  BOOST_TEST(receive_datagrams(*hosts.b, 1).size() == 1U);
  BOOST_TEST(name_of(hosts.b->state()) == "up");
}

BOOST_AUTO_TEST_CASE(receive__notices_an_interface_that_went_down_and_came_back) {
  joined_hosts hosts;
  std::array<datagram, 4> room;
  hosts.lab.inside(lab_host::b, [] { set_interface_down(lab_interface); });
  BOOST_TEST(wait_readable(hosts.b->descriptor(), patience));
  BOOST_TEST(hosts.b->receive({}, room) == 0U);
  BOOST_TEST(name_of(hosts.b->state()) == "down");
  hosts.lab.inside(lab_host::b, [] { set_interface_up(lab_interface); });
  BOOST_TEST(hosts.b->receive({}, room) == 0U);
  BOOST_TEST(name_of(hosts.b->state()) == "up");
}

BOOST_AUTO_TEST_CASE(receive__only_idp_for_this_host_or_a_group_passes_the_filter) {
  private_lab lab = make_direct_lab();
  const auto sender = lab.inside(lab_host::a, [] { return std::make_unique<raw_port>(lab_interface); });
  const auto receiver = lab.inside(lab_host::b, [] { return std::make_unique<packet_link>(lab_interface); });
  const host_number other{0x02000000000c};
  const auto group = host_number{0x090000000001};
  const auto idp_to = [](host_number to, std::size_t number) { return idp_octets(lab_address_a, to, 60, number); };
  octets tagged_payload{0, 7};  // the rest of a VLAN tag: network 7
  const octets inner = idp_to(lab_address_b, 0);
  tagged_payload.push_back(xns_ethertype >> 8);
  tagged_payload.push_back(xns_ethertype & 0xff);
  tagged_payload.insert(tagged_payload.end(), inner.begin(), inner.end());
  const std::vector<slice> frames{
      ethernet_frame(lab_address_b, lab_address_a, 0x0800, idp_to(lab_address_b, 0)),  // another protocol
      ethernet_frame(lab_address_b, lab_address_a, xns_ethertype, idp_to(other, 0)),   // another XNS host
      ethernet_frame(other, lab_address_a, xns_ethertype, idp_to(lab_address_b, 0)),   // another station
      ethernet_frame(lab_address_b, lab_address_a, xns_ethertype, octets(10)),         // not even addressed
      ethernet_frame(lab_address_b, lab_address_a, 0x8100, tagged_payload),            // another network
      ethernet_frame(broadcast_host, lab_address_a, xns_ethertype, idp_to(broadcast_host, 1)),
      ethernet_frame(lab_address_b, lab_address_a, xns_ethertype, idp_to(group, 2)),
      ethernet_frame(lab_address_b, lab_address_a, xns_ethertype, idp_to(lab_address_b, 3))};
  BOOST_REQUIRE(sender->transmit(frames) == frames.size());
  const auto arrived = receive_datagrams(*receiver, 3);
  BOOST_REQUIRE_MESSAGE(arrived.size() == 3U, arrived.size() << " arrived");
  for (std::size_t i = 0; i < arrived.size(); ++i) BOOST_TEST(arrived[i].contents.data()[idp_layout::octets] == i + 1);
  BOOST_TEST(receiver->counters().received == 3U);  // the filter refused the others, not the link
}

BOOST_AUTO_TEST_CASE(receive__does_not_see_what_the_link_itself_sent) {
  joined_hosts hosts;
  const std::vector<packet> sent{make_packet(lab_address_a, broadcast_host, 60),
                                 make_packet(lab_address_a, lab_address_b, 60)};
  BOOST_TEST(hosts.a->transmit({}, sent) == 2U);
  BOOST_TEST(receive_datagrams(*hosts.b, 2).size() == 2U);
  std::array<datagram, 4> room;
  BOOST_TEST(hosts.a->receive({}, room) == 0U);
}

BOOST_AUTO_TEST_CASE(receive__steady_state_allocates_no_blocks_and_keeps_held_slices_intact) {
  joined_hosts hosts;
  const std::vector<packet> first{make_packet(lab_address_a, lab_address_b, 100, 7)};
  BOOST_TEST(hosts.a->transmit({}, first) == 1U);
  const auto held = receive_datagrams(*hosts.b, 1);
  BOOST_REQUIRE(held.size() == 1U);
  for (std::size_t i = 0; i < 200; ++i) {
    const std::vector<packet> next{make_packet(lab_address_a, lab_address_b, 100, 100 + i)};
    BOOST_REQUIRE(hosts.a->transmit({}, next) == 1U);
    BOOST_REQUIRE(receive_datagrams(*hosts.b, 1).size() == 1U);
  }
  BOOST_TEST(held[0].contents.data()[idp_layout::octets] == 7);
}

BOOST_AUTO_TEST_CASE(receive_drops__counts_what_a_full_buffer_lost) {
  constexpr std::size_t frames = 5000;
  joined_hosts hosts({.buffer_octets = 4096});
  const std::vector<packet> sent(frames, make_packet(lab_address_a, lab_address_b, 500));
  BOOST_REQUIRE(hosts.a->transmit({}, sent) == frames);
  std::array<datagram, 64> room;
  std::size_t received = 0;
  // veth hands frames over in a softirq, which may lag behind the sender: wait until all are accounted for.
  while (received + hosts.b->receive_drops() < frames) {
    if (const std::size_t count = hosts.b->receive({}, room); count > 0) received += count;
    else BOOST_REQUIRE(wait_readable(hosts.b->descriptor(), patience) || hosts.b->receive_drops() + received >= frames);
  }
  BOOST_TEST(hosts.b->receive_drops() > 0U);
  BOOST_TEST(received + hosts.b->receive_drops() == frames);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace seqwire
