// IDP in UDP: who is where, what passes, and what a hostile sender can and cannot do.
#include "rawio/udp_link.hpp"

#include "ipv4_support.hpp"

namespace seqwire {
namespace {

using namespace live;

constexpr ipv4_endpoint at_a{address_a, 49152}, at_b{address_b, 49152};

std::unique_ptr<udp_link> open_at(const private_lab& lab, lab_host where, const ipv4_endpoint& local,
                                  const ipv4_link_options& options = {}) {
  return lab.inside(where, [&] { return std::make_unique<udp_link>(local, options); });
}

// A server at b that knows nobody, and a client at a that knows it.
struct client_and_server {
  private_lab lab = make_direct_lab();
  std::unique_ptr<udp_link> b = open_at(lab, lab_host::b, at_b);
  std::unique_ptr<udp_link> a = open_at(lab, lab_host::a, {0, 0}, {.peers = {{derived_b, at_b}}});
  host_number host_a = a->capabilities().host;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(udp_link_test, client_and_server)

BOOST_AUTO_TEST_CASE(constructor__host_number_from_the_port_or_a_random_one) {
  BOOST_TEST((b->capabilities().host == derived_b));
  BOOST_TEST(b->name() == "UDP 10.87.0.2:49152");
  BOOST_TEST(!derived_endpoint(host_a).has_value());
  BOOST_TEST(a->local().port != 0);
  const auto again = open_at(lab, lab_host::a, {0, 0});
  BOOST_TEST((again->capabilities().host != host_a));
  const auto anywhere = open_at(lab, lab_host::a, {0, 50000}, {.peers = {{derived_b, at_b}}});
  BOOST_TEST((derived_endpoint(anywhere->capabilities().host) == ipv4_endpoint{address_a, 50000}));
  const auto named = open_at(lab, lab_host::a, {0, 4000}, {.host = lab_address_a});
  BOOST_TEST((named->capabilities().host == lab_address_a));
}

BOOST_AUTO_TEST_CASE(constructor__refuses_in_one_line) {
  std::string what;
  const auto open = [&](const ipv4_endpoint& local, const ipv4_link_options& options) {
    return error_code_of([&] { open_at(lab, lab_host::b, local, options); }, what);
  };
  BOOST_TEST(open(at_b, {}) == EADDRINUSE);
  BOOST_TEST(what.starts_with("UDP 10.87.0.2:49152 is in use by another process"), what);
  BOOST_TEST(open({0, 49152}, {}) == EADDRINUSE);
  BOOST_TEST(open({address_a, 0}, {}) == EADDRNOTAVAIL);
  BOOST_TEST(open({address_b, 4000}, {}) == EINVAL);
  BOOST_TEST(what.starts_with("UDP 10.87.0.2:4000: no host number follows"), what);
  BOOST_TEST(open({address_b, 50000}, {.peers = {{broadcast_host, at_a}}}) == EINVAL);
  BOOST_TEST(open({address_b, 50001}, {.host = lab_address_b, .peers = {{lab_address_b, at_a}}}) == EINVAL);
}

BOOST_AUTO_TEST_CASE(constructor__the_guard_keeps_it_out_of_the_machines_network) {
  const auto open = [&] {
    lab.inside(lab_host::a, [] {
      ::unsetenv(private_namespace_variable);
      udp_link link({loopback, 0});
    });
  };
  BOOST_CHECK_THROW(open(), guard_error);
}

BOOST_AUTO_TEST_CASE(constructor__works_without_any_capability) {
  child_process child = lab.start(lab_host::a, [] {
    if (!drop_capabilities()) return 2;
    udp_link link({loopback, 49152});
    return link.capabilities().host == host_number{0x02007f000001} ? 0 : 3;
  });
  BOOST_TEST((child.wait(patience) == 0));
}

BOOST_AUTO_TEST_CASE(capabilities__near_and_far) {
  const auto life = [](const udp_link& of) { return of.capabilities().packet_life.nanoseconds; };
  BOOST_TEST(life(*a) == (100_ms).nanoseconds);  // speaks to a neighbour only
  BOOST_TEST(life(*b) == (60_s).nanoseconds);    // can be found by anybody
  BOOST_TEST(life(*open_at(lab, lab_host::b, {loopback, 49152})) == (100_ms).nanoseconds);
  BOOST_TEST(life(*open_at(lab, lab_host::b, {0, 0})) == (60_s).nanoseconds);  // knows nobody yet
  BOOST_TEST(life(*open_at(lab, lab_host::b, {address_b, 50000}, {.packet_life = 5_s})) == (5_s).nanoseconds);
  BOOST_TEST(a->capabilities().mtu == 1472u);
  BOOST_TEST(open_at(lab, lab_host::b, {loopback, 0})->capabilities().mtu == 1472u);
  BOOST_TEST(open_at(lab, lab_host::b, {0, 0}, {.mtu = 577})->capabilities().mtu == 576u);
  const private_lab narrow = make_direct_lab(1000);
  BOOST_TEST(open_at(narrow, lab_host::b, at_b)->capabilities().mtu == 972u);
  BOOST_TEST(open_at(narrow, lab_host::b, {0, 0}, {.peers = {{derived_a, at_a}}})->capabilities().mtu == 972u);
}

BOOST_AUTO_TEST_CASE(resolve__a_derived_number_tells_where_to_send_and_is_fixed_then) {
  const auto client = open_at(lab, lab_host::a, {0, 0});
  const host_number host = client->capabilities().host;
  const std::vector<packet> sent{make_packet(host, derived_b, 60)};
  BOOST_TEST(client->transmit({}, sent) == 1u);  // nobody has asked for it
  BOOST_TEST(client->counters().no_peer == 1u);
  BOOST_TEST(lab.inside(lab_host::a, [&] { return client->resolve(derived_b); }));
  BOOST_TEST(client->capabilities().packet_life.nanoseconds == (100_ms).nanoseconds);
  BOOST_TEST(client->transmit({}, sent) == 1u);
  BOOST_TEST(receive_datagrams(*b, 1).size() == 1u);
  BOOST_TEST(!client->resolve(lab_address_b));
  BOOST_TEST(client->resolve(broadcast_host));
}

BOOST_AUTO_TEST_CASE(packets__of_every_length_pass_in_both_directions) {
  expect_lengths_to_pass(*a, *b);
  expect_lengths_to_pass(*b, *a);  // where a is, b has learned
  BOOST_TEST(a->counters().sent == 200u);
  BOOST_TEST(b->received() == 200u);
  BOOST_TEST(b->receive_drops() == 0u);
}

// A peer on a wide network sends more than we may: it comes in fragments, and is whole here.
BOOST_AUTO_TEST_CASE(receive__takes_what_is_longer_than_the_own_way) {
  const private_lab narrow = make_direct_lab(1000);
  const auto receiver = open_at(narrow, lab_host::b, at_b);
  const auto sender = open_at(narrow, lab_host::a, {0, 0}, {.peers = {{derived_b, at_b}}, .mtu = 1472});
  BOOST_TEST(receiver->capabilities().mtu == 972u);
  expect_lengths_to_pass(*sender, *receiver);
}

BOOST_AUTO_TEST_CASE(transmit__broadcasts_reach_each_endpoint_once_amid_other_packets) {
  const auto third = open_at(lab, lab_host::a, {0, 0}, {.peers = {{derived_b, at_b}}});
  const std::vector<packet> hello{make_packet(third->capabilities().host, derived_b, 60)};
  BOOST_TEST(third->transmit({}, hello) == 1u);
  const std::vector<packet> also{make_packet(host_a, derived_b, 60), make_packet(lab_address_a, derived_b, 60)};
  BOOST_TEST(a->transmit({}, also) == 2u);  // two hosts behind one endpoint
  BOOST_TEST(receive_datagrams(*b, 3).size() == 3u);
  std::vector<packet> sent(100, make_packet(derived_b, host_a, 60, 1));
  sent[70] = make_packet(derived_b, broadcast_host, 60, 2);
  BOOST_TEST(b->transmit({}, sent) == 100u);
  const auto arrived = receive_datagrams(*a, 100);
  BOOST_REQUIRE(arrived.size() == 100u);
  for (std::size_t i = 0; i < 100; ++i) BOOST_TEST(arrived[i].contents.data()[30] == (i == 70 ? 2 : 1), i);
  BOOST_TEST(receive_datagrams(*third, 1).size() == 1u);
  BOOST_TEST(b->counters().sent == 101u);
}

BOOST_AUTO_TEST_CASE(receive__refuses_what_is_no_packet_and_learns_nothing_from_it) {
  lab.inside(lab_host::a, [&] {
    const plain_socket hostile(SOCK_DGRAM, 0, {address_a, 6000});
    const host_number anybody{0x020000000077};
    for (const std::size_t size : {0u, 1u, 29u}) hostile.send(at_b, idp_claiming(anybody, derived_b, 30, size));
    hostile.send(at_b, idp_claiming(anybody, derived_b, 29, 60));
    hostile.send(at_b, idp_claiming(anybody, derived_b, 61, 60));
    hostile.send(at_b, idp_claiming(anybody, derived_b, 59, 59));  // the garbage octet is missing
    hostile.send(at_b, idp_claiming(anybody, derived_b, 65535, 1472));
    expect_refused(*b, b->counters().too_short, 7);
    hostile.send(at_b, octets(1473, 0));
    expect_refused(*b, b->counters().too_long, 1);
    for (const host_number source : {broadcast_host, host_number{0x010000000001}, host_number{0}, derived_b})
      hostile.send(at_b, idp_octets(source, derived_b, 60));
    expect_refused(*b, b->counters().wrong_source, 4);
    BOOST_TEST(b->peers().size() == 0u);
    hostile.send(at_b, idp_claiming(anybody, derived_b, 60, 1472));  // more than it says: that is ignored
    const auto arrived = receive_datagrams(*b, 1);
    BOOST_REQUIRE(arrived.size() == 1u);
    BOOST_TEST(arrived[0].contents.size() == 60u);
    BOOST_TEST(b->received() == 1u);
  });
}

BOOST_AUTO_TEST_CASE(receive__a_claim_to_be_somebody_else_gets_nobodys_mail) {
  lab.inside(lab_host::b, [&] {
    const plain_socket hostile(SOCK_DGRAM, 0, {address_b, 6000});
    const ipv4_endpoint client{address_a, a->local().port};
    hostile.send(client, idp_octets(derived_b, host_a, 60));  // a has this peer fixed
    expect_refused(*a, a->counters().lives_elsewhere, 1);
    const std::vector<packet> sent{make_packet(host_a, derived_b, 60)};
    BOOST_TEST(a->transmit({}, sent) == 1u);
    BOOST_TEST(receive_datagrams(*b, 1).size() == 1u);
    hostile.send(at_b, idp_octets(host_a, derived_b, 60));  // b has just heard from it
    expect_refused(*b, b->counters().lives_elsewhere, 1);
    BOOST_TEST((b->peers().find(host_a) == client));
  });
}

BOOST_AUTO_TEST_CASE(receive__a_flood_of_names_finds_a_full_table) {
  const auto small = open_at(lab, lab_host::b, {address_b, 50000}, {.most_peers = 3});
  lab.inside(lab_host::a, [&] {
    const plain_socket hostile(SOCK_DGRAM, 0, {address_a, 6000});
    for (std::uint64_t i = 0; i < 10; ++i)
      hostile.send({address_b, 50000}, idp_octets(host_number{0x020000000100 + i}, derived_b, 60));
  });
  BOOST_TEST(receive_datagrams(*small, 3).size() == 3u);
  expect_refused(*small, small->counters().table_full, 7);
  BOOST_TEST(small->peers().size() == 3u);
}

BOOST_AUTO_TEST_CASE(transmit__what_can_never_leave_is_lost_and_the_rest_goes_on) {
  std::vector<packet> sent{make_packet(host_a, derived_b, 60), make_packet(host_a, lab_address_b, 60),
                           make_packet(host_a, derived_b, 60)};
  sent[0].body = slice::owning(octets(65'500));  // longer than UDP can be
  BOOST_TEST(a->transmit({}, sent) == 3u);
  BOOST_TEST(a->counters().refused == 1u);
  BOOST_TEST(a->counters().no_peer == 1u);
  BOOST_TEST(receive_datagrams(*b, 1).size() == 1u);
}

BOOST_AUTO_TEST_CASE(receive_drops__counts_what_a_full_buffer_lost) {
  const auto small = open_at(lab, lab_host::b, {address_b, 50000}, {.buffer_octets = 4096});
  constexpr std::size_t count = 3000;
  lab.inside(lab_host::a, [&] {
    const plain_socket sender(SOCK_DGRAM, 0, {address_a, 6000});
    for (std::size_t i = 0; i < count; ++i) sender.send({address_b, 50000}, idp_octets(lab_address_a, derived_b, 500));
  });
  std::array<datagram, 64> room;
  std::size_t received = 0;
  while (received + small->receive_drops() < count) {
    if (const std::size_t got = small->receive({}, room); got > 0) received += got;
    else BOOST_REQUIRE(wait_readable(small->descriptor(), patience) || small->receive_drops() + received >= count);
  }
  BOOST_TEST(small->receive_drops() > 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
