// IDP as IPv4 protocol 22: what real IP headers bring, options, fragments and excess included.
#include "rawio/ip_link.hpp"

#include "ipv4_support.hpp"

namespace seqwire {
namespace {

using namespace live;

constexpr int idp_protocol = 22;

std::unique_ptr<ip_link> open_at(const private_lab& lab, lab_host where, const ipv4_link_options& options = {}) {
  const std::uint32_t local = where == lab_host::a ? address_a : address_b;
  return lab.inside(where, [&] { return std::make_unique<ip_link>(local, options); });
}

struct two_hosts {
  private_lab lab = make_direct_lab();
  std::unique_ptr<ip_link> a = open_at(lab, lab_host::a, {.peers = {{derived_b, {address_b, 0}}}});
  std::unique_ptr<ip_link> b = open_at(lab, lab_host::b);
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(ip_link_test, two_hosts)

BOOST_AUTO_TEST_CASE(constructor__takes_its_host_number_from_the_address) {
  BOOST_TEST((a->capabilities().host == derived_a));
  BOOST_TEST(a->capabilities().mtu == 1480u);
  BOOST_TEST(a->capabilities().packet_life.nanoseconds == (60_s).nanoseconds);
  BOOST_TEST(a->name() == "IPv4 10.87.0.1 protocol 22");
}

BOOST_AUTO_TEST_CASE(constructor__one_process_has_the_address) {
  std::string what;
  BOOST_TEST(error_code_of([&] { open_at(lab, lab_host::b); }, what) == EADDRINUSE);
  BOOST_TEST(what.starts_with(fmt::format("IPv4 10.87.0.2 protocol 22 is in use by process {}", ::getpid())), what);
  BOOST_TEST(error_code_of([&] { lab.inside(lab_host::b, [] { ip_link wrong(address_a); }); }, what) == EADDRNOTAVAIL);
}

BOOST_AUTO_TEST_CASE(constructor__without_privilege_names_the_capability) {
  child_process child = lab.start(lab_host::a, [] {
    if (!drop_capabilities()) return 2;
    try {
      ip_link refused(loopback);
    } catch (const privilege_error& error) {
      return std::string(error.what()).find("cap_net_raw") != std::string::npos ? 0 : 3;
    }
    return 4;
  });
  BOOST_TEST((child.wait(patience) == 0));
}

BOOST_AUTO_TEST_CASE(packets__of_every_length_pass_in_both_directions) {
  expect_lengths_to_pass(*a, *b);
  expect_lengths_to_pass(*b, *a);
}

BOOST_AUTO_TEST_CASE(packets__longer_than_the_way_travel_in_fragments) {
  a.reset();
  b.reset();
  a = open_at(lab, lab_host::a, {.peers = {{derived_b, {address_b, 0}}}, .mtu = 8000});
  b = open_at(lab, lab_host::b, {.mtu = 8000});
  expect_lengths_to_pass(*a, *b);
}

BOOST_AUTO_TEST_CASE(resolve__a_number_with_another_port_is_no_address_here) {
  BOOST_TEST(b->resolve(derived_a));
  BOOST_TEST(!b->resolve(derived_host({address_a, 50000}).value()));
}

BOOST_AUTO_TEST_CASE(receive__strips_options_and_ignores_what_follows) {
  lab.inside(lab_host::a, [&] {
    const plain_socket sender(SOCK_RAW, idp_protocol, {address_a, 0});
    sender.send({address_b, 0}, idp_claiming(lab_address_a, derived_b, 59, 200));
    sender.set(IPPROTO_IP, IP_OPTIONS, octets{1, 1, 1, 1, 1, 1, 1, 0});  // seven times nothing, and the end
    sender.send({address_b, 0}, idp_octets(lab_address_a, derived_b, 31, 9));
  });
  const auto arrived = receive_datagrams(*b, 2);
  BOOST_REQUIRE(arrived.size() == 2u);
  BOOST_TEST(arrived[0].contents.size() == 60u);
  BOOST_TEST(arrived[1].contents.size() == 32u);
  BOOST_TEST(arrived[1].contents.data()[idp_layout::octets] == 9);
  BOOST_TEST((arrived[1].previous_hop == lab_address_a));
  BOOST_TEST((b->peers().find(lab_address_a) == ipv4_endpoint{address_a, first_derived_port}));
}

BOOST_AUTO_TEST_CASE(receive__refuses_what_is_no_packet) {
  lab.inside(lab_host::a, [&] {
    const plain_socket hostile(SOCK_RAW, idp_protocol, {address_a, 0});
    for (const std::size_t size : {0u, 1u, 29u}) hostile.send({address_b, 0}, idp_claiming({}, derived_b, 30, size));
    hostile.send({address_b, 0}, idp_claiming(lab_address_a, derived_b, 61, 60));
    hostile.send({address_b, 0}, idp_claiming(lab_address_a, derived_b, 0, 60));
    expect_refused(*b, b->counters().too_short, 5);
    // Beyond what fits the MTU, whether the room for IP options would take it or not.
    for (const std::size_t size : {1481u, 1482u, 1540u, 5000u})
      hostile.send({address_b, 0}, idp_claiming(lab_address_a, derived_b, static_cast<std::uint16_t>(size), size + 1));
    expect_refused(*b, b->counters().too_long, 4);
    hostile.send({address_b, 0}, idp_octets(derived_b, derived_b, 60));
    expect_refused(*b, b->counters().wrong_source, 1);
    BOOST_TEST(b->peers().size() == 0u);
    const plain_socket foreign(SOCK_RAW, 23, {address_a, 0});  // another protocol does not even arrive
    foreign.send({address_b, 0}, idp_octets(lab_address_a, derived_b, 60));
    hostile.send({address_b, 0}, idp_octets(lab_address_a, derived_b, 62));
    const auto arrived = receive_datagrams(*b, 1);
    BOOST_REQUIRE(arrived.size() == 1u);
    BOOST_TEST(arrived[0].contents.size() == 62u);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
